#pragma once

#include "src/model/probe.hpp"

namespace tessera {

/// How incoherent a beam is: standard deviations of its source's image on the specimen and of its defocus.
struct PartialCoherence {
  double source_size_A = 0;
  double focal_spread_A = 0;
  bool any() const { return source_size_A > 0 || focal_spread_A > 0; }
};

struct CoherentModes {
  ComplexImage waves;  ///< [mode, y, x], orthogonal, the strongest first; of the power of the wave they come from
  double share = 1;    ///< of the mixture's power that they hold before they are scaled to it
};

/// The `modes` strongest modes (eigenvectors) of the mixture of one wave moved and defocused at random,
///   rho = int g(s) g(d) psi_sd psi_sd^* ds dd,  psi_sd(k) = psi(k) exp(-2 pi i k s - i pi lambda d k^2),
/// g normal: the mixed state of an extended source and a focal spread (Thibault & Menzel, Nature 494 (2013) 68). rho
/// acts by FFTs, the integral over d is a sum, and a few random vectors find the modes (Halko, Martinsson & Tropp, SIAM
/// Rev. 53 (2011) 217, algorithm 4.4): memory and time of modes + 8 waves, on one rank. `first` [y, x].
CoherentModes coherent_modes(const ComplexImage& first, const Grid& window, double wavelength_A,
                             const PartialCoherence& coherence, int modes);

/// The same mixture of modes [mode, y, x] in orthogonal ones, the strongest first: a unitary mix, which no pattern
/// can tell from the given one.
ComplexImage orthogonal_modes(const ComplexImage& modes, const Grid& window);

}  // namespace tessera
