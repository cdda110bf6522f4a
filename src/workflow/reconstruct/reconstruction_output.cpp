#include "src/workflow/reconstruct/reconstruction_output.hpp"

#include <cmath>

#include "io/result_file.hpp"
#include "io/text_file.hpp"
#include "src/base/clock.hpp"
#include "src/model/probe_modes.hpp"
#include "src/workflow/reconstruct/parameter_output.hpp"
#include "src/workflow/reconstruct/parameter_pictures.hpp"
#include "src/workflow/reconstruct/run_pictures.hpp"

namespace tessera {

namespace {

/// Complex numbers, phases and amplitudes as the result file holds them: in the run's precision.
template <class Real>
struct ResultImages {
  std::vector<Complex<Real>> object;  ///< [slice, y, x]
  std::vector<Complex<Real>> states;  ///< [state, slice, y, x] where there are several, of which `object` is the mean
  std::vector<Real> slices;           ///< [slice, y, x] phase [rad]
  std::vector<Real> phase;            ///< [y, x] sum over slices
  std::vector<Real> amplitude;        ///< [y, x] product over slices
};

/// Mean over the states, each as often as its waves' intensity: of the transmission's logarithm where the phase is
/// known, which is a transmission again; of the transmission itself where it is not.
template <class Real>
void average_states(const Problem<Real>& problem, ResultImages<Real>& images, std::vector<Real>& phases) {
  const auto states = static_cast<std::size_t>(problem.shape().states);
  if (states == 1) return;
  const std::vector<double> logs = problem.instrument().state_log_amplitude;
  const bool wrapped = phases.empty();
  const std::size_t voxels = images.object.size() / states;
  std::vector<Complex<double>> mean(voxels, {0, 0});  // of T, or (log amplitude, phase)
  for (std::size_t i = 0; i < images.object.size(); ++i) {
    const std::size_t state = i / voxels;
    const double weight = logs.empty() ? 1 / static_cast<double>(states) : std::exp(2 * logs[state]);
    const Complex<Real> t = images.object[i];
    mean[i % voxels].re += weight * (wrapped ? t.re : std::log(std::hypot(t.re, t.im)));
    mean[i % voxels].im += weight * (wrapped ? t.im : phases[i]);
  }
  images.object.resize(voxels);
  for (std::size_t i = 0; i < voxels; ++i) {
    const double size = std::exp(mean[i].re), angle = mean[i].im;
    images.object[i] = {static_cast<Real>(wrapped ? mean[i].re : size * std::cos(angle)),
                        static_cast<Real>(wrapped ? mean[i].im : size * std::sin(angle))};
    if (!wrapped) phases[i] = static_cast<Real>(angle);
  }
}

template <class Real>
ResultImages<Real> make_images(Problem<Real>& problem) {
  ResultImages<Real> images{
      .object = problem.owned_transmission(), .states = {}, .slices = {}, .phase = {}, .amplitude = {}};
  const auto plane = static_cast<std::size_t>(problem.owned().count());
  if (problem.shape().states > 1) images.states = images.object;
  images.phase.assign(plane, 0);
  images.amplitude.assign(plane, 1);
  const bool wrapped = problem.setup().representation == Representation::complex_transmission;
  std::vector<Real> phases;
  if (!wrapped) {
    phases = problem.object().values();
    phases.resize(images.object.size());
    const auto rate = static_cast<Real>(problem.object().phase_rate());
    for (Real& phase : phases) phase *= rate;
  }
  average_states(problem, images, phases);
  images.slices.resize(images.object.size());
  for (std::size_t i = 0; i < images.object.size(); ++i) {
    const Complex<Real> t = images.object[i];
    images.slices[i] = wrapped ? std::atan2(t.im, t.re) : phases[i];
    images.phase[i % plane] += images.slices[i];
    images.amplitude[i % plane] *= std::hypot(t.re, t.im);
  }
  return images;
}

std::vector<Axis> image_axes(const ObjectFrame& frame, Index slices) {
  std::vector<Axis> axes{{"y", "angstrom", frame.origin_A.y, frame.dy_A, frame.ny},
                         {"x", "angstrom", frame.origin_A.x, frame.dx_A, frame.nx}};
  if (slices > 0) axes.insert(axes.begin(), Axis{"slice", "", 0, 1, slices});
  return axes;
}

std::vector<LocalBlock> owned_block(const Box& owned, Index slices, const void* data) {
  if (owned.empty()) return {};
  LocalBlock block{{owned.y0, owned.x0}, {owned.height(), owned.width()}, data};
  if (slices > 0) {
    block.start.insert(block.start.begin(), 0);
    block.count.insert(block.count.begin(), slices);
  }
  return {block};
}

/// What root holds whole.
std::vector<LocalBlock> root_block(const Comm& comm, const std::vector<Index>& shape, const void* data) {
  if (!comm.is_root()) return {};
  return {{std::vector<Index>(shape.size(), 0), shape, data}};
}

OutputHeader make_header(const Experiment& experiment, const RunFigures& figures, const OutputPlace& place) {
  const bool timeless = place.facts->reproducible;
  const std::string end_time = timeless ? no_time : utc_now();
  return {.title = "ptychographic reconstruction",
          .start_time = timeless ? no_time : place.facts->start_time,
          .end_time = end_time,
          .metadata = {{"wavelength_A", experiment.wavelength_A},
                       {"pixel_size_y_A", experiment.frame.dy_A},
                       {"pixel_size_x_A", experiment.frame.dx_A},
                       {"electrons_per_pattern", figures.mean_electrons},
                       {"r_factor", figures.quality.residual / figures.quality.root}},
          .computation = computation_of(*place.facts, end_time, now_s() - figures.begun_s),
          .sample = place.facts->sample,
          .config_yaml = place.stored_yaml,
          .provenance_json = prov_json(*place.facts, end_time)};
}

template <class Real>
constexpr bool is_single = sizeof(Real) == sizeof(float);

/// Values after each iteration, held by root.
OutputArray curve(const Comm& comm, const char* name, const char* meaning, const std::vector<double>& values) {
  const auto iterates = static_cast<Index>(values.size());
  return {name, StoredType::f64, {{"iteration", "", 0, 1, iterates}},
          "",   meaning,         root_block(comm, {iterates}, values.data()),
          {}};
}

template <class Real>
OutputArray state_transmission(const ResultImages<Real>& images, const ObjectFrame& frame, const Box& owned,
                               const ModelShape& shape, const NumericAttributes& where) {
  std::vector<Axis> axes = image_axes(frame, shape.slices);
  axes.insert(axes.begin(), Axis{"state", "", 0, 1, shape.states});
  std::vector<LocalBlock> block = owned_block(owned, shape.slices, images.states.data());
  for (LocalBlock& part : block) {
    part.start.insert(part.start.begin(), 0);
    part.count.insert(part.count.begin(), shape.states);
  }
  return {"state_transmission",
          is_single<Real> ? StoredType::complex64 : StoredType::complex128,
          axes,
          "",
          "complex transmission of each state and slice",
          std::move(block),
          where};
}

/// The arrays that show the object, as long as `images` lives.
template <class Real>
std::vector<OutputArray> object_arrays(const ResultImages<Real>& images, const ObjectFrame& frame, const Box& owned,
                                       Index slices, const NumericAttributes& where) {
  const StoredType real = is_single<Real> ? StoredType::f32 : StoredType::f64;
  const StoredType complex = is_single<Real> ? StoredType::complex64 : StoredType::complex128;
  return {{"object", complex, image_axes(frame, slices), "", "complex transmission of each slice",
           owned_block(owned, slices, images.object.data()), where},
          {"slices", real, image_axes(frame, slices), "rad", "phase of each slice",
           owned_block(owned, slices, images.slices.data()), where},
          {"phase", real, image_axes(frame, 0), "rad", "phase, sum over slices",
           owned_block(owned, 0, images.phase.data()), where},
          {"amplitude", real, image_axes(frame, 0), "", "amplitude, product over slices",
           owned_block(owned, 0, images.amplitude.data()), where}};
}

template <class Real>
void write_pictures(Problem<Real>& problem, const Experiment& experiment, const RunFigures& figures,
                    const ResultImages<Real>& images, const std::string& directory) {
  const Comm& comm = problem.comm();
  const Box& owned = problem.owned();
  const auto phase_of = [&](Index slice) {
    const auto first = images.slices.begin() + slice * owned.count();
    return std::vector<double>(first, first + owned.count());
  };
  const Image phase = write_phase_pictures(comm, experiment, owned, phase_of, problem.shape().slices, directory);
  write_parameter_pictures(problem, experiment, phase, directory);
  ComplexImage probe;
  const std::vector<double> reals = problem.instrument().probe;
  for (std::size_t i = 0; i < reals.size(); i += 2) probe.emplace_back(reals[i], reals[i + 1]);
  probe = orthogonal_modes(probe, experiment.window);
  write_probe(comm, probe, experiment.window, directory);
  write_residual_pictures(comm, experiment, figures.residuals, directory);
  write_histories(comm, figures.solve, figures.histories, directory);
}

}  // namespace

template <class Real>
void write_reconstruction(Problem<Real>& problem, const Experiment& experiment, const RunFigures& figures,
                          const OutputPlace& place) {
  const Comm& comm = problem.comm();
  const ResultImages<Real> images = make_images(problem);
  const Index slices = problem.shape().slices;
  const ObjectFrame& frame = experiment.frame;
  const Box& owned = problem.owned();
  const NumericAttributes where{{"origin_A", {frame.origin_A.y, frame.origin_A.x}},
                                {"pixel_size_A", {frame.dy_A, frame.dx_A}}};
  std::vector<OutputArray> arrays = object_arrays(images, frame, owned, slices, where);
  arrays.push_back(curve(comm, "loss", "loss after each iteration", figures.solve.loss));
  if (!figures.solve.held_out_loss.empty())
    arrays.push_back(curve(comm, "held_out", "loss of the pixels that are not fitted, after each iteration",
                           figures.solve.held_out_loss));
  if (!images.states.empty()) arrays.push_back(state_transmission(images, frame, owned, problem.shape(), where));
  std::vector<Real> potential;
  if (problem.setup().representation == Representation::potential) {
    const auto rate = static_cast<Real>(problem.object().phase_rate());
    potential.reserve(images.slices.size());
    for (const Real phase : images.slices) potential.push_back(phase / rate);
    arrays.push_back({"potential", is_single<Real> ? StoredType::f32 : StoredType::f64, image_axes(frame, slices),
                      "V angstrom", "projected potential of each slice", owned_block(owned, slices, potential.data()),
                      where});
  }
  const std::vector<OutputArray> residuals = residual_arrays(comm, experiment, figures.residuals);
  arrays.insert(arrays.end(), residuals.begin(), residuals.end());
  const ParameterArrays<Real> parameters(problem, experiment);
  arrays.insert(arrays.end(), parameters.arrays().begin(), parameters.arrays().end());
  write_result(comm, place.directory + "/result.emd", make_header(experiment, figures, place), arrays, place.existing);
  if (place.pictures) write_pictures(problem, experiment, figures, images, place.directory);
}

template <class Real>
std::size_t output_bytes(Problem<Real>& problem) {
  // ResultImages, the object's values they are made from, and one slice as the pictures take it.
  const auto voxels = static_cast<std::size_t>(problem.object().voxels());
  const auto plane = static_cast<std::size_t>(problem.owned().count());
  const std::size_t numbers = problem.shape().states > 1 ? 8 : 4;  // several states are kept beside their mean
  return numbers * sizeof(Real) * voxels + (2 * sizeof(Real) + sizeof(double)) * plane;
}

template <class Real>
Index result_bytes(const ModelShape& shape, const Experiment& experiment) {
  const Index plane = experiment.frame.ny * experiment.frame.nx;
  const Index complex_bytes = sizeof(Complex<Real>), real_bytes = sizeof(Real);
  const Index sets = shape.states > 1 ? shape.states + 1 : 1;
  const Index voxel_bytes = sets * complex_bytes + real_bytes;
  const Index probe_bytes = shape.modes * experiment.window.count() * complex_bytes;
  return shape.slices * plane * voxel_bytes + 2 * plane * real_bytes + probe_bytes;
}

template void write_reconstruction(Problem<float>&, const Experiment&, const RunFigures&, const OutputPlace&);
template void write_reconstruction(Problem<double>&, const Experiment&, const RunFigures&, const OutputPlace&);
template std::size_t output_bytes(Problem<float>&);
template std::size_t output_bytes(Problem<double>&);
template Index result_bytes<float>(const ModelShape&, const Experiment&);
template Index result_bytes<double>(const ModelShape&, const Experiment&);

}  // namespace tessera
