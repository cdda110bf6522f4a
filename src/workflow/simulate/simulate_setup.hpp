#pragma once

#include <array>
#include <vector>

#include "src/geometry/scan.hpp"
#include "src/model/detector_response.hpp"
#include "src/model/probe.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/simulate/simulate_errors.hpp"

namespace tessera {

/// What `tessera simulate` computes, decided from the options alone: the same on every rank.
struct SimulationSetup {
  double wavelength_A = 0;
  double electrons = 1;  ///< in the full beam of one pattern
  bool noisy = false;
  std::vector<PointYX> nominal_A;    ///< [position] as they are stored, row by row
  std::vector<PointYX> positions_A;  ///< [position] where the beam is
  SimulatedErrors errors;
  DetectorSampling sampling;  ///< simulation window and detector
  Grid reconstruction;        ///< the grid that the detector implies: pixel 1/(N dk)
};

/// `options` have passed the checks of the option table. `object_pixel_A` is (y, x) of a given object, or (0, 0) for
/// atoms: then the window's pixel is at most simulate.potential_pixel_A and its length good for FFTs. Throws the same
/// InputError on every rank.
SimulationSetup make_setup(const RunOptions& options, const PointYX& object_pixel_A);

/// About the most electrons that any pixel will count: of a beam whose bright-field disc covers several pixels, at most
/// half go into one; what is wrong with the dose and the background come on top.
double largest_count(const RunOptions& options, const SimulationSetup& setup);

/// The probe of the simulated beam on the grid that the detector implies, [mode, y, x], centre at pixel floor(N/2),
/// with the electrons of the setup.
ComplexImage true_probe(const RunOptions& options, const SimulationSetup& setup);

/// start + i step + jitter uniform in +-jitter [A] that depends on (seed, index) alone.
std::vector<PointYX> scan_positions(const SimulateOptions& simulate, const std::array<double, 2>& step_A);

}  // namespace tessera
