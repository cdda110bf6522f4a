#include "src/workflow/calibrate/tilted_images.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/base/constants.hpp"

namespace tessera {

namespace {

using Wave = std::complex<float>;

/// Without the care for infinities that std::complex's own product takes.
Wave times(const Wave& a, const Wave& b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// Each image over its mean and over the beam's current, which no displacement would fit: that of each position is told
/// by all of its electrons, as the specimen only sends them elsewhere.
std::vector<std::vector<double>> contrasts(const TiltedImages& tilted) {
  const std::size_t n = tilted.electrons.size();
  std::vector<std::vector<double>> contrast;
  for (const auto& image : tilted.images) {
    auto& values = contrast.emplace_back(n);
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) {
      values[i] = tilted.electrons[i] > 0 ? image[i] / tilted.electrons[i] : 0;
      mean += values[i] / static_cast<double>(n);
    }
    for (double& value : values) value = mean > 0 ? value / mean - 1 : 0;
  }
  return contrast;
}

/// The spectra of all images, of the frequencies with kx >= 0 but zero, where they say something.
class Spectra {
 public:
  explicit Spectra(const TiltedImages& tilted) : rows_(tilted.rows), columns_(tilted.columns), place_(tilted.place) {
    const FftPlan<double> plan(DeviceKind::host, rows_, columns_, 1, FftEffort::once);
    Array<Complex<double>> image(DeviceKind::host, rows_ * columns_);
    const std::vector<std::vector<double>> contrast = contrasts(tilted);
    for (Index y = 0; y < rows_; ++y)
      for (Index x = 0; x <= columns_ / 2; ++x)
        if (y != 0 || x != 0) frequencies_.push_back({y, x});
    for (const auto& values : contrast) {
      for (Index y = 0; y < rows_; ++y)
        for (Index x = 0; x < columns_; ++x)
          image.data()[y * columns_ + x] = {values[y * columns_ + x] * taper(y, rows_) * taper(x, columns_), 0};
      plan.forward(image.data(), 1);
      auto& spectrum = values_.emplace_back();
      for (const auto& [y, x] : frequencies_) {
        const Complex<double>& v = image.data()[y * columns_ + x];
        spectrum.emplace_back(static_cast<float>(v.re), static_cast<float>(v.im));
      }
    }
    weigh();
  }

  std::size_t cells() const { return values_.size(); }
  std::size_t size() const { return frequencies_.size(); }

  /// Agreement when image k is displaced back by shift place_k, by the cells that `left_out` leaves in, over the first
  /// `most` frequencies, the strongest: the weighted sum of |sum of images|^2/(sum of |images|^2) - 1, which images
  /// that have nothing in common leave at 0 +- 1, in units of its standard deviation.
  double agreement(const Matrix2& shift_steps, std::size_t most, std::size_t left_out = 4) const {
    std::vector<Wave> sum(most, Wave{0, 0});
    std::vector<float> squares(most, 0.0F);
    std::vector<Wave> ey(static_cast<std::size_t>(rows_)), ex(static_cast<std::size_t>(columns_ / 2 + 1));
    for (std::size_t k = 0; k < cells(); ++k) {
      if (k % 4 == left_out) continue;
      const PointYX d = mapped(shift_steps, place_[k]);
      fill(ey, d.y, rows_);
      fill(ex, d.x, columns_);
      const Wave* values = values_[k].data();
      for (std::size_t f = 0; f < most; ++f) {
        const Wave& a = ey[static_cast<std::size_t>(frequencies_[f].y)];
        const Wave& b = ex[static_cast<std::size_t>(frequencies_[f].x)];
        sum[f] += times(values[f], times(a, b));
        squares[f] += std::norm(values[f]);
      }
    }
    double all = 0, variance = 0;
    for (std::size_t f = 0; f < most; ++f) {
      const double w = weight_[f];
      if (squares[f] > 0) all += w * (std::norm(sum[f]) / squares[f] - 1);
      variance += w * w;
    }
    return variance > 0 ? all / std::sqrt(variance) : 0;
  }

 private:
  struct Frequency {
    Index y, x;
  };

  static double taper(Index i, Index n) {
    return 0.5 - 0.5 * std::cos(2 * pi * (static_cast<double>(i) + 0.5) / static_cast<double>(n));
  }

  /// exp(-2 pi i k d/n) for each frequency k, in FFT order: the image at p + d has the factor's inverse.
  static void fill(std::vector<Wave>& turns, double d, Index n) {
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const auto k = static_cast<Index>(i) <= n / 2 ? static_cast<Index>(i) : static_cast<Index>(i) - n;
      const double angle = -2 * pi * static_cast<double>(k) * d / static_cast<double>(n);
      turns[i] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
    }
  }

  /// Noise is white: what a frequency has above the level that a quarter of them stay below is signal. The strongest
  /// come first.
  void weigh() {
    std::vector<double> power(size(), 0.0);
    for (const auto& spectrum : values_)
      for (std::size_t f = 0; f < size(); ++f) power[f] += std::norm(spectrum[f]);
    std::vector<double> sorted = power;
    std::ranges::sort(sorted);
    const double floor = sorted[sorted.size() / 4];
    std::vector<std::size_t> order(size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return power[a] > power[b]; });
    const std::vector<Frequency> frequencies = frequencies_;
    for (std::size_t f = 0; f < size(); ++f) {
      frequencies_[f] = frequencies[order[f]];
      const double p = power[order[f]];
      weight_.push_back(p > 0 ? static_cast<float>(std::max(0.0, 1 - floor / p)) : 0.0F);
    }
    for (auto& spectrum : values_) {
      const std::vector<Wave> values = spectrum;
      for (std::size_t f = 0; f < size(); ++f) spectrum[f] = values[order[f]];
    }
  }

  Index rows_, columns_;
  std::vector<PointYX> place_;
  std::vector<Frequency> frequencies_;     ///< [f]
  std::vector<std::vector<Wave>> values_;  ///< [cell][f]
  std::vector<float> weight_;              ///< [f]
};

struct Peak {
  Matrix2 shift_steps;
  double agreement;
};

double largest(const Matrix2& m) { return std::sqrt((m[0] * m[0] + m[1] * m[1] + m[2] * m[2] + m[3] * m[3]) / 2); }

double apart(const Matrix2& a, const Matrix2& b) {
  return largest({a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]});
}

/// All displacements that are a turn and a length, the best first.
std::vector<Peak> search(const Spectra& spectra, const Matrix2& step, double most_steps) {
  constexpr double resolution = 0.5;
  constexpr std::size_t most_frequencies = 1500;
  const Matrix2 to_steps = inverse(step);
  const double length_A = std::sqrt(std::abs(determinant(step)));
  const std::size_t frequencies = std::min(spectra.size(), most_frequencies);
  std::vector<Peak> peaks;
  for (double radius = resolution; radius <= most_steps; radius += resolution) {
    const auto turns = static_cast<int>(std::ceil(2 * pi * radius / resolution));
    for (const bool mirrored : {false, true})
      for (int i = 0; i < turns; ++i) {
        Matrix2 shift = product(to_steps, turn(2 * pi * i / turns, mirrored));
        for (double& element : shift) element *= radius * length_A;
        peaks.push_back({shift, spectra.agreement(shift, frequencies)});
      }
  }
  std::ranges::sort(peaks, std::greater{}, &Peak::agreement);
  return peaks;
}

/// Uphill in all four elements, by ever smaller steps: each alone, and the pairs that stretch, turn and shear.
Peak climb(const Spectra& spectra, Peak peak, std::size_t left_out, double first) {
  constexpr double last = 0.004;
  constexpr std::array<Matrix2, 8> directions{{{1, 0, 0, 0},
                                               {0, 1, 0, 0},
                                               {0, 0, 1, 0},
                                               {0, 0, 0, 1},
                                               {1, 0, 0, 1},
                                               {1, 0, 0, -1},
                                               {0, 1, 1, 0},
                                               {0, 1, -1, 0}}};
  for (double h = first; h > last; h /= 2) {
    for (bool moved = true; moved;) {
      moved = false;
      for (const Matrix2& direction : directions)
        for (const double sign : {-1.0, 1.0}) {
          Matrix2 next = peak.shift_steps;
          for (std::size_t i = 0; i < 4; ++i) next[i] += sign * h * direction[i];
          const double agreement = spectra.agreement(next, spectra.size(), left_out);
          if (agreement <= peak.agreement) continue;
          peak = {next, agreement};
          moved = true;
        }
    }
  }
  return peak;
}

}  // namespace

bool TiltFinding::sure() const {
  double squares = 0;
  for (const double e : error) squares += e * e;
  return significance > 8 && rival < 0.8 && largest_steps > 0.7 && std::sqrt(squares / 2) < 0.2 * largest(shift);
}

std::optional<TiltFinding> find_by_tilt(const TiltedImages& images, const Matrix2& step) {
  if (std::min(images.rows, images.columns) < 8 || images.images.size() < 8) return std::nullopt;
  constexpr std::size_t tried = 6;
  const Spectra spectra(images);
  const double most = std::min(24.0, static_cast<double>(std::min(images.rows, images.columns)) / 4);
  const std::vector<Peak> all = search(spectra, step, most);
  std::vector<Peak> peaks;
  for (const Peak& peak : all) {
    if (peaks.size() == tried) break;
    const bool known =
        std::ranges::any_of(peaks, [&](const Peak& p) { return apart(p.shift_steps, peak.shift_steps) < 1.5; });
    if (!known) peaks.push_back(peak);
  }
  for (Peak& peak : peaks) peak = climb(spectra, {peak.shift_steps, -1e30}, 4, 0.25);
  std::ranges::sort(peaks, std::greater{}, &Peak::agreement);
  const Peak& best = peaks.front();
  TiltFinding found{.shift = product(step, best.shift_steps), .error = {}, .significance = best.agreement};
  for (const Peak& peak : peaks)
    if (apart(peak.shift_steps, best.shift_steps) > 1 && best.agreement > 0)
      found.rival = std::max(found.rival, peak.agreement / best.agreement);
  found.largest_steps = largest(best.shift_steps);
  std::array<Matrix2, 4> without{};
  for (std::size_t part = 0; part < 4; ++part)
    without[part] = product(step, climb(spectra, {best.shift_steps, -1e30}, part, 0.25).shift_steps);
  for (std::size_t i = 0; i < 4; ++i) {
    double mean = 0, squares = 0;
    for (const Matrix2& m : without) mean += m[i] / 4;
    for (const Matrix2& m : without) squares += (m[i] - mean) * (m[i] - mean);
    found.error[i] = std::sqrt(0.75 * squares);
  }
  return found;
}

std::vector<double> tilt_corrected(const TiltedImages& images, const Matrix2& step, const Matrix2& shift) {
  const Index rows = images.rows, columns = images.columns;
  const Matrix2 in_steps = product(inverse(step), shift);
  std::vector<double> sum(static_cast<std::size_t>(rows * columns), 0.0);
  const std::vector<std::vector<double>> contrast = contrasts(images);
  for (std::size_t k = 0; k < contrast.size(); ++k) {
    const PointYX d = mapped(in_steps, images.place[k]);
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c) {
        // I_k(p) = F(p + d): F(p) is I_k at p - d; beyond the border the image's edge goes on.
        const double y = std::clamp(static_cast<double>(r) - d.y, 0.0, static_cast<double>(rows - 1));
        const double x = std::clamp(static_cast<double>(c) - d.x, 0.0, static_cast<double>(columns - 1));
        const auto y0 = std::min(static_cast<Index>(y), rows - 2), x0 = std::min(static_cast<Index>(x), columns - 2);
        const double fy = y - static_cast<double>(y0), fx = x - static_cast<double>(x0);
        const double* at = contrast[k].data() + y0 * columns + x0;
        sum[r * columns + c] +=
            ((1 - fy) * ((1 - fx) * at[0] + fx * at[1]) + fy * ((1 - fx) * at[columns] + fx * at[columns + 1])) /
            static_cast<double>(contrast.size());
      }
  }
  return sum;
}

}  // namespace tessera
