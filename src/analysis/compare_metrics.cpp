#include "src/analysis/compare_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/base/constants.hpp"
#include "src/base/error.hpp"

namespace tessera {
namespace {

constexpr double taper_fraction = 0.15;

Grid grid_of(const Image& image) { return {image.frame.ny, image.frame.nx, image.frame.dy_A, image.frame.dx_A}; }

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// A Tukey window: 1 inside, a cosine to 0 over `taper_fraction` of the length at each end.
double taper(Index i, Index n) {
  const double to_edge =
      (static_cast<double>(std::min(i, n - 1 - i)) + 0.5) / (taper_fraction * static_cast<double>(n));
  return to_edge >= 1 ? 1.0 : 0.5 * (1 - std::cos(pi * to_edge));
}

/// The spectrum of the image without its mean, tapered; the image is given up.
HalfSpectrum tapered_spectrum(Image image, double cutoff_invA) {
  const Grid grid = grid_of(image);
  const double offset = mean(image.values);
  return {grid, cutoff_invA, [&](Index y, std::span<double> row) {
            for (Index x = 0; x < grid.nx; ++x)
              row[static_cast<std::size_t>(x)] = (image.values[static_cast<std::size_t>(y * grid.nx + x)] - offset) *
                                                 taper(y, grid.ny) * taper(x, grid.nx);
          }};
}

/// Sums over one ring of frequencies.
struct Ring {
  double cross = 0;
  double power_a = 0;
  double power_b = 0;
  double samples = 0;
  double frc() const { return power_a > 0 && power_b > 0 ? cross / std::sqrt(power_a * power_b) : 0.0; }
  double threshold() const {
    const double root = std::sqrt(samples);
    return (0.2071 + 1.9102 / root) / (1.2071 + 0.9102 / root);
  }
};

std::vector<Ring> ring_sums(const HalfSpectrum& a, const HalfSpectrum& b, double step_invA, double cutoff_invA) {
  std::vector<Ring> rings(static_cast<std::size_t>(cutoff_invA / step_invA) + 1);
  for (Index i = 0; i < a.count(); ++i) {
    const auto [k_invA, weight] = a.bin(i);
    const auto r = static_cast<std::size_t>(std::lround(k_invA / step_invA));
    if (k_invA > cutoff_invA || r >= rings.size()) continue;
    const Complex<double> za = a.value(i), zb = b.value(i);
    rings[r].cross += weight * (za * conj(zb)).re;
    rings[r].power_a += weight * norm(za);
    rings[r].power_b += weight * norm(zb);
    rings[r].samples += weight;
  }
  return rings;
}

}  // namespace

ObjectFrame crop(const ObjectFrame& frame, const Box& box) {
  ObjectFrame part = frame;
  part.origin_A.y += static_cast<double>(box.y0) * frame.dy_A;
  part.origin_A.x += static_cast<double>(box.x0) * frame.dx_A;
  part.ny = box.height();
  part.nx = box.width();
  return part;
}

Image crop(const Image& image, const Box& box) {
  TESSERA_ASSERT(contains(image.frame.box(), box), box.y0, box.x0, box.y1, box.x1, image.frame.ny, image.frame.nx);
  Image part{crop(image.frame, box), {}};
  part.values.reserve(static_cast<std::size_t>(box.count()));
  for (Index y = box.y0; y < box.y1; ++y) {
    const auto row = image.values.begin() + y * image.frame.nx;
    part.values.insert(part.values.end(), row + box.x0, row + box.x1);
  }
  return part;
}

double bounded_place(double at_px) {
  constexpr double farthest = 1e12;
  return at_px > -farthest ? std::min(at_px, farthest) : -farthest;
}

Index whole_pixel(double at_px) { return static_cast<Index>(bounded_place(at_px)); }

Box pixels_within(const ObjectFrame& frame, const PointYX& low_A, const PointYX& high_A) {
  constexpr double slack = 1e-6;  // a point on a pixel's centre stays on it in floating point
  const auto first = [&](double at_A, double origin_A, double pixel_A) {
    return whole_pixel(std::ceil((at_A - origin_A) / pixel_A - slack));
  };
  const auto past = [&](double at_A, double origin_A, double pixel_A) {
    return whole_pixel(std::floor((at_A - origin_A) / pixel_A + slack)) + 1;
  };
  return {first(low_A.y, frame.origin_A.y, frame.dy_A), first(low_A.x, frame.origin_A.x, frame.dx_A),
          past(high_A.y, frame.origin_A.y, frame.dy_A), past(high_A.x, frame.origin_A.x, frame.dx_A)};
}

Box scanned_box(const std::vector<PointYX>& positions_A, const ObjectFrame& frame, double edge_A) {
  TESSERA_ASSERT(!positions_A.empty());
  PointYX low = positions_A.front(), high = low;
  for (const PointYX& p : positions_A) {
    low = {std::min(low.y, p.y), std::min(low.x, p.x)};
    high = {std::max(high.y, p.y), std::max(high.x, p.x)};
  }
  const Box box = intersect(frame.box(),
                            pixels_within(frame, {low.y + edge_A, low.x + edge_A}, {high.y - edge_A, high.x - edge_A}));
  if (box.height() >= 8 && box.width() >= 8) return box;
  throw InputError(ExitCode::data_wrong,
                   fmt::format("the scanned field less {} angstrom at each edge holds {} x {} pixels of the result; a "
                               "comparison needs at least 8 x 8",
                               edge_A, box.height(), box.width()));
}

void remove_plane(Image& image) {
  const ObjectFrame& f = image.frame;
  const double cy = static_cast<double>(f.ny - 1) / 2, cx = static_cast<double>(f.nx - 1) / 2;
  double offset = 0, slope_y = 0, slope_x = 0, norm_y = 0, norm_x = 0;
  for (Index y = 0, i = 0; y < f.ny; ++y) {
    for (Index x = 0; x < f.nx; ++x, ++i) {
      const double value = image.values[static_cast<std::size_t>(i)];
      const double ry = static_cast<double>(y) - cy, rx = static_cast<double>(x) - cx;
      offset += value;
      slope_y += ry * value;
      slope_x += rx * value;
      norm_y += ry * ry;
      norm_x += rx * rx;
    }
  }
  offset /= static_cast<double>(image.values.size());
  slope_y = norm_y > 0 ? slope_y / norm_y : 0;
  slope_x = norm_x > 0 ? slope_x / norm_x : 0;
  for (Index y = 0, i = 0; y < f.ny; ++y) {
    for (Index x = 0; x < f.nx; ++x, ++i) {
      image.values[static_cast<std::size_t>(i)] -=
          offset + slope_y * (static_cast<double>(y) - cy) + slope_x * (static_cast<double>(x) - cx);
    }
  }
}

Image low_pass(const ObjectFrame& frame, const RowSource& rows, double cutoff_invA, const Box& part) {
  TESSERA_ASSERT(contains(frame.box(), part), part.y0, part.x0, part.y1, part.x1, frame.ny, frame.nx);
  HalfSpectrum spectrum({frame.ny, frame.nx, frame.dy_A, frame.dx_A}, cutoff_invA, rows);
  spectrum.low_pass(cutoff_invA);
  Image out{crop(frame, part), {}};
  out.values.reserve(static_cast<std::size_t>(part.count()));
  std::vector<double> row(static_cast<std::size_t>(frame.nx));
  for (Index y = part.y0; y < part.y1; ++y) {
    spectrum.row(y, row);
    out.values.insert(out.values.end(), row.begin() + part.x0, row.begin() + part.x1);
  }
  return out;
}

double correlation(const Image& a, const Image& b) {
  TESSERA_ASSERT(a.values.size() == b.values.size(), a.values.size(), b.values.size());
  const double mean_a = mean(a.values), mean_b = mean(b.values);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const double da = a.values[i] - mean_a, db = b.values[i] - mean_b;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0.0;
}

double normalised_error(const Image& a, const Image& b) {
  TESSERA_ASSERT(a.values.size() == b.values.size(), a.values.size(), b.values.size());
  const double mean_b = mean(b.values);
  double difference = 0, reference = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    difference += (a.values[i] - b.values[i]) * (a.values[i] - b.values[i]);
    reference += (b.values[i] - mean_b) * (b.values[i] - mean_b);
  }
  return std::sqrt(difference / reference);
}

std::vector<RingCorrelation> ring_correlation(Image a, Image b, double cutoff_invA) {
  TESSERA_ASSERT(a.frame.ny == b.frame.ny && a.frame.nx == b.frame.nx, a.frame.ny, b.frame.ny, a.frame.nx, b.frame.nx);
  const double step_invA = std::max(1 / (static_cast<double>(a.frame.ny) * a.frame.dy_A),
                                    1 / (static_cast<double>(a.frame.nx) * a.frame.dx_A));
  const HalfSpectrum hat_a = tapered_spectrum(std::move(a), cutoff_invA);
  const HalfSpectrum hat_b = tapered_spectrum(std::move(b), cutoff_invA);
  std::vector<RingCorrelation> curve;
  for (const Ring& ring : ring_sums(hat_a, hat_b, step_invA, cutoff_invA))
    curve.push_back({static_cast<double>(curve.size()) * step_invA, ring.frc(), ring.threshold()});
  return curve;
}

double half_bit_A(const std::vector<RingCorrelation>& rings, double cutoff_invA) {
  double above = 1;  // correlation minus threshold in the ring before; at zero frequency by definition above
  for (std::size_t r = 1; r < rings.size(); ++r) {
    const double excess = rings[r].correlation - rings[r].half_bit;
    const double step_invA = rings[r].k_invA / static_cast<double>(r);
    if (excess < 0) return 1 / (step_invA * (static_cast<double>(r) - excess / (excess - above)));
    above = excess;
  }
  return 1 / cutoff_invA;
}

std::optional<double> finest_half_bit_A(const std::vector<RingCorrelation>& rings) {
  const auto above = [&](std::size_t r) { return rings[r].correlation >= rings[r].half_bit; };
  for (std::size_t r = rings.size(); r-- > 2;)
    if (above(r) && above(r - 1)) return 1 / rings[r].k_invA;
  return std::nullopt;
}

double position_rms_A(const std::vector<PointYX>& a, const std::vector<PointYX>& b) {
  TESSERA_ASSERT(a.size() == b.size() && !a.empty(), a.size(), b.size());
  const auto n = static_cast<double>(a.size());
  PointYX shift;
  for (std::size_t i = 0; i < a.size(); ++i) {
    shift.y += (a[i].y - b[i].y) / n;
    shift.x += (a[i].x - b[i].x) / n;
  }
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double dy = a[i].y - b[i].y - shift.y, dx = a[i].x - b[i].x - shift.x;
    sum += dy * dy + dx * dx;
  }
  return std::sqrt(sum / n);
}

}  // namespace tessera
