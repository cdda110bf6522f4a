#pragma once

#include "src/decomposition/overlap_exchange.hpp"
#include "src/model/batch_waves.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// Chooses where this rank's model runs, by `run.device`, and makes its process use that GPU (collective). Each rank of
/// a node takes the next of the GPUs that it sees; the table of ranks and GPUs is told. Throws InputError when there is
/// no GPU and one is wanted, or when ranks would share one and `run.share_gpu` does not allow it.
DeviceKind choose_device(const Comm& comm, const RunOptions& options, Progress& progress);

/// Chooses how ranks exchange their overlaps, by `run.gpu_aware_mpi`, and tells it (collective). Throws InputError when
/// a message on trial does not arrive.
HaloPath choose_halo_path(const Comm& comm, const RunOptions& options, DeviceKind device, Progress& progress);

/// How many positions are computed together: `run.batch`, or by itself as many as keep a GPU busy and fit into what of
/// its memory the patterns left, with `reserved_bytes` for the object. `positions` of this rank, `shape` with all but
/// the batch, `real_bytes` of one number.
Index choose_batch(const RunOptions& options, const ModelShape& shape, Index positions, std::size_t real_bytes,
                   double reserved_bytes);

}  // namespace tessera
