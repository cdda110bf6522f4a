#include "src/workflow/simulate_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

#include "kernels/fft.hpp"
#include "src/model/forward_model.hpp"
#include "src/model/potential.hpp"
#include "src/model/probe.hpp"

namespace tessera {
namespace {

Propagation propagation_of(const RunOptions& options, double wavelength_A) {
  return {.wavelength_A = wavelength_A,
          .kind = options.propagation.kind,
          .band_limit = options.propagation.band_limit,
          .taper = options.propagation.taper,
          .transmission = TransmissionLimit::patch};
}

template <class Real>
std::vector<Complex<Real>> simulation_probe(const RunOptions& options, const SimulationSetup& setup) {
  const Grid& window = setup.sampling.window;
  ComplexImage probe = make_modes(make_probe(window, setup.wavelength_A, *options.beam.semiangle_rad,
                                             aberrations_from(options.beam.aberrations)),
                                  window, options.beam.modes);
  scale_to(probe, setup.electrons);
  std::vector<Complex<Real>> values;
  values.reserve(probe.size());
  for (const auto& z : probe) values.push_back({static_cast<Real>(z.real()), static_cast<Real>(z.imag())});
  return values;
}

template <class Real>
class ModelSource : public PatternSource {
 public:
  ModelSource(const RunOptions& options, const SimulationSetup& setup, const Specimen& specimen, const FrameBox& where,
              std::span<const Placement> placements)
      : sampling_(setup.sampling),
        model_(shape_of(options, setup, specimen), propagation_of(options, setup.wavelength_A), specimen.gaps_A(),
               placements, where.box) {
    const std::vector<Complex<Real>> probe = simulation_probe<Real>(options, setup);
    model_.set_probe({probe.data(), options.beam.modes, sampling_.window.ny, sampling_.window.nx});
    specimen.slices(where, [this](Index slice, const SliceValues& values) { fill(slice, values); });
  }

  void expected(Index i, std::span<double> electrons) override {
    const View3<Real> fine = model_.intensities(i, 1);
    detect<Real>(sampling_, {fine.data, static_cast<std::size_t>(fine.count())}, electrons);
  }

 private:
  static ModelShape shape_of(const RunOptions& options, const SimulationSetup& setup, const Specimen& specimen) {
    return {.device = DeviceKind::host,
            .window = setup.sampling.window,
            .modes = options.beam.modes,
            .slices = static_cast<Index>(specimen.gaps_A().size()) + 1,
            .batch = 1};
  }

  void fill(Index slice, const SliceValues& values) {
    const View3<Complex<Real>> tile = model_.transmission().part(slice, 1);
    for (std::size_t i = 0; i < values.phase_rad.size(); ++i) {
      const double amplitude = values.absorption.empty() ? 1.0 : std::exp(-values.absorption[i]);
      const std::complex<double> t = std::polar(amplitude, values.phase_rad[i]);
      tile.data[i] = {static_cast<Real>(t.real()), static_cast<Real>(t.imag())};
    }
  }

  DetectorSampling sampling_;
  ForwardModel<Real> model_;
};

template <class Real>
void share(const Comm& comm) {
  std::string wisdom = comm.is_root() ? fft_wisdom<Real>() : std::string();
  comm.broadcast(wisdom);
  use_fft_wisdom<Real>(wisdom);
}

}  // namespace

std::unique_ptr<PatternSource> make_pattern_source(const RunOptions& options, const SimulationSetup& setup,
                                                   const Specimen& specimen, const FrameBox& where,
                                                   std::span<const Placement> placements) {
  if (options.run.precision == Precision::double_) {
    return std::make_unique<ModelSource<double>>(options, setup, specimen, where, placements);
  }
  return std::make_unique<ModelSource<float>>(options, setup, specimen, where, placements);
}

void share_fft_plans(const Comm& comm, const SimulationSetup& setup, Precision precision) {
  if (comm.is_root()) {
    for (const Grid& grid : {setup.sampling.window, setup.reconstruction}) {
      const ObjectFrame frame{{}, grid.ny, grid.nx, grid.dy_A, grid.dx_A};
      const PotentialProjector projector(frame, atom_half_width_A);
      const FftPlan<double> plan(DeviceKind::host, grid.ny, grid.nx, 1);
      if (precision == Precision::single) const FftPlan<float> single(DeviceKind::host, grid.ny, grid.nx, 1);
    }
  }
  share<double>(comm);
  share<float>(comm);
}

}  // namespace tessera
