#include "src/model/detector_response.hpp"

#include <cmath>
#include <vector>

#include "src/base/error.hpp"

namespace tessera {
namespace {

/// A frequency bin and its weight in a detector pixel.
struct Tap {
  Index bin = 0;
  double weight = 0;
};

/// The bins of detector pixel `pixel` of an axis; bins beyond the window's frequencies see nothing.
std::vector<Tap> taps_of(Index pixel, Index n_pixels, Index n_bins, Index r, bool integrate) {
  const Index centre = (pixel - n_pixels / 2) * r;
  const Index half = integrate ? r / 2 : 0;
  std::vector<Tap> taps;
  for (Index offset = -half; offset <= half; ++offset) {
    const Index bin = centre + offset;
    if (bin < -(n_bins / 2) || bin >= (n_bins + 1) / 2) continue;
    const bool edge = r % 2 == 0 && (offset == -half || offset == half);
    const double weight = !integrate ? static_cast<double>(r) : edge ? 0.5 : 1.0;
    taps.push_back({bin < 0 ? bin + n_bins : bin, weight});
  }
  return taps;
}

void check_axis(Index n_pixels, Index n_bins, Index r, double pixel_A, const char* axis) {
  if (n_pixels * r <= n_bins) return;
  throw InputError(
      ExitCode::run_file,
      fmt::format("pixels of {:.4g} angstrom are too coarse for the detector along {}: "
                  "{} detector pixels need at most {:.4g} angstrom",
                  pixel_A, axis, n_pixels, pixel_A * static_cast<double>(n_bins) / static_cast<double>(n_pixels * r)),
      true);
}

}  // namespace

Index bins_per_pixel(double window_A, double dk_invA, const char* axis) {
  const double ratio = window_A * dk_invA;
  const double whole = std::round(ratio);
  if (whole < 1 || std::abs(ratio - whole) > 1e-3 * whole) {
    throw InputError(ExitCode::run_file,
                     fmt::format("{:.6g} angstrom must be a whole multiple of the detector's "
                                 "window along {}, 1/dk = {:.6g} angstrom (now {:.4f} times)",
                                 window_A, axis, 1 / dk_invA, ratio),
                     true);
  }
  return static_cast<Index>(whole);
}

void check_detector_reach(const DetectorSampling& sampling) {
  check_axis(sampling.ny, sampling.window.ny, sampling.ry, sampling.window.dy_A, "y");
  check_axis(sampling.nx, sampling.window.nx, sampling.rx, sampling.window.dx_A, "x");
}

template <class Real>
void detect(const DetectorSampling& sampling, std::span<const Real> fine, std::span<double> pixels) {
  TESSERA_ASSERT(static_cast<Index>(fine.size()) == sampling.window.count(), fine.size(), sampling.window.count());
  TESSERA_ASSERT(static_cast<Index>(pixels.size()) == sampling.ny * sampling.nx, pixels.size());
  std::vector<std::vector<Tap>> taps_x;
  for (Index x = 0; x < sampling.nx; ++x) {
    taps_x.push_back(taps_of(x, sampling.nx, sampling.window.nx, sampling.rx, sampling.integrate));
  }
  double* out = pixels.data();
  for (Index y = 0; y < sampling.ny; ++y) {
    const auto taps_y = taps_of(y, sampling.ny, sampling.window.ny, sampling.ry, sampling.integrate);
    for (const std::vector<Tap>& row_taps : taps_x) {
      double sum = 0;
      for (const Tap& ty : taps_y) {
        const Real* row = fine.data() + ty.bin * sampling.window.nx;
        for (const Tap& tx : row_taps) sum += ty.weight * tx.weight * static_cast<double>(row[tx.bin]);
      }
      *out++ = sum;
    }
  }
}

template void detect<float>(const DetectorSampling&, std::span<const float>, std::span<double>);
template void detect<double>(const DetectorSampling&, std::span<const double>, std::span<double>);

}  // namespace tessera
