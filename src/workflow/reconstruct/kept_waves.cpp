#include "src/workflow/reconstruct/kept_waves.hpp"

#include "src/workflow/start/check_memory.hpp"

namespace tessera {

Index given_kept_waves(const RunOptions& options) {
  return options.run.recompute == Recompute::always ? sparse_spacing(options.object.slices) : 1;
}

Index choose_kept_waves(const Comm& comm, const RunOptions& options, const ModelDevice& device,
                        const std::function<MemoryForecast(Index)>& forecast, Progress& progress) {
  const Index slices = options.object.slices, every = sparse_spacing(slices);
  if (options.run.recompute != Recompute::automatic || every == 1) return given_kept_waves(options);
  const MemoryForecast kept = forecast(1), again = forecast(every);
  const Room room = room_for(comm, kept.host);
  const bool on_gpu = comm.any(kept.gpu.bytes() > device.room_bytes);
  // What is refused is the least that runs.
  if (!on_gpu && room != Room::none && room_for(comm, again.host) >= room) return 1;
  const double saved = (kept.host.bytes() + kept.gpu.bytes()) - (again.host.bytes() + again.gpu.bytes());
  progress.line(fmt::format(
      "waves before slices: {} places instead of {}, which saves {} of {}; those between are made again, in 15 to 40 % "
      "more time (run.recompute)",
      kept_places(slices, every), slices, bytes_text(comm.max(saved)),
      device.kind == DeviceKind::cuda ? "a GPU for each position that it computes at a time" : "a rank"));
  return every;
}

}  // namespace tessera
