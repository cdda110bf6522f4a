#include "src/workflow/calibrate/deflection.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/base/constants.hpp"

namespace tessera {

namespace {

constexpr Index parts_a_side = 4;
constexpr std::size_t parts = parts_a_side * parts_a_side;

/// Least squares plane a + b row + c column of one component, subtracted. The raster is whole, so that its axes are
/// orthogonal once they are about their means.
void remove_plane(Deflections& d, double PointYX::*component) {
  double mean = 0, by = 0, bx = 0, yy = 0, xx = 0;
  const double cy = static_cast<double>(d.rows - 1) / 2, cx = static_cast<double>(d.columns - 1) / 2;
  const auto each = [&](const auto& use) {
    for (Index r = 0; r < d.rows; ++r)
      for (Index c = 0; c < d.columns; ++c)
        use(static_cast<double>(r) - cy, static_cast<double>(c) - cx, d.values[r * d.columns + c].*component);
  };
  each([&](double y, double x, double& v) {
    mean += v / static_cast<double>(d.rows * d.columns);
    by += y * v;
    bx += x * v;
    yy += y * y;
    xx += x * x;
  });
  each([&](double y, double x, double& v) { v -= mean + by / yy * y + bx / xx * x; });
}

Deflections without_plane(Deflections d) {
  remove_plane(d, &PointYX::y);
  remove_plane(d, &PointYX::x);
  return d;
}

/// A Gaussian of `sigma` steps along both axes; at the border the weights that are left are made to sum to one.
Deflections smoothed(const Deflections& d, double sigma) {
  if (sigma == 0) return d;
  const auto reach = static_cast<Index>(std::ceil(3 * sigma));
  std::vector<double> weight;
  for (Index i = 0; i <= reach; ++i) weight.push_back(std::exp(-std::pow(static_cast<double>(i) / sigma, 2) / 2));
  Deflections out = d;
  for (const bool along_y : {false, true}) {
    const std::vector<PointYX> in = out.values;
    for (Index r = 0; r < d.rows; ++r)
      for (Index c = 0; c < d.columns; ++c) {
        PointYX sum;
        double weights = 0;
        for (Index k = -reach; k <= reach; ++k) {
          const Index y = along_y ? r + k : r, x = along_y ? c : c + k;
          if (y < 0 || x < 0 || y >= d.rows || x >= d.columns) continue;
          const double w = weight[static_cast<std::size_t>(std::abs(k))];
          sum = {sum.y + w * in[y * d.columns + x].y, sum.x + w * in[y * d.columns + x].x};
          weights += w;
        }
        out.values[r * d.columns + c] = {sum.y / weights, sum.x / weights};
      }
  }
  return out;
}

/// Curl and minus divergence of (c_y, +-c_x), before any turn: after a turn by a, the curl is cos a u + sin a v.
struct Local {
  double u, v;
  std::size_t part;
};

std::vector<Local> local_derivatives(const Deflections& d, const Matrix2& step, bool mirrored) {
  const Matrix2 back = inverse(step);
  const double sign = mirrored ? -1 : 1;
  std::vector<Local> all;
  for (Index r = 1; r + 1 < d.rows; ++r)
    for (Index c = 1; c + 1 < d.columns; ++c) {
      const PointYX &up = d.values[(r - 1) * d.columns + c], &down = d.values[(r + 1) * d.columns + c];
      const PointYX &left = d.values[r * d.columns + c - 1], &right = d.values[r * d.columns + c + 1];
      const Matrix2 by_index{(down.y - up.y) / 2, (right.y - left.y) / 2, sign * (down.x - up.x) / 2,
                             sign * (right.x - left.x) / 2};
      const Matrix2 j = product(by_index, back);  // [dc_y/dy, dc_y/dx; dc_x/dy, dc_x/dx]
      const Index part = r * parts_a_side / d.rows * parts_a_side + c * parts_a_side / d.columns;
      all.push_back({j[2] - j[1], -(j[0] + j[3]), static_cast<std::size_t>(part)});
    }
  return all;
}

/// Second moments of curl and divergence.
struct Moments {
  double uu = 0, uv = 0, vv = 0;
  void add(const Moments& m, double sign = 1) {
    uu += sign * m.uu;
    uv += sign * m.uv;
    vv += sign * m.vv;
  }
  double anisotropy() const {
    const double all = (uu + vv) / 2;
    return all > 0 ? std::hypot((uu - vv) / 2, uv) / all : 0;
  }
  /// Where the curl is least.
  double turn_rad() const { return (std::atan2(uv, (uu - vv) / 2) + pi) / 2; }
};

struct Hand {
  Moments whole;
  std::array<Moments, parts> of_part;
  std::vector<Local> local;
};

Hand measure(const Deflections& d, const Matrix2& step, bool mirrored) {
  Hand hand{.whole = {}, .of_part = {}, .local = local_derivatives(d, step, mirrored)};
  for (const Local& l : hand.local) hand.of_part[l.part].add({l.u * l.u, l.u * l.v, l.v * l.v});
  for (const Moments& m : hand.of_part) hand.whole.add(m);
  return hand;
}

/// The standard deviation of a value that is made anew with each part left out.
template <class Value>
double jackknife(const Value& without) {
  double sum = 0, squares = 0;
  for (std::size_t p = 0; p < parts; ++p) {
    const double v = without(p);
    sum += v;
    squares += v * v;
  }
  const double n = static_cast<double>(parts);
  return std::sqrt(std::max(0.0, (n - 1) / n * (squares - sum * sum / n)));
}

Moments without_part(const Hand& hand, std::size_t part) {
  Moments m = hand.whole;
  m.add(hand.of_part[part], -1);
  return m;
}

double half_turn_apart(double a, double b) { return std::remainder(a - b, pi); }

/// Skewness of -div after the turn, and its error.
std::pair<double, double> skewness(const Hand& hand, double turn_rad) {
  std::array<double, parts> second{}, third{};
  for (const Local& l : hand.local) {
    const double bright = std::cos(turn_rad) * l.v - std::sin(turn_rad) * l.u;
    second[l.part] += bright * bright;
    third[l.part] += bright * bright * bright;
  }
  double s2 = 0, s3 = 0;
  for (std::size_t p = 0; p < parts; ++p) {
    s2 += second[p];
    s3 += third[p];
  }
  const double n = static_cast<double>(hand.local.size());
  const auto skew = [&](double two, double three, double count) {
    return two > 0 ? three / count / std::pow(two / count, 1.5) : 0.0;
  };
  const double error = jackknife(
      [&](std::size_t p) { return skew(s2 - second[p], s3 - third[p], n * (1 - 1.0 / static_cast<double>(parts))); });
  return {skew(s2, s3, n), error};
}

DeflectionFinding finding(const Hand& hand, const Hand& other, bool mirrored) {
  DeflectionFinding found{.mirrored = mirrored, .turn_rad = hand.whole.turn_rad()};
  found.turn_error_rad =
      jackknife([&](std::size_t p) { return half_turn_apart(without_part(hand, p).turn_rad(), found.turn_rad); });
  const double gap_error = jackknife(
      [&](std::size_t p) { return without_part(hand, p).anisotropy() - without_part(other, p).anisotropy(); });
  found.gap = (hand.whole.anisotropy() - other.whole.anisotropy()) / std::max(gap_error, 1e-6);
  const auto [skew, error] = skewness(hand, found.turn_rad);
  found.skewness = skew;
  found.skewness_in_errors = skew / std::max(error, 1e-9);
  if (found.skewness < 0) {  // the other of the two turns
    found.turn_rad += found.turn_rad > 0 ? -pi : pi;
    found.skewness = -found.skewness;
    found.skewness_in_errors = -found.skewness_in_errors;
  }
  return found;
}

}  // namespace

std::optional<DeflectionFinding> find_by_deflection(const Deflections& deflections, const Matrix2& step) {
  if (deflections.rows < 8 || deflections.columns < 8) return std::nullopt;
  const Deflections flat = without_plane(deflections);
  std::optional<DeflectionFinding> best;
  for (const double sigma : {0.0, 1.0, 2.0, 4.0}) {
    if (sigma > static_cast<double>(std::min(flat.rows, flat.columns)) / 8) break;
    const Deflections smooth = smoothed(flat, sigma);
    const Hand plain = measure(smooth, step, false), mirrored = measure(smooth, step, true);
    const bool is_mirrored = mirrored.whole.anisotropy() > plain.whole.anisotropy();
    const DeflectionFinding found = is_mirrored ? finding(mirrored, plain, true) : finding(plain, mirrored, false);
    const bool better = !best || (found.gap > 3 && best->gap <= 3) ||
                        ((found.gap > 3 || best->gap <= 3) && found.turn_error_rad < best->turn_error_rad);
    if (better) best = found;
  }
  return best;
}

std::vector<double> integrated_phase(const Deflections& deflections, const Matrix2& to_scan, const Matrix2& step) {
  const Deflections flat = without_plane(deflections);
  const Index rows = flat.rows, columns = flat.columns, ny = 2 * rows, nx = 2 * columns;
  Array<Complex<double>> along_y(DeviceKind::host, ny * nx), along_x(DeviceKind::host, ny * nx);
  for (Index r = 0; r < ny; ++r)
    for (Index c = 0; c < nx; ++c) {
      const bool below = r >= rows, right = c >= columns;
      const Index y = below ? ny - 1 - r : r, x = right ? nx - 1 - c : c;
      const PointYX slope = mapped(to_scan, flat.values[y * columns + x]);
      // By rows and columns: B^T of the gradient.
      const double dy = 2 * pi * (step[0] * slope.y + step[2] * slope.x);
      const double dx = 2 * pi * (step[1] * slope.y + step[3] * slope.x);
      along_y.data()[r * nx + c] = {below ? -dy : dy, 0};
      along_x.data()[r * nx + c] = {right ? -dx : dx, 0};
    }
  const FftPlan<double> plan(DeviceKind::host, ny, nx, 1, FftEffort::once);
  plan.forward(along_y.data(), 1);
  plan.forward(along_x.data(), 1);
  const auto frequency = [](Index k, Index n) {
    return 2 * pi * static_cast<double>(k < (n + 1) / 2 ? k : k - n) / static_cast<double>(n);
  };
  for (Index r = 0; r < ny; ++r)
    for (Index c = 0; c < nx; ++c) {
      const double ky = frequency(r, ny), kx = frequency(c, nx), k2 = ky * ky + kx * kx;
      Complex<double>& y = along_y.data()[r * nx + c];
      const Complex<double>& x = along_x.data()[r * nx + c];
      // phase = -i (k . slope) / k^2
      const Complex<double> dot{ky * y.re + kx * x.re, ky * y.im + kx * x.im};
      y = k2 > 0 ? Complex<double>{dot.im / k2, -dot.re / k2} : Complex<double>{0, 0};
    }
  plan.inverse(along_y.data(), 1);
  std::vector<double> phase;
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < columns; ++c) phase.push_back(along_y.data()[r * nx + c].re / static_cast<double>(ny * nx));
  return phase;
}

}  // namespace tessera
