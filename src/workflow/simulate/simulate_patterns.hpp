#pragma once

#include <span>

#include "src/model/forward_model.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/simulate/simulate_setup.hpp"
#include "src/workflow/simulate/simulate_specimen.hpp"

namespace tessera {

/// Makes the expected patterns of one rank's positions, one at a time; the transmission is band-limited in each window.
/// Always in double precision, whatever run.precision says: then rounding, which differs between FFT plans, does not
/// change counts, and the file is the same on any number of ranks.
class PatternMaker {
 public:
  /// `probe` is [mode, y, x] on the simulation's window; `where` is the rank's work box, which holds the windows of
  /// `placements`, those of the scan's positions `ids`.
  PatternMaker(const RunOptions& options, const SimulationSetup& setup, const Specimen& specimen,
               const ComplexImage& probe, const FrameBox& where, std::span<const Placement> placements,
               std::span<const Index> ids);

  /// Electrons of this rank's position number `i` on the detector, [ky, kx], zero frequency at (ny/2, nx/2).
  void expected(Index i, std::span<double> electrons);

 private:
  void fill(Index slice, const SliceValues& values);

  DetectorSampling sampling_;
  double background_e_;
  ForwardModel<double> model_;
  ForwardModel<double>::Space space_;
};

/// Makes every FFT plan of a simulation that is worth keeping and drops it: FFTW remembers.
void make_simulation_plans(const RunOptions& options, const SimulationSetup& setup);

}  // namespace tessera
