#pragma once

namespace tessera::units {

inline constexpr double rad_per_mrad = 1e-3;
inline constexpr double eV_per_keV = 1e3;
inline constexpr double rad_per_degree = 3.14159265358979323846 / 180;
inline constexpr double bytes_per_MiB = 1024.0 * 1024.0;
inline constexpr double A_per_nm = 10;

}  // namespace tessera::units
