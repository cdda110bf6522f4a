#include "src/workflow/simulate/simulate_patterns.hpp"

#include <cmath>
#include <complex>
#include <string>

#include "kernels/fft.hpp"
#include "src/model/potential.hpp"
#include "src/model/probe.hpp"

namespace tessera {
namespace {

Propagation propagation_of(const RunOptions& options, double wavelength_A) {
  return {.wavelength_A = wavelength_A,
          .kind = options.propagation.kind,
          .band_limit = options.propagation.band_limit.value_or(2.0 / 3),  // of finer pixels than the detector's
          .taper = options.propagation.taper,
          .transmission = TransmissionLimit::patch};
}

ModelShape shape_of(const RunOptions& options, const SimulationSetup& setup, const Specimen& specimen) {
  return {.device = DeviceKind::host,
          .window = setup.sampling.window,
          .modes = options.beam.modes,
          .slices = static_cast<Index>(specimen.gaps_A().size()) + 1,
          .batch = 1};
}

}  // namespace

PatternMaker::PatternMaker(const RunOptions& options, const SimulationSetup& setup, const Specimen& specimen,
                           const ComplexImage& probe, const FrameBox& where, std::span<const Placement> placements)
    : sampling_(setup.sampling),
      model_({.shape = shape_of(options, setup, specimen),
              .propagation = propagation_of(options, setup.wavelength_A),
              .gaps_A = specimen.gaps_A(),
              .detector = {}},
             placements, where.box),
      space_(model_.make_space()) {
  Instrument instrument = model_.neutral();
  instrument.probe = as_reals(probe);
  model_.prepare(instrument);
  specimen.slices(where, [this](Index slice, const SliceValues& values) { fill(slice, values); });
}

void PatternMaker::expected(Index i, std::span<double> electrons) {
  const View3<double> fine = model_.expected(space_, i, 1);
  detect<double>(sampling_, {fine.data, static_cast<std::size_t>(fine.count())}, electrons);
}

void PatternMaker::fill(Index slice, const SliceValues& values) {
  const View3<Complex<double>> tile = model_.transmission().part(slice, 1);
  for (std::size_t i = 0; i < values.phase_rad.size(); ++i) {
    const double amplitude = values.absorption.empty() ? 1.0 : std::exp(-values.absorption[i]);
    tile.data[i] = {amplitude * std::cos(values.phase_rad[i]), amplitude * std::sin(values.phase_rad[i])};
  }
}

void make_simulation_plans(const RunOptions& options, const SimulationSetup& setup) {
  for (const Grid& grid : {setup.sampling.window, setup.reconstruction})
    const PotentialProjector projector({{}, grid.ny, grid.nx, grid.dy_A, grid.dx_A}, atom_half_width_A);
  make_fft_plans<double>({.window = setup.sampling.window}, propagation_of(options, setup.wavelength_A));
}

}  // namespace tessera
