#include "src/workflow/reconstruct/model_device.hpp"

#include <algorithm>

#include "src/arrays/gpu.hpp"
#include "src/parallel/gpu_messages.hpp"
#include "src/parallel/gpu_of_rank.hpp"

namespace tessera {

namespace {

std::string gigabytes(std::size_t bytes) { return fmt::format("{:.0f} GiB", static_cast<double>(bytes) / (1 << 30)); }

/// Takes the next of the GPUs that this rank sees; returns this rank's share of its free bytes.
double take_gpu(const Comm& comm, const RunOptions& options, Progress& progress) {
  const int ordinal = gpu_of_rank(comm).value();
  std::string bus_id, text;
  comm.agree([&] {
    gpu::use(ordinal);
    const gpu::Card card = gpu::card(ordinal);
    bus_id = card.bus_id;
    text = fmt::format("{} ({}, compute capability {}.{}, PCI {})", card.name, gigabytes(card.memory_bytes), card.major,
                       card.minor, card.bus_id);
  });
  const Comm::NodeTexts buses = comm.texts_on_node(bus_id), texts = comm.texts_on_node(text);
  const auto sharing = std::ranges::count(buses.texts, bus_id);
  double free_bytes = 0;
  comm.agree([&] {
    free_bytes = static_cast<double>(gpu::memory().free);
    if (sharing > 1 && !options.run.share_gpu)
      throw InputError(
          ExitCode::run_file,
          fmt::format("{} ranks of a node would share the GPU {}: start one rank for each GPU, or allow it "
                      "by run.share_gpu: true, or use run.device: host",
                      sharing, bus_id));
  });
  for (std::size_t i = 0; i < texts.texts.size(); ++i)
    progress.line(fmt::format("GPU of rank {}{}: {}", i,
                              comm.size() > static_cast<int>(texts.texts.size()) ? " of the first node" : "",
                              texts.texts[i]));
  return free_bytes / static_cast<double>(sharing);
}

}  // namespace

ModelDevice choose_device(const Comm& comm, const RunOptions& options, Progress& progress) {
  switch (options.run.device) {
    case DeviceChoice::host:
      return {};
    case DeviceChoice::debug:
      return {.kind = DeviceKind::debug};
    default:
      break;
  }
  const bool here = gpu::count() > 0;
  const bool everywhere = !comm.any(!here);
  if (options.run.device == DeviceChoice::cuda)
    comm.agree([&] {
      if (!here)
        throw InputError(ExitCode::run_file,
                         fmt::format("run.device is cuda, and {}; use run.device: host", gpu::why_none()));
    });
  if (!everywhere) {
    if (gpu::built_in())
      progress.line("no GPU: " + (here ? "a node has none" : gpu::why_none()) + "; the model runs on the host");
    return {};
  }
  return {.kind = DeviceKind::cuda, .room_bytes = take_gpu(comm, options, progress)};
}

DeviceKind choose_pattern_device(const RunOptions& options, const ModelDevice& device, double bytes) {
  const bool with_model = device.kind != DeviceKind::cuda || options.run.patterns_on == PatternPlace::gpu ||
                          (options.run.patterns_on == PatternPlace::automatic && bytes <= device.room_bytes / 2);
  return with_model ? device.kind : staging_for(device.kind);
}

HaloPath choose_halo_path(const Comm& comm, const RunOptions& options, DeviceKind device, Progress& progress) {
  if (device != DeviceKind::cuda || comm.size() == 1) return HaloPath::staged;
  const std::string staged = "overlaps cross between GPUs through memory of the host: ";
  if (options.run.gpu_aware_mpi == GpuAwareMpi::off) {
    progress.line(staged + "run.gpu_aware_mpi is off");
    return HaloPath::staged;
  }
  const bool says = !comm.any(!mpi_says_it_takes_gpu_memory());
  if (!says && options.run.gpu_aware_mpi == GpuAwareMpi::automatic) {
    progress.line(staged + "MPI does not say that it takes a GPU's (run.gpu_aware_mpi: on would try it)");
    return HaloPath::staged;
  }
  const std::string wrong = try_gpu_messages(comm);
  if (!wrong.empty()) {
    progress.warn(staged + "MPI was tried with a GPU's, and " + wrong);
    return HaloPath::staged;
  }
  progress.line(fmt::format("overlaps cross from GPU to GPU: {}a message between all ranks arrived",
                            says ? "MPI says that it can, and " : "MPI does not say that it can, but "));
  return HaloPath::direct;
}

Index choose_batch(const RunOptions& options, const ModelShape& shape, Index positions, std::size_t real_bytes,
                   double room_bytes) {
  if (shape.device != DeviceKind::cuda) return 1;
  if (options.run.batch) return std::min<Index>(*options.run.batch, positions);
  // What fills the GPU: pixels of all waves of a batch, by measurement (perf/README.md).
  constexpr Index enough_pixels = Index{1} << 23;
  constexpr double share = 0.7;  // of the room: FFTs need some, too
  // What a position takes: waves that are kept before slices and the one behind the last, spectra between slices, sums
  // into planes.
  const double window = static_cast<double>(shape.window.count()) * static_cast<double>(real_bytes);
  const auto waves = static_cast<double>((shape.kept() + shape.slices + 1) * shape.waves() + shape.planes());
  const double position = window * (2 * waves + 8) * options.run.threads;
  const double room = std::max(0.0, share * room_bytes / position);
  // Waves that stay on chip are one block of threads for each position, and a multiprocessor has up to eight of them:
  // whole rounds leave none of them idle.
  const Index round = 4 * gpu::card(gpu::in_use()).multiprocessors;
  const Index fast = std::max(round, enough_pixels / (shape.waves() * shape.window.count()) / round * round);
  const auto fits = static_cast<Index>(std::min(room, static_cast<double>(positions)));
  return std::clamp<Index>(std::min(fast, fits >= round ? fits / round * round : fits), 1, positions);
}

namespace {

template <class Real>
Index halved_until_it_fits(const ProblemSetup& setup, const Box& work) {
  ModelSetup model = setup.model;
  for (;; model.shape.batch = (model.shape.batch + 1) / 2) try {
      const ForwardModel<Real> trial(model, setup.placements, work);
      std::vector<typename ForwardModel<Real>::Space> lanes;
      lanes.reserve(static_cast<std::size_t>(model.lanes));
      for (int lane = 0; lane < model.lanes; ++lane) lanes.push_back(trial.make_space());
      return model.shape.batch;
    } catch (const AllocationError&) {
      if (model.shape.batch == 1) throw;
    }
}

}  // namespace

template <class Real>
Index batch_with_room(const Comm& comm, const RunOptions& options, const ProblemSetup& setup, const Box& work,
                      Progress& progress) {
  const Index wanted = setup.model.shape.batch;
  if (setup.model.shape.device != DeviceKind::cuda || options.run.batch) return wanted;
  Index batch = wanted;
  comm.agree([&] { batch = halved_until_it_fits<Real>(setup, work); });
  if (comm.any(batch < wanted))
    progress.warn(
        fmt::format("a GPU has less room than was foretold: {} positions are computed together where {} were "
                    "to be; is it shared with other programs?",
                    -comm.max(-batch), comm.max(wanted)));
  return batch;
}

template Index batch_with_room<float>(const Comm&, const RunOptions&, const ProblemSetup&, const Box&, Progress&);
template Index batch_with_room<double>(const Comm&, const RunOptions&, const ProblemSetup&, const Box&, Progress&);

}  // namespace tessera
