#include "src/workflow/options/calibration.hpp"

#include "src/base/constants.hpp"
#include "src/base/error.hpp"

namespace tessera {

double beam_wavelength_A(const BeamOptions& beam) {
  if (beam.wavelength_A) return *beam.wavelength_A;
  if (!beam.energy_eV)
    throw InputError(ExitCode::run_file, "beam.energy_keV is missing: the energy of the electrons", true);
  return electron_wavelength_A(*beam.energy_eV);
}

std::array<double, 2> detector_step_invA(const RunOptions& options, double wavelength_A) {
  const DetectorOptions& detector = options.detector;
  if (detector.pixel_invA) return *detector.pixel_invA;
  if (detector.pixel_rad) return {(*detector.pixel_rad)[0] / wavelength_A, (*detector.pixel_rad)[1] / wavelength_A};
  if (detector.bright_field_radius_px && options.beam.semiangle_rad) {
    const double step = *options.beam.semiangle_rad / wavelength_A / *detector.bright_field_radius_px;
    return {step, step};
  }
  throw InputError(
      ExitCode::run_file,
      "detector.pixel_mrad is missing: give it, detector.pixel_invA, or detector.bright_field_radius_px with "
      "beam.semiangle_mrad",
      true);
}

}  // namespace tessera
