#include "src/workflow/input/probe_fit.hpp"

#include <algorithm>

#include "src/base/units.hpp"
#include "src/workflow/input/initial_values.hpp"

namespace tessera {
namespace {

constexpr double largest_share = 0.1;

/// What takes a computed probe out of its window.
std::string cause(const BeamOptions& beam, const Grid& window, double wavelength_A) {
  BeamOptions sharp = beam;
  sharp.aberrations.clear();
  const double mrad = beam.semiangle_rad.value() / units::rad_per_mrad;
  if (!computed_fits(sharp, window, wavelength_A))
    return fmt::format(
        "an aperture of {:.4g} mrad alone makes it some {:.3g} A wide at a wavelength of {:.4g} A: check "
        "beam.semiangle_mrad, beam.energy_keV and the detector's pixel, or use finer detector pixels",
        mrad, 1.22 * wavelength_A / *beam.semiangle_rad, wavelength_A);
  if (!computed_fits(beam, window, wavelength_A)) {
    std::string names;
    for (const auto& [name, value] : beam.aberrations)
      if (name.front() == 'C' && value != 0)
        names += fmt::format("{}{} {:.4g}", names.empty() ? "" : ", ", name, value);
    return fmt::format("without aberrations it would: check beam.aberrations ({}), or use finer detector pixels",
                       names);
  }
  if (beam.source_size_A > 0 || beam.focal_spread_A > 0)
    return fmt::format("a coherent one would: check beam.source_size_A = {} and beam.focal_spread_A = {}",
                       beam.source_size_A, beam.focal_spread_A);
  return fmt::format(
      "one mode would, but each of the beam.modes = {} is wider than the one before: use fewer, or finer "
      "detector pixels",
      beam.modes);
}

}  // namespace

void check_modes(const BeamOptions& beam, const Grid& window) {
  constexpr Index pixels_a_mode = 16;
  const Index most = std::max<Index>(1, window.count() / pixels_a_mode);
  if (beam.modes <= most) return;
  throw InputError(ExitCode::run_file,
                   fmt::format("beam.modes is {}; windows of {} x {} pixels tell at most {} apart", beam.modes,
                               window.ny, window.nx, most),
                   true);
}

void check_angles(const Grid& window, double wavelength_A) {
  const double sine = wavelength_A * 0.5 / std::min(window.dy_A, window.dx_A);
  if (sine < 1) return;
  throw InputError(
      ExitCode::run_file,
      fmt::format("the detector's edge would lie beyond a right angle: {} x {} pixels reach {:.4g} 1/A, and the "
                  "wavelength is {:.4g} A; check detector.pixel_mrad (or detector.pixel_invA, or "
                  "detector.bright_field_radius_px) and beam.energy_keV",
                  window.ny, window.nx, sine / wavelength_A, wavelength_A),
      true);
}

void check_band(const BeamOptions& beam, const Grid& window, double wavelength_A, double band_limit) {
  if (!beam.semiangle_rad || band_limit >= 1) return;
  const double band_rad = band_limit * 0.5 / std::max(window.dy_A, window.dx_A) * wavelength_A;
  if (*beam.semiangle_rad <= band_rad) return;
  throw InputError(ExitCode::run_file,
                   fmt::format("propagation.band_limit {:.4g} lets waves up to {:.4g} mrad through, but "
                               "beam.semiangle_mrad is {:.4g}; it must be at least {:.3g}",
                               band_limit, band_rad / units::rad_per_mrad, *beam.semiangle_rad / units::rad_per_mrad,
                               band_limit * *beam.semiangle_rad / band_rad),
                   true);
}

void check_fits(const ComplexImage& probe, const BeamOptions& beam, const Grid& window, double wavelength_A) {
  const double share = power_at_rim(probe, window);
  if (share <= largest_share) return;
  throw InputError(
      ExitCode::run_file,
      fmt::format("the probe does not fit its window of {:.4g} x {:.4g} A: {:.0f} % of it lies in the outer "
                  "tenth; {}",
                  static_cast<double>(window.ny) * window.dy_A, static_cast<double>(window.nx) * window.dx_A,
                  100 * share,
                  beam.initial ? "check beam.initial and its centre (pixel N/2)" : cause(beam, window, wavelength_A)),
      true);
}

bool computed_fits(const BeamOptions& beam, const Grid& window, double wavelength_A) {
  return power_at_rim(computed_probe(beam, window, wavelength_A), window) <= largest_share;
}

}  // namespace tessera
