#include "tests/support/small_problem.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "src/model/unknowns/rows.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace {

enum Seed : std::uint64_t {
  jitter = 1,
  mask,
  true_phase,
  true_absorption,
  phase,
  absorption,
  counts,
  probe,
  unknown,
  weights,
  dead
};

template <class Real>
std::vector<Complex<Real>> as_complex(const std::vector<double>& reals) {
  std::vector<Complex<Real>> values;
  for (std::size_t i = 0; i < reals.size(); i += 2)
    values.push_back({static_cast<Real>(reals[i]), static_cast<Real>(reals[i + 1])});
  return values;
}

constexpr double energy_eV = 80e3;

/// Phase and absorption of the voxels of `box` at true or start values, keyed by the voxel in the whole object.
std::pair<std::vector<double>, std::vector<double>> object_values(const ObjectFrame& frame, const Box& box,
                                                                  Index slices, bool truth) {
  std::vector<double> phases, absorptions;
  for (Index s = 0; s < slices; ++s)
    for (Index y = box.y0; y < box.y1; ++y)
      for (Index x = box.x0; x < box.x1; ++x) {
        const Index voxel = (s * frame.ny + y) * frame.nx + x;
        phases.push_back(0.2 * normal(truth ? Seed::true_phase : Seed::phase, voxel));
        absorptions.push_back(0.02 + 0.05 * uniform(truth ? Seed::true_absorption : Seed::absorption, voxel));
      }
  return {phases, absorptions};
}

/// The model of this rank's positions at true values, on the host and over the whole object.
ForwardModel<double> true_model(const SmallProblem& small, const ProblemSetup& setup) {
  ModelSetup model_setup = setup.model;
  model_setup.shape.device = DeviceKind::host;
  model_setup.shape.batch = 1;
  ForwardModel<double> model(model_setup, setup.placements, setup.frame.box());
  Instrument instrument = model.neutral();
  instrument.probe = tessera::as_reals(probe_of(small, true));
  model.prepare(instrument);
  const auto [phases, absorptions] = object_values(setup.frame, setup.frame.box(), small.states * small.slices, true);
  const View3<Complex<double>> t = model.transmission();
  for (std::size_t i = 0; i < phases.size(); ++i)
    t.data[i] = {std::exp(-absorptions[i]) * std::cos(phases[i]), std::exp(-absorptions[i]) * std::sin(phases[i])};
  return model;
}

}  // namespace

void set_detector(SmallProblem& small, Index ny, Index nx, Index bin) {
  small.detector.rows = detector_axis(small.window.ny, ny, bin);
  small.detector.columns = detector_axis(small.window.nx, nx, bin);
  small.detector.live.clear();
  for (Index i = 0; bin > 1 && i < small.window.count(); ++i)
    small.detector.live.push_back(uniform(Seed::dead, i) < 0.1 ? 0.0 : 1.0);
}

std::vector<PointYX> scan_of(const SmallProblem& small) {
  std::vector<PointYX> points;
  const double middle_row = static_cast<double>(small.rows - 1) / 2;
  const double middle_column = static_cast<double>(small.columns - 1) / 2;
  for (Index i = 0; i < small.rows * small.columns; ++i) {
    const Index y = i / small.columns, x = i % small.columns;
    const double row = static_cast<double>(y), column = static_cast<double>(x);
    if (small.rows > 4 && std::hypot(row - middle_row, column - middle_column) < 1.2) continue;  // the hole
    if (small.l_shaped && row > middle_row - 1 && column > middle_column - 1) continue;
    points.push_back({small.step_A * (row + 0.6 * uniform(Seed::jitter, 2 * i)),
                      small.step_A * (column + 0.6 * uniform(Seed::jitter, 2 * i + 1))});
  }
  return points;
}

Propagation propagation_of(const SmallProblem& small) {
  return {.wavelength_A = electron_wavelength_A(energy_eV),
          .band_limit = small.band_limit,
          .transmission = small.transmission};
}

std::vector<double> gaps_of(const SmallProblem& small) {
  std::vector<double> gaps;
  for (Index s = 0; s + 1 < small.slices; ++s) gaps.push_back(5.0 + 2.5 * static_cast<double>(s));
  return gaps;
}

ComplexImage probe_of(const SmallProblem& small, bool truth) {
  const std::vector<Aberration> terms{{.n = 1, .m = 0, .magnitude_A = truth ? 25.0 : 40.0, .azimuth_rad = 0}};
  const ComplexImage first = make_probe(small.window, electron_wavelength_A(energy_eV), 0.022, terms);
  ComplexImage waves = make_modes(first, small.window, static_cast<int>(small.modes));
  scale_to(waves, small.electrons);
  const double noise = truth ? 0 : 0.1 * std::sqrt(small.electrons / static_cast<double>(small.window.count()));
  for (std::size_t i = 0; i < waves.size(); ++i) {
    const Complex<double> added = complex_normal<double>(Seed::probe, static_cast<Index>(i));
    waves[i] += noise * std::complex<double>(added.re, added.im);
  }
  return waves;
}

UnknownSettings usual_settings(const std::string& name) {
  const UnknownRow& row = unknown_row(name);
  UnknownSettings settings;
  for (const UnknownKey& key : row.keys)
    if (key.default_text != "null") settings.numbers[key.name] = std::stod(key.default_text) * key.factor;
  if (name == "aberrations") settings.names = {"C10", "C12", "C21", "C56"};
  if (name == "probe_relaxation") settings.numbers["rank"] = 2;
  return settings;
}

namespace {

DetectorSetup detector_of(const SmallProblem& small) {
  DetectorSetup setup = small.detector;
  if (small.virtual_sets > 0)
    setup.virtual_detectors = virtual_sets(small.virtual_sets, small.window.count(), small.signed_weights);
  return setup;
}

}  // namespace

Index detector_pixels(const SmallProblem& small) {
  const Detector<double> detector({.window = small.window}, detector_of(small));
  return detector.ny() * detector.nx();
}

std::vector<double> mask_of(const SmallProblem& small) {
  std::vector<double> valid;
  for (Index i = 0; i < detector_pixels(small); ++i) valid.push_back(uniform(Seed::mask, i) < 0.06 ? 0.0 : 1.0);
  return valid;
}

ProblemSetup setup_of(const SmallProblem& small, const Comm& comm) {
  const auto [frame, all] = enclose(scan_of(small), small.window, 2);
  ProblemSetup setup{.model = {.shape = {.device = small.device,
                                         .window = small.window,
                                         .modes = small.modes,
                                         .states = small.states,
                                         .slices = small.slices,
                                         .batch = small.batch,
                                         .kept_every = small.kept_every},
                               .propagation = propagation_of(small),
                               .gaps_A = gaps_of(small),
                               .detector = detector_of(small),
                               .psf_px = small.psf_px,
                               .lanes = small.lanes},
                     .frame = frame,
                     .tiling = make_tiling(all, frame, small.window, comm.size(), 1),
                     .placements = {},
                     .ids = {},
                     .representation = small.representation,
                     .constants = {.absorption_ratio = 0.15, .interaction_rad_per_VA = 0.01},
                     .positive = {},
                     .loss = small.loss,
                     .held_out = small.held_out,
                     .regularisers = small.regularisers,
                     .unknowns = {},
                     .profile = small.profile,
                     .halo = small.halo};
  for (const Index position : setup.tiling.positions_of(comm.rank(), all, small.window)) {
    setup.placements.push_back(all[position]);
    setup.ids.push_back(position);
    if (small.virtual_sets > 1) setup.model.detector.set_of.push_back(position % small.virtual_sets);
    setup.lines.push_back(position / small.columns);
  }
  setup.line_count = (static_cast<Index>(all.size()) + small.columns - 1) / small.columns;
  for (const std::string& name : small.unknowns) {
    UnknownChoice& choice = setup.unknowns.emplace_back(UnknownChoice{&unknown_row(name), usual_settings(name)});
    for (const auto& [key, number] : small.numbers) choice.settings.numbers[key] = number;
  }
  return setup;
}

namespace {

/// The data of this rank's positions before they are rounded.
std::vector<double> data_of(const SmallProblem& small, const Comm& comm) {
  const ProblemSetup setup = setup_of(small, comm);
  const std::vector<Placement> all = enclose(scan_of(small), small.window, 2).placements;
  const std::vector<Index> mine = setup.tiling.positions_of(comm.rank(), all, small.window);
  const std::vector<double> valid = mask_of(small);
  const ForwardModel<double> model = true_model(small, setup);
  auto space = model.make_space();
  std::vector<double> values;
  for (std::size_t p = 0; p < mine.size(); ++p) {
    const View3<double> mu = model.expected(space, static_cast<Index>(p), 1);
    for (Index i = 0; i < mu.count(); ++i) {
      const double noise = normal(Seed::counts, mine[p] * mu.count() + i);
      values.push_back((mu.data[i] + std::sqrt(std::abs(mu.data[i])) * noise) * valid[i]);
    }
  }
  return values;
}

template <class Stored>
std::vector<std::byte> bytes_of_values(const std::vector<Stored>& values) {
  std::vector<std::byte> stored(values.size() * sizeof(Stored));
  std::memcpy(stored.data(), values.data(), stored.size());
  return stored;
}

template <class Real>
Problem<Real> stored_problem(const SmallProblem& small, const Comm& comm, const std::vector<std::byte>& stored) {
  const ProblemSetup setup = setup_of(small, comm);
  const Box owned = setup.tiling.owned[comm.rank()];
  const auto [phases, absorptions] = object_values(setup.frame, owned, small.states * small.slices, false);
  const Detector<double> detector(setup.model.shape, setup.model.detector);
  Problem<Real> problem(
      comm, setup,
      {.ny = detector.ny(),
       .nx = detector.nx(),
       .patterns = make_array(small.patterns_apart ? staging_for(small.device) : small.device, stored),
       .type = small.signed_weights ? PixelType::float32 : PixelType::uint16,
       .electrons_per_count = 1,
       .valid = mask_of(small)},
      probe_of(small, false));
  problem.object().set_phase_absorption(phases, absorptions);
  return problem;
}

}  // namespace

std::vector<std::uint16_t> counts_of(const SmallProblem& small, const Comm& comm) {
  std::vector<std::uint16_t> counts;
  for (const double value : data_of(small, comm))
    counts.push_back(static_cast<std::uint16_t>(std::max(0.0, std::round(value))));
  return counts;
}

template <class Real>
Problem<Real> make_problem(const SmallProblem& small, const Comm& comm) {
  if (!small.signed_weights) return problem_of<Real>(small, comm, counts_of(small, comm));
  const std::vector<double> values = data_of(small, comm);
  return stored_problem<Real>(small, comm, bytes_of_values(std::vector<float>(values.begin(), values.end())));
}

template <class Real>
Problem<Real> problem_of(const SmallProblem& small, const Comm& comm, const std::vector<std::uint16_t>& counts) {
  return stored_problem<Real>(small, comm, bytes_of_values(counts));
}

template <class Real>
std::vector<Complex<Real>> probe_values(Problem<Real>& problem) {
  return as_complex<Real>(problem.parameter("probe")->value);
}

template std::vector<Complex<float>> probe_values(Problem<float>&);
template std::vector<Complex<double>> probe_values(Problem<double>&);
template Problem<float> problem_of(const SmallProblem&, const Comm&, const std::vector<std::uint16_t>&);
template Problem<double> problem_of(const SmallProblem&, const Comm&, const std::vector<std::uint16_t>&);
template Problem<float> make_problem(const SmallProblem&, const Comm&);
template Problem<double> make_problem(const SmallProblem&, const Comm&);

}  // namespace tessera::testing
