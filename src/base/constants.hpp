#pragma once

#include <cmath>

namespace tessera {

inline constexpr double pi = 3.14159265358979323846;

namespace constants {  // CODATA 2018

inline constexpr double planck_Js = 6.62607015e-34;
inline constexpr double electron_mass_kg = 9.1093837015e-31;
inline constexpr double elementary_charge_C = 1.602176634e-19;
inline constexpr double speed_of_light_m_per_s = 299792458.0;
/// h^2 / (2 pi m_e e): turns electron scattering factors [A] into projected potentials [V A^3].
inline constexpr double scattering_to_potential_VA2 = 47.877647306;

}  // namespace constants

/// Relativistic electron wavelength lambda = h c / sqrt(E (2 m c^2 + E)) [A] for a kinetic energy [eV].
inline double electron_wavelength_A(double energy_eV) {
  using namespace constants;
  const double energy_J = energy_eV * elementary_charge_C;
  const double rest_J = electron_mass_kg * speed_of_light_m_per_s * speed_of_light_m_per_s;
  return planck_Js * speed_of_light_m_per_s / std::sqrt(energy_J * (2 * rest_J + energy_J)) * 1e10;
}

/// Interaction constant sigma = 2 pi gamma m e lambda / h^2 [rad/(V A)] for a kinetic energy [eV].
inline double interaction_rad_per_VA(double energy_eV) {
  using namespace constants;
  const double rest_J = electron_mass_kg * speed_of_light_m_per_s * speed_of_light_m_per_s;
  const double gamma = 1 + energy_eV * elementary_charge_C / rest_J;
  const double wavelength_m = electron_wavelength_A(energy_eV) * 1e-10;
  return 2 * pi * gamma * electron_mass_kg * elementary_charge_C * wavelength_m / (planck_Js * planck_Js) * 1e-10;
}

}  // namespace tessera
