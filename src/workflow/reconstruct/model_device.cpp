#include "src/workflow/reconstruct/model_device.hpp"

#include <algorithm>

#include "src/arrays/gpu.hpp"
#include "src/parallel/gpu_of_rank.hpp"

namespace tessera {

namespace {

std::string gigabytes(std::size_t bytes) { return fmt::format("{:.0f} GiB", static_cast<double>(bytes) / (1 << 30)); }

/// Takes the next of the GPUs that this rank sees.
void take_gpu(const Comm& comm, const RunOptions& options, Progress& progress) {
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
  comm.agree([&] {
    const auto sharing = std::ranges::count(buses.texts, bus_id);
    if (sharing > 1 && !options.run.share_gpu)
      throw InputError(
          ExitCode::run_file,
          fmt::format("{} ranks of a node would share the GPU {}: start one rank for each GPU, or allow it "
                      "by run.share_gpu: true",
                      sharing, bus_id));
  });
  for (std::size_t i = 0; i < texts.texts.size(); ++i)
    progress.line(fmt::format("GPU of rank {}{}: {}", i,
                              comm.size() > static_cast<int>(texts.texts.size()) ? " of the first node" : "",
                              texts.texts[i]));
}

}  // namespace

DeviceKind choose_device(const Comm& comm, const RunOptions& options, Progress& progress) {
  switch (options.run.device) {
    case DeviceChoice::host:
      return DeviceKind::host;
    case DeviceChoice::debug:
      return DeviceKind::debug;
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
    return DeviceKind::host;
  }
  take_gpu(comm, options, progress);
  return DeviceKind::cuda;
}

Index choose_batch(const RunOptions& options, const ModelShape& shape, Index positions, std::size_t real_bytes) {
  if (shape.device != DeviceKind::cuda) return 1;
  if (options.run.batch) return std::min<Index>(*options.run.batch, positions);
  // What fills the GPU: pixels of all waves of a batch, by measurement (perf/README.md).
  constexpr Index enough_pixels = Index{1} << 23;
  // What a position takes of memory: waves before each slice and behind the last, sums and spectra.
  const double window = static_cast<double>(shape.window.count()) * static_cast<double>(real_bytes);
  const double position = window * (2.0 * static_cast<double>((2 * shape.slices + 1) * shape.waves()) + 8);
  const double room = 0.5 * static_cast<double>(gpu::memory().free) / position;
  const Index fast = enough_pixels / (shape.waves() * shape.window.count());
  return std::clamp<Index>(std::min(fast, static_cast<Index>(room)), 1, positions);
}

}  // namespace tessera
