#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tessera {

/// One term of chi: order n, symmetry m, magnitude [A] and azimuth [rad] (Krivanek's C_nm and phi_nm).
struct Aberration {
  int n = 1;
  int m = 0;
  double magnitude_A = 0;
  double azimuth_rad = 0;
};

/// From named values, C10_A, C12_A with phi12, ... (magnitudes [A], angles [rad]); a name is C or phi, n, m.
/// Throws InputError for a name that is none.
std::vector<Aberration> aberrations_from(const std::vector<std::pair<std::string, double>>& named);

/// chi = 2 pi/lambda sum alpha^(n+1)/(n+1) C_nm cos(m (phi - phi_nm)) [rad] at polar angle alpha [rad] and azimuth phi
/// [rad] from +x toward +y (Krivanek et al., Ultramicroscopy 78 (1999) 1). C10 > 0 is overfocus.
double aberration_phase_rad(const std::vector<Aberration>& terms, double wavelength_A, double alpha_rad,
                            double phi_rad);

}  // namespace tessera
