#include "src/model/propagator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/base/constants.hpp"

namespace tessera {

std::vector<double> band_limit_mask(const Grid& window, const Propagation& propagation) {
  if (propagation.band_limit >= 1) return std::vector<double>(static_cast<std::size_t>(window.count()), 1.0);
  const double nyquist = 0.5 / std::max(window.dy_A, window.dx_A);
  const double cut = propagation.band_limit * nyquist, width = propagation.taper * nyquist;
  std::vector<double> mask;
  mask.reserve(static_cast<std::size_t>(window.count()));
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x) {
      const double k = std::hypot(window.ky_invA(y), window.kx_invA(x));
      if (width > 0 && k > cut - width && k < cut)
        mask.push_back((1 + std::cos(pi * (k - cut + width) / width)) / 2);
      else
        mask.push_back(width > 0 ? (k < cut ? 1 : 0) : (k <= cut ? 1 : 0));
    }
  return mask;
}

std::vector<double> propagation_phase_rad_per_A(const Grid& window, const Propagation& propagation) {
  const double lambda = propagation.wavelength_A;
  const bool fresnel = propagation.kind == PropagatorKind::fresnel;
  std::vector<double> tau;
  tau.reserve(static_cast<std::size_t>(window.count()));
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x) {
      const double ky = window.ky_invA(y), kx = window.kx_invA(x), k2 = ky * ky + kx * kx;
      const double along2 = 1 / (lambda * lambda) - k2;
      // sqrt(1/lambda^2 - k^2) - 1/lambda without the cancellation of two large numbers.
      if (fresnel)
        tau.push_back(-pi * lambda * k2);
      else
        tau.push_back(along2 > 0 ? -2 * pi * k2 / (std::sqrt(along2) + 1 / lambda)
                                 : std::numeric_limits<double>::quiet_NaN());
    }
  return tau;
}

std::vector<std::complex<double>> propagator(const Grid& window, const Propagation& propagation, double gap_A,
                                             const std::vector<double>& phase) {
  const std::vector<double> mask = band_limit_mask(window, propagation);
  const std::vector<double> tau = propagation_phase_rad_per_A(window, propagation);
  std::vector<std::complex<double>> table(tau.size());
  for (std::size_t i = 0; i < tau.size(); ++i)
    if (!std::isnan(tau[i])) table[i] = std::polar(mask[i], tau[i] * gap_A + (phase.empty() ? 0 : phase[i]));
  return table;
}

FrequencyBand band_of(const Grid& window, const Propagation& propagation) {
  if (propagation.band_limit >= 1) return {.ny = window.ny, .half = window.ny};
  const double cut_invA = propagation.band_limit * 0.5 / std::max(window.dy_A, window.dx_A);
  const double rows = cut_invA * static_cast<double>(window.ny) * window.dy_A;
  return {.ny = window.ny, .half = static_cast<Index>(std::floor(rows + 1e-9)) + 1};
}

}  // namespace tessera
