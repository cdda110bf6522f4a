#pragma once

#include <memory>
#include <span>
#include <vector>

#include "src/model/aberrations.hpp"
#include "src/workflow/run_options.hpp"
#include "src/workflow/simulate_setup.hpp"
#include "src/workflow/simulate_specimen.hpp"

namespace tessera {

/// Makes the expected patterns of one rank's positions, one at a time.
class PatternSource {
 public:
  PatternSource() = default;
  PatternSource(const PatternSource&) = delete;
  PatternSource& operator=(const PatternSource&) = delete;
  virtual ~PatternSource() = default;
  /// Electrons of this rank's position number `i` on the detector, [ky, kx], zero frequency at (ny/2, nx/2).
  virtual void expected(Index i, std::span<double> electrons) = 0;
};

/// In single or double precision, as run.precision says; the transmission is band-limited in each window. `where` is
/// the rank's work box, which holds the windows of `placements`.
std::unique_ptr<PatternSource> make_pattern_source(const RunOptions& options, const SimulationSetup& setup,
                                                   const Specimen& specimen, const FrameBox& where,
                                                   std::span<const Placement> placements);

/// Rank 0 plans every FFT of a simulation and the others take over its plans, so that all round alike (collective).
void share_fft_plans(const Comm& comm, const SimulationSetup& setup, Precision precision);

}  // namespace tessera
