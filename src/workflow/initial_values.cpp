#include "src/workflow/initial_values.hpp"

#include <cmath>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "src/workflow/compare_file.hpp"

namespace tessera {

namespace {

ComplexImage read_probe(const RunOptions& options, const Grid& window) {
  const DatasetRef& from = *options.beam.initial;
  const std::vector<Index> shape = dataset_info(from.file, from.dataset).shape;
  const bool planes = shape.size() == 2 || shape.size() == 3;
  if (!planes || shape[shape.size() - 2] != window.ny || shape.back() != window.nx)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: beam.initial {} has shape ({}); it must be ({}, {}) or (modes, {}, {})", from.file,
                    from.dataset, fmt::join(shape, ", "), window.ny, window.nx, window.ny, window.nx));
  return read_complex(from.file, from.dataset);
}

double power(const ComplexImage& wave) {
  double sum = 0;
  for (const auto& value : wave) sum += std::norm(value);
  return sum;
}

void check_fits(const ComplexImage& probe, const RunOptions& options, const Grid& window) {
  constexpr double largest_share = 0.1;
  const double share = power_at_rim(probe, window);
  if (share <= largest_share) return;
  throw InputError(
      ExitCode::run_file,
      fmt::format("the probe does not fit its window of {:.4g} x {:.4g} A: {:.0f} % of it lies in the outer "
                  "tenth; {}",
                  static_cast<double>(window.ny) * window.dy_A, static_cast<double>(window.nx) * window.dx_A,
                  100 * share,
                  options.beam.initial ? "check beam.initial and its centre (pixel N/2)"
                                       : "check beam.aberrations, or use finer detector pixels"),
      true);
}

}  // namespace

ComplexImage initial_probe(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                           double mean_electrons) {
  const Grid& window = experiment.window;
  ComplexImage probe;
  comm.agree([&] {
    if (!comm.is_root()) return;
    probe = options.beam.initial ? read_probe(options, window)
                                 : make_probe(window, experiment.wavelength_A, options.beam.semiangle_rad.value(),
                                              aberrations_from(options.beam.aberrations));
    const Index given = static_cast<Index>(probe.size()) / window.count();
    if (!(power(probe) > 0) || !std::isfinite(power(probe)))
      throw InputError(ExitCode::data_wrong, "beam.initial holds no finite, non-zero probe");
    if (given > options.beam.modes) probe.resize(static_cast<std::size_t>(options.beam.modes * window.count()));
    if (given == 1) probe = make_modes(probe, window, options.beam.modes);
    if (given > 1 && given < options.beam.modes)
      throw InputError(ExitCode::run_file,
                       fmt::format("beam.modes is {}, but beam.initial holds {}: give one mode, or that many",
                                   options.beam.modes, given));
    check_fits(probe, options, window);
    if (options.beam.rescale || !options.beam.initial) scale_to(probe, mean_electrons);
  });
  comm.broadcast(probe);
  return probe;
}

namespace {

/// Copies what `part` (rows of the file's slice) holds of the owned box into phase and absorption.
struct ObjectReader {
  const DatasetRef& from;
  ObjectFrame file;
  std::vector<Index> shape;
  PixelYX offset;  ///< object pixel minus file pixel
  bool complex = false;

  void read(Index slices, const Box& owned, std::vector<double>& phase, std::vector<double>& absorption) const {
    const Box here = intersect(owned, shift(file.box(), offset));
    if (here.empty()) return;
    for (Index s = 0; s < slices; ++s) {
      std::vector<Index> start{here.y0 - offset.y, here.x0 - offset.x}, count{here.height(), here.width()};
      if (shape.size() == 3) {
        start.insert(start.begin(), shape[0] == slices ? s : 0);
        count.insert(count.begin(), 1);
      }
      std::vector<std::complex<double>> values;
      read_box(from.file, from.dataset, start, count, values);
      const double share = shape.size() == 3 && shape[0] == slices ? 1 : 1.0 / static_cast<double>(slices);
      for (Index y = 0; y < here.height(); ++y)
        for (Index x = 0; x < here.width(); ++x) {
          const std::complex<double> value = values[y * here.width() + x];
          const Index to = (s * owned.height() + here.y0 - owned.y0 + y) * owned.width() + here.x0 - owned.x0 + x;
          phase[to] = share * (complex ? std::arg(value) : value.real());
          absorption[to] = complex ? -share * std::log(std::max(std::abs(value), 1e-6)) : 0;
        }
    }
  }
};

}  // namespace

template <class Real>
void set_initial_object(const RunOptions& options, const Experiment& experiment, Problem<Real>& problem) {
  if (!options.object.initial) return;
  problem.comm().agree([&] {
    const DatasetRef& from = *options.object.initial;
    const DatasetInfo info = dataset_info(from.file, from.dataset);
    const Index slices = experiment.frame.ny > 0 ? options.object.slices : 0;
    if (info.shape.size() < 2 || info.shape.size() > 3 ||
        (info.shape.size() == 3 && info.shape[0] != 1 && info.shape[0] != slices))
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{}: object.initial {} has shape ({}); it must be (y, x) or ({}, y, x)", from.file,
                                   from.dataset, fmt::join(info.shape, ", "), slices));
    const ObjectFrame file = stored_frame(from.file, from.dataset);
    if (std::abs(file.dy_A / experiment.frame.dy_A - 1) > 1e-4 ||
        std::abs(file.dx_A / experiment.frame.dx_A - 1) > 1e-4)
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{}: object.initial has pixels of {} x {} A, the detector implies {} x {} A",
                                   from.file, file.dy_A, file.dx_A, experiment.frame.dy_A, experiment.frame.dx_A));
    const PixelYX offset{std::lround((file.origin_A.y - experiment.frame.origin_A.y) / file.dy_A),
                         std::lround((file.origin_A.x - experiment.frame.origin_A.x) / file.dx_A)};
    const ObjectReader reader{from, file, info.shape, offset,
                              info.type == StoredType::complex64 || info.type == StoredType::complex128};
    std::vector<double> phase(static_cast<std::size_t>(problem.object().voxels()), 0.0), absorption = phase;
    reader.read(slices, problem.owned(), phase, absorption);
    problem.object().set_phase_absorption(phase, absorption);
  });
}

template void set_initial_object(const RunOptions&, const Experiment&, Problem<float>&);
template void set_initial_object(const RunOptions&, const Experiment&, Problem<double>&);

}  // namespace tessera
