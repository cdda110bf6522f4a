#pragma once

#include <complex>
#include <vector>

#include "kernels/frequency_band.hpp"
#include "src/geometry/grid.hpp"

namespace tessera {

enum class PropagatorKind { angular_spectrum, fresnel };
enum class TransmissionLimit { none, patch };

/// How waves travel between slices.
struct Propagation {
  double wavelength_A = 0;
  PropagatorKind kind = PropagatorKind::angular_spectrum;
  double band_limit = 2.0 / 3;  ///< cut-off over the Nyquist frequency of the coarser pixel axis; 1: none
  double taper = 0;             ///< width of the cosine edge below the cut-off, over the same Nyquist frequency
  TransmissionLimit transmission = TransmissionLimit::none;  ///< `patch`: T is band-limited in each window, too
};

/// M(k): 1 everywhere without a band limit; else 1 below it, a cosine edge of width `taper`, 0 above; [y, x] in FFT
/// order.
std::vector<double> band_limit_mask(const Grid& window, const Propagation& propagation);

/// tau(k) [rad/A]: the phase of free space a length, -pi lambda k^2 (Fresnel) or 2 pi (sqrt(1/lambda^2 - k^2) -
/// 1/lambda) (angular spectrum; NaN where the wave is evanescent); [y, x] in FFT order. Kirkland, Advanced Computing in
/// Electron Microscopy (2010), eq. 6.65.
std::vector<double> propagation_phase_rad_per_A(const Grid& window, const Propagation& propagation);

/// H(k) = M(k) exp(i tau(k) gap + i phase(k)), zero where the wave is evanescent; an empty `phase` [y, x] is none.
std::vector<std::complex<double>> propagator(const Grid& window, const Propagation& propagation, double gap_A,
                                             const std::vector<double>& phase = {});

/// The rows of a spectrum that the band limit does not empty.
FrequencyBand band_of(const Grid& window, const Propagation& propagation);

}  // namespace tessera
