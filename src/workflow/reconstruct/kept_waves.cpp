#include "src/workflow/reconstruct/kept_waves.hpp"

#include "src/workflow/start/check_memory.hpp"

namespace tessera {
namespace {

/// A GPU with a choice: the room that it leaves, and the positions that are then computed together.
struct OnGpu {
  bool fits = true;
  Index batch = 0;
};

OnGpu on_gpu(const RunOptions& options, const ModelShape& shape, const ModelDevice& device, const MemoryNeed& need,
             Index positions, std::size_t real_bytes) {
  const double left = device.room_bytes - need.bytes();
  return {left >= 0, choose_batch(options, shape, positions, real_bytes, left)};
}

bool worth_it(const OnGpu& kept, const OnGpu& again, const ModelShape& shape) {
  if (!kept.fits) return again.fits;
  return 4 * kept.batch * shape.waves() * shape.window.count() < busy_gpu_pixels && again.batch >= 2 * kept.batch;
}

}  // namespace

Index choose_kept_waves(const Comm& comm, const RunOptions& options, const ModelShape& shape, const ModelDevice& device,
                        const std::function<MemoryForecast(Index)>& forecast, Index positions, std::size_t real_bytes,
                        Progress& progress) {
  ModelShape sparse = shape;
  sparse.kept_every = sparse_spacing(shape.slices);
  if (options.run.recompute != Recompute::automatic || sparse.kept_every == 1) return shape.kept_every;
  const MemoryForecast kept = forecast(1), again = forecast(sparse.kept_every);
  const Room room = room_for(comm, kept.host);
  bool better = room == Room::none || room_for(comm, again.host) < room;  // what is refused is the least that runs
  if (shape.device == DeviceKind::cuda)
    better |= comm.any(worth_it(on_gpu(options, shape, device, kept.gpu, positions, real_bytes),
                                on_gpu(options, sparse, device, again.gpu, positions, real_bytes), shape));
  if (!better) return 1;
  const double saved = (kept.host.bytes() + kept.gpu.bytes()) - (again.host.bytes() + again.gpu.bytes());
  progress.line(fmt::format(
      "waves before slices: {} places instead of {}, which saves {} of {}; those between are made again, in "
      "15 to 40 % more time (run.recompute)",
      sparse.kept(), shape.slices, bytes_text(comm.max(saved)),
      shape.device == DeviceKind::cuda ? "a GPU for each position of a batch" : "a rank"));
  return sparse.kept_every;
}

}  // namespace tessera
