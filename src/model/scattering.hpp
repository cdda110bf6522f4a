#pragma once

namespace tessera {

/// Electron scattering factor f_e(k) = sum_i a_i (2 + b_i k^2) / (1 + b_i k^2)^2 [A] of a neutral atom, from k^2
/// [1/A^2]. Source: I. Lobato and D. Van Dyck, Acta Cryst. A70 (2014) 636.
double scattering_factor_A(int Z, double k2_invA2);

}  // namespace tessera
