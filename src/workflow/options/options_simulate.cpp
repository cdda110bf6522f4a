#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {

namespace {

/// How the recording departs from its plan, and where it goes.
std::vector<OptionEntry> recording_entries() {
  return {
      number_entry(
          {"simulate.position_error_A", "A", "0",
           "standard deviation, along each axis, of the stored positions from the true ones (/truth/positions)"},
          limits::position_error_A, [](auto& o) -> auto& { return o.simulate.position_error_A; }),
      number_entry(
          {"simulate.dose_spread", "", "0",
           "standard deviation of the logarithm of the electrons of each pattern (/truth/dose)"},
          limits::dose_spread, [](auto& o) -> auto& { return o.simulate.dose_spread; }),
      number_entry(
          {"simulate.descan_px", "pixels", "0",
           "standard deviation, along each axis, of the shift of each pattern on the detector (/truth/descan)"},
          limits::descan_px, [](auto& o) -> auto& { return o.simulate.descan_px; }),
      number_entry(
          {"simulate.tilt_mrad", "mrad", "[0, 0]", "tilt [y, x] of the specimen against the beam"}, limits::tilt_mrad,
          [](auto& o) -> auto& { return o.simulate.tilt_rad; }, units::rad_per_mrad),
      number_entry(
          {"simulate.background_e", "electrons", "0", "electrons on every detector pixel beside the specimen's"},
          limits::background_e, [](auto& o) -> auto& { return o.simulate.background_e; }),
      number_entry(
          {"simulate.seed", "", "0", "seed of noise, jitter and errors"}, limits::seed,
          [](auto& o) -> auto& { return o.simulate.seed; }),
      text_entry(
          {"simulate.output", "", "null", "HDF5 file that is written"}, "a file",
          [](auto& o) -> auto& { return o.simulate.output; }, OptionEntry::Kind::path),
  };
}

}  // namespace

std::vector<OptionEntry> simulate_entries() {
  std::vector<OptionEntry> entries{
      text_entry(
          {"simulate.atoms", "", "null",
           "specimen as extended XYZ file: element and x, y, z in angstrom, in the coordinates of the scan (whose "
           "pairs "
           "are (y, x)); an orthogonal Lattice; pbc (default T T T) repeats atoms along x and y; the beam enters at "
           "z = 0, slices fill the cell, and atoms outside it along z come back by periods where pbc says so, "
           "otherwise "
           "they are an error"},
          "null or a file", [](auto& o) -> auto& { return o.simulate.atoms; }, OptionEntry::Kind::path),
      dataset_entry(
          {"simulate.object", "", "null", "specimen as phase [rad] or complex transmission, (slice, y, x)"},
          [](auto& o) -> auto& { return o.simulate.object; }),
      number_entry(
          {"simulate.potential_pixel_A", "A", "0.08", "pixel of the potential, finer than the detector's"},
          limits::potential_pixel_A, [](auto& o) -> auto& { return o.simulate.potential_pixel_A; }),
      number_entry(
          {"simulate.slice_thickness_A", "A", "1", "thickness of the slices that the atoms are cut into"},
          limits::slice_thickness_A, [](auto& o) -> auto& { return o.simulate.slice_thickness_A; }),
      number_entry(
          {"simulate.scan.shape", "", "null", "number of positions [y, x]; scan.step_A apart"}, limits::scan_shape,
          [](auto& o) -> auto& { return o.simulate.scan.shape; }),
      number_entry(
          {"simulate.scan.start_A", "A", "[0, 0]", "first position [y, x]"}, limits::start_A,
          [](auto& o) -> auto& { return o.simulate.scan.start_A; }),
      number_entry(
          {"simulate.scan.jitter_A", "A", "0", "largest random displacement along each axis"}, limits::jitter_A,
          [](auto& o) -> auto& { return o.simulate.scan.jitter_A; }),
      number_entry(
          {"simulate.scan.rotation_deg", "degrees", "0",
           "turns the true positions (/truth/positions) about their mean, not the stored ones: reconstruct needs it as "
           "scan.rotation_deg"},
          limits::angle_deg, [](auto& o) -> auto& { return o.simulate.scan.rotation_rad; }, units::rad_per_degree),
      number_entry(
          {"simulate.window_A", "A", "null",
           "side of the probe window; null: the one of the detector's pixel; larger: the detector samples it"},
          limits::window_A, [](auto& o) -> auto& { return o.simulate.window_A; }),
      number_entry(
          {"simulate.detector.shape", "pixels", "null", "detector pixels [y, x]"}, limits::detector_shape,
          [](auto& o) -> auto& { return o.simulate.detector.shape; }),
      choice_entry<DetectorResponse>(
          {"simulate.detector.response", "", "sample", "whether a pixel samples or integrates the intensity"},
          {{"sample", DetectorResponse::sample}, {"integrate", DetectorResponse::integrate}},
          [](auto& o) -> auto& { return o.simulate.detector.response; }),
      number_entry(
          {"simulate.dose_e_per_A2", "electrons/A^2", "null", "dose, with Poisson noise; null: noise-free"},
          limits::dose_e_per_A2, [](auto& o) -> auto& { return o.simulate.dose_e_per_A2; }),
  };
  for (OptionEntry& entry : recording_entries()) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace tessera::detail
