#include "src/workflow/calibrate/parallax.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/base/constants.hpp"

namespace tessera {

namespace {

/// From 0 at the border to 1 an eighth within: a jump from one border to the other would be undone like an image.
double taper(Index i, Index n) {
  const double from_border = static_cast<double>(std::min(i, n - 1 - i)) + 0.5;
  const double part = std::min(1.0, 8 * from_border / static_cast<double>(n));
  return 0.5 - 0.5 * std::cos(pi * part);
}

double cycles(Index k, Index n) { return static_cast<double>(k < (n + 1) / 2 ? k : k - n) / static_cast<double>(n); }

/// Share of a disc of radius 1 that another one covers whose centre is `apart` away.
double shared_area(double apart) {
  if (apart >= 2) return 0;
  return 2 / pi * (std::acos(apart / 2) - apart / 2 * std::sqrt(1 - apart * apart / 4));
}

}  // namespace

std::vector<double> parallax_phase(const std::vector<double>& image, Index rows, Index columns, const Matrix2& step,
                                   const ParallaxOptics& optics) {
  constexpr double wiener = 0.1;
  Array<Complex<double>> values(DeviceKind::host, rows * columns);
  Complex<double>* v = values.data();
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < columns; ++c)
      v[r * columns + c] = {image[r * columns + c] * taper(r, rows) * taper(c, columns), 0};
  const FftPlan<double> plan(DeviceKind::host, rows, columns, 1, FftEffort::once);
  plan.forward(v, 1);
  const Matrix2 to_k = transposed(inverse(step));
  const double aperture_invA = optics.semiangle_rad / optics.wavelength_A;
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < columns; ++c) {
      const PointYX k = mapped(to_k, {cycles(r, rows), cycles(c, columns)});
      const PointYX displaced = mapped(optics.defocus_A, k);
      const double transfer = 2 * std::sin(pi * optics.wavelength_A * (k.y * displaced.y + k.x * displaced.x)) *
                              shared_area(std::hypot(k.y, k.x) / aperture_invA);
      const double undone = transfer / (transfer * transfer + wiener);
      v[r * columns + c] = {undone * v[r * columns + c].re, undone * v[r * columns + c].im};
    }
  plan.inverse(v, 1);
  std::vector<double> phase;
  for (Index i = 0; i < rows * columns; ++i) phase.push_back(v[i].re / static_cast<double>(rows * columns));
  return phase;
}

}  // namespace tessera
