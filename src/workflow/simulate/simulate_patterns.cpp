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
  const Index slices = static_cast<Index>(specimen.gaps_A().size()) + 1;
  return {.device = DeviceKind::host,
          .window = setup.sampling.window,
          .modes = options.beam.modes,
          .slices = slices,
          .batch = 1,
          .kept_every = sparse_spacing(slices)};  // there is no way back
}

/// Point spread on the window's bins: it mixes what the detector sees with what lies beyond its edge.
double psf_bins(const RunOptions& options, const SimulationSetup& setup) {
  return options.detector.psf_px * static_cast<double>(setup.sampling.ry);
}

DetectorSetup blurred(double sigma_bins) {
  DetectorSetup setup;
  setup.psf_radius_px = static_cast<Index>(std::ceil(6 * sigma_bins));
  return setup;
}

/// Adds what is wrong with the positions `ids` and with the whole experiment.
void add_errors(const RunOptions& options, const SimulationSetup& setup, std::span<const Index> ids,
                Instrument& instrument) {
  const SimulatedErrors& errors = setup.errors;
  for (const Index id : ids) {
    if (!errors.log_dose.empty()) instrument.log_amplitude.push_back(errors.log_dose[id] / 2);
    if (errors.descan_px.empty()) continue;
    const double bins_y = static_cast<double>(setup.sampling.ry), bins_x = static_cast<double>(setup.sampling.rx);
    std::vector<double>& slope = instrument.sites.back().slope;
    slope.insert(slope.end(), {bins_y * errors.descan_px[id].y, bins_x * errors.descan_px[id].x});
  }
  const auto [tilt_y, tilt_x] = options.simulate.tilt_rad;
  if (tilt_y != 0 || tilt_x != 0) instrument.tan_tilt = {std::tan(tilt_y), std::tan(tilt_x)};
}

}  // namespace

PatternMaker::PatternMaker(const RunOptions& options, const SimulationSetup& setup, const Specimen& specimen,
                           const ComplexImage& probe, const FrameBox& where, std::span<const Placement> placements,
                           std::span<const Index> ids)
    : sampling_(setup.sampling),
      background_e_(options.simulate.background_e),
      model_({.shape = shape_of(options, setup, specimen),
              .propagation = propagation_of(options, setup.wavelength_A),
              .gaps_A = specimen.gaps_A(),
              .detector = blurred(psf_bins(options, setup)),
              .psf_px = psf_bins(options, setup)},
             placements, where.box),
      space_(model_.make_space()) {
  Instrument instrument = model_.neutral();
  instrument.probe = as_reals(probe);
  add_errors(options, setup, ids, instrument);
  model_.prepare(instrument);
  specimen.slices(where, [this](Index slice, const SliceValues& values) { fill(slice, values); });
}

void PatternMaker::expected(Index i, std::span<double> electrons) {
  const View3<double> fine = model_.expected(space_, i, 1);
  detect<double>(sampling_, {fine.data, static_cast<std::size_t>(fine.count())}, electrons);
  for (double& value : electrons) value += background_e_;
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
