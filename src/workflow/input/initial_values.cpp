#include "src/workflow/input/initial_values.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "src/base/random.hpp"
#include "src/model/probe_modes.hpp"
#include "src/workflow/input/check_finite.hpp"
#include "src/workflow/input/given_object.hpp"
#include "src/workflow/input/phase_stack.hpp"
#include "src/workflow/input/probe_fit.hpp"
#include "src/workflow/options/about_key.hpp"

namespace tessera {

namespace {

/// On the window's pixels, or on the detector's, which are brought onto the window's.
ComplexImage read_probe(const RunOptions& options, const Experiment& experiment) {
  const Grid& window = experiment.window;
  const Index ny = experiment.pixels_ny, nx = experiment.pixels_nx;
  const DatasetRef& from = *options.beam.initial;
  const std::vector<Index> shape = dataset_info(from.file, from.dataset).shape;
  const bool planes = shape.size() == 2 || shape.size() == 3;
  const auto has = [&](Index rows, Index columns) {
    return planes && shape[shape.size() - 2] == rows && shape.back() == columns;
  };
  if (!has(window.ny, window.nx) && !has(ny, nx)) {
    std::string allowed = fmt::format("({}, {}) or (modes, {}, {})", ny, nx, ny, nx);
    if (ny != window.ny || nx != window.nx)
      allowed += fmt::format(", or with detector.simulate ({}, {}) or (modes, {}, {})", window.ny, window.nx, window.ny,
                             window.nx);
    throw InputError(ExitCode::data_wrong, fmt::format("{}: beam.initial {} has shape ({}); it must be {}", from.file,
                                                       from.dataset, fmt::join(shape, ", "), allowed));
  }
  ComplexImage probe = read_complex(from.file, from.dataset);
  check_finite(from.file, from.dataset, std::vector<Index>(shape.size(), 0), shape, probe);
  if (has(window.ny, window.nx)) return probe;
  return on_finer_pixels(probe, {.ny = ny, .nx = nx}, window);
}

}  // namespace

ComplexImage computed_probe(const BeamOptions& beam, const Grid& window, double wavelength_A) {
  const std::vector<Aberration> terms =
      about_key("beam.aberrations", [&] { return aberrations_from(beam.aberrations); });
  return about_key("beam.semiangle_mrad",
                   [&] { return make_probe(window, wavelength_A, beam.semiangle_rad.value(), terms); });
}

ComplexImage first_modes(const BeamOptions& beam, const ComplexImage& first, const Grid& window, double wavelength_A) {
  const PartialCoherence coherence{.source_size_A = beam.source_size_A, .focal_spread_A = beam.focal_spread_A};
  if (!coherence.any()) return make_modes(first, window, beam.modes);
  return coherent_modes(first, window, wavelength_A, coherence, beam.modes).waves;
}

ComplexImage initial_probe(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                           double mean_electrons) {
  const Grid& window = experiment.window;
  ComplexImage probe;
  check_modes(options.beam, window);
  check_angles(window, experiment.wavelength_A);
  check_band(options.beam, window, experiment.wavelength_A, band_limit(options.propagation));
  comm.agree([&] {
    if (!comm.is_root()) return;
    probe = options.beam.initial ? read_probe(options, experiment)
                                 : computed_probe(options.beam, window, experiment.wavelength_A);
    const Index given = static_cast<Index>(probe.size()) / window.count();
    if (!(power(probe) > 0))
      throw InputError(ExitCode::data_wrong, "beam.initial is zero everywhere; give a probe with some intensity");
    if (given > 1 && (options.beam.source_size_A > 0 || options.beam.focal_spread_A > 0))
      throw InputError(ExitCode::run_file,
                       fmt::format("beam.initial holds {} modes, which say how coherent the beam is; leave out "
                                   "beam.source_size_A and beam.focal_spread_A",
                                   given));
    if (given > options.beam.modes) probe.resize(static_cast<std::size_t>(options.beam.modes * window.count()));
    if (given == 1) probe = first_modes(options.beam, probe, window, experiment.wavelength_A);
    if (given > 1 && given < options.beam.modes)
      throw InputError(ExitCode::run_file,
                       fmt::format("beam.modes is {}, but beam.initial holds {}: give one mode, or that many",
                                   options.beam.modes, given));
    check_fits(probe, options.beam, window, experiment.wavelength_A);
    if (options.beam.rescale || !options.beam.initial) scale_to(probe, mean_electrons);
  });
  comm.broadcast(probe);
  return probe;
}

namespace {

/// What root learns of object.initial, and all need to read their parts.
struct StoredObject {
  ObjectFrame frame;
  Index n_planes = 0;  ///< 0: without an axis of slices
  bool is_complex = false;
  bool has_phase = false;  ///< the phase lies, unwrapped, beside the transmission
  bool placed = true;      ///< the file says where its pixel (0, 0) lies

  Index planes() const { return std::max<Index>(1, n_planes); }
};

/// <group>/slices/data, where a result keeps the phase of <group>/object/data; empty for other names.
std::string phase_beside(const std::string& dataset) {
  constexpr std::string_view object = "/object/data";
  return dataset.ends_with(object) ? dataset.substr(0, dataset.size() - object.size()) + "/slices/data" : "";
}

/// Where the object's pixel (0, 0) lies on the run's pixels: a window of no pixels, placed there.
Placement placed_origin(const ObjectFrame& object, const ObjectFrame& frame) {
  return place(object.origin_A, frame.origin_A, {.ny = 0, .nx = 0, .dy_A = frame.dy_A, .dx_A = frame.dx_A});
}

/// A start is never resampled: between the run's pixels it would be shifted by the rounding.
void check_origin(const DatasetRef& from, const ObjectFrame& object, const ObjectFrame& frame) {
  constexpr double most_px = 0.01;
  const Placement at = placed_origin(object, frame);
  if (std::abs(at.fy) <= most_px && std::abs(at.fx) <= most_px) return;
  throw InputError(
      ExitCode::data_wrong,
      fmt::format(
          "{}: object.initial {} has its origin_A at ({:.6g}, {:.6g}) angstrom, ({:+.3f}, {:+.3f}) pixels off the "
          "pixels of this run, which lie at whole multiples of {:.6g} x {:.6g} angstrom; resample it onto "
          "these, ({:.6g}, {:.6g}) angstrom being the nearest origin",
          from.file, from.dataset, object.origin_A.y, object.origin_A.x, at.fy, at.fx, frame.dy_A, frame.dx_A,
          object.origin_A.y - at.fy * frame.dy_A, object.origin_A.x - at.fx * frame.dx_A));
}

StoredObject find_object(const RunOptions& options, const ObjectFrame& frame) {
  const DatasetRef& from = *options.object.initial;
  const OpenFile file(from.file);
  const DatasetInfo info = file.info(from.dataset);
  const Index slices = options.object.slices;
  require_object("object.initial", from);
  if (info.shape.size() < 2 || info.shape.size() > 3 ||
      (info.shape.size() == 3 && info.shape[0] != 1 && info.shape[0] != slices))
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: object.initial {} has shape ({}); it must be (y, x) or ({}, y, x)", from.file,
                                 from.dataset, fmt::join(info.shape, ", "), slices));
  StoredObject object{.frame = stored_frame(file, from.dataset),
                      .n_planes = info.shape.size() == 3 ? info.shape[0] : 0,
                      .is_complex = info.type == StoredType::complex64 || info.type == StoredType::complex128,
                      .placed = has_origin(file, from.dataset)};
  if (std::abs(object.frame.dy_A / frame.dy_A - 1) > 1e-4 || std::abs(object.frame.dx_A / frame.dx_A - 1) > 1e-4)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format(
            "{}: object.initial has pixels of {} x {} A, but detector and detector.simulate imply {} x {} A; give "
            "it on these, or the detector.simulate that it was made with",
            from.file, object.frame.dy_A, object.frame.dx_A, frame.dy_A, frame.dx_A));
  check_origin(from, object.frame, frame);
  const std::string phase = phase_beside(from.dataset);
  const bool wants_phase = object.is_complex && options.object.representation != Representation::complex_transmission;
  if (wants_phase && !phase.empty() && dataset_exists(from.file, phase)) {
    const DatasetInfo beside = dataset_info(from.file, phase);
    object.has_phase = beside.numeric && beside.shape == info.shape;
  }
  return object;
}

/// Phase and absorption of pixels of one plane.
struct ObjectPart {
  std::vector<double> phase, absorption;
};

/// A transmission gives its phase only up to multiples of 2 pi, and a phase that goes beyond pi would start with jumps:
/// where the file also holds the phase, it is taken from there.
ObjectPart read_part(const BoxFile& file, const DatasetRef& from, const StoredObject& object, Index plane,
                     const Box& box) {
  std::vector<Index> start{box.y0, box.x0}, count{box.height(), box.width()};
  if (object.n_planes > 0) {
    start.insert(start.begin(), plane);
    count.insert(count.begin(), 1);
  }
  const auto read = [&](const std::string& dataset, auto& values) {
    file.read(dataset, start, count, values);
    check_finite(from.file, dataset, start, count, values);
  };
  ObjectPart part;
  part.absorption.assign(static_cast<std::size_t>(box.count()), 0.0);
  if (!object.is_complex) {
    read(from.dataset, part.phase);
    return part;
  }
  constexpr double darkest = 1e-6;
  std::vector<std::complex<double>> t;
  read(from.dataset, t);
  part.phase.resize(t.size());
  for (std::size_t i = 0; i < t.size(); ++i) {
    part.phase[i] = std::arg(t[i]);
    part.absorption[i] = -std::log(std::max(std::abs(t[i]), darkest));
  }
  if (object.has_phase) read(phase_beside(from.dataset), part.phase);
  return part;
}

}  // namespace

namespace {

/// object.initial on this rank's owned box, [slice, y, x]; vacuum where the file does not reach.
ObjectPart read_initial(const RunOptions& options, const StoredObject& object, const PixelYX& offset,
                        const Box& owned) {
  const DatasetRef& from = *options.object.initial;
  const Box here = intersect(owned, shift(object.frame.box(), offset));
  const Index slices = options.object.slices;
  ObjectPart all;
  all.phase.assign(static_cast<std::size_t>(slices * owned.count()), 0.0);
  all.absorption = all.phase;
  if (here.empty()) return all;
  const BoxFile file(from.file);
  const double share = object.planes() == slices ? 1 : 1 / static_cast<double>(slices);
  for (Index s = 0; s < slices; ++s) {
    const ObjectPart part =
        read_part(file, from, object, object.planes() == slices ? s : 0, shift(here, {-offset.y, -offset.x}));
    for (Index y = 0; y < here.height(); ++y)
      for (Index x = 0; x < here.width(); ++x) {
        const Index at = y * here.width() + x;
        const Index to = (s * owned.height() + here.y0 - owned.y0 + y) * owned.width() + here.x0 - owned.x0 + x;
        all.phase[to] = share * part.phase[at];
        all.absorption[to] = share * part.absorption[at];
      }
  }
  return all;
}

/// As many copies as there are states, each with a noise of its own voxels: equal states would stay equal.
ObjectPart in_states(const ObjectPart& one, Index states, const ObjectFrame& frame, const Box& owned) {
  if (states == 1) return one;
  constexpr double noise_rad = 0.02;
  constexpr std::uint64_t seed = 0x737461746573;
  ObjectPart all;
  for (Index state = 0; state < states; ++state) {
    all.phase.insert(all.phase.end(), one.phase.begin(), one.phase.end());
    all.absorption.insert(all.absorption.end(), one.absorption.begin(), one.absorption.end());
  }
  const Index planes = static_cast<Index>(all.phase.size()) / std::max<Index>(1, owned.count());
  for (Index plane = 0, i = 0; plane < planes; ++plane)
    for (Index y = owned.y0; y < owned.y1; ++y)
      for (Index x = owned.x0; x < owned.x1; ++x, ++i)
        all.phase[i] += noise_rad * random_normal(seed, (plane * frame.ny + y) * frame.nx + x);
  return all;
}

}  // namespace

namespace {

StoredObject found_object(const Comm& comm, const RunOptions& options, const Experiment& experiment) {
  StoredObject object;
  comm.agree([&] {
    if (comm.is_root()) object = find_object(options, experiment.frame);
  });
  comm.broadcast(object);
  return object;
}

}  // namespace

void check_initial_object(const Comm& comm, const RunOptions& options, const Experiment& experiment) {
  if (options.object.initial) found_object(comm, options, experiment);
}

template <class Real>
std::optional<std::string> set_initial_object(const RunOptions& options, const Experiment& experiment,
                                              Problem<Real>& problem) {
  const bool given = options.object.initial.has_value();
  if (!given && options.object.states == 1) return std::nullopt;
  const Comm& comm = problem.comm();
  const StoredObject object = given ? found_object(comm, options, experiment) : StoredObject{};
  comm.agree([&] {
    const Box& owned = problem.owned();
    ObjectPart one;
    if (given) {
      one = read_initial(options, object, placed_origin(object.frame, experiment.frame).corner, owned);
    } else {
      one.phase.assign(static_cast<std::size_t>(options.object.slices * owned.count()), 0.0);
      one.absorption = one.phase;
    }
    const ObjectPart all = in_states(one, options.object.states, experiment.frame, owned);
    problem.object().set_phase_absorption(all.phase, all.absorption);
  });
  if (object.placed) return std::nullopt;
  return "object.initial: " + without_origin(*options.object.initial);
}

template std::optional<std::string> set_initial_object(const RunOptions&, const Experiment&, Problem<float>&);
template std::optional<std::string> set_initial_object(const RunOptions&, const Experiment&, Problem<double>&);

}  // namespace tessera
