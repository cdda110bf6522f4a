#pragma once

#include "src/decomposition/overlap_exchange.hpp"
#include "src/model/batch_waves.hpp"
#include "src/optimisation/problem.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// Where a rank's model runs.
struct ModelDevice {
  DeviceKind kind = DeviceKind::host;
  double room_bytes = 0;  ///< of a GPU, for this rank: its share of what was free before any rank took some
};

/// Chooses it by `run.device`, and makes this process use that GPU (collective). Each rank of a node takes the next of
/// the GPUs that it sees; the table of ranks and GPUs is told. Throws InputError when there is no GPU and one is
/// wanted, or when ranks would share one and `run.share_gpu` does not allow it.
ModelDevice choose_device(const Comm& comm, const RunOptions& options, Progress& progress);

/// Chooses how ranks exchange their overlaps, by `run.gpu_aware_mpi`, and tells it (collective). Throws SystemError
/// when a message on trial does not arrive.
HaloPath choose_halo_path(const Comm& comm, const RunOptions& options, DeviceKind device, Progress& progress);

/// Where patterns of `bytes` in all are kept, by `run.patterns_on`: with the model, or in staging memory of the host,
/// from which each batch is copied to the GPU when it is its turn. By itself on a GPU if they take at most half of the
/// room.
DeviceKind choose_pattern_device(const RunOptions& options, const ModelDevice& device, double bytes);

/// How many positions are computed together: `run.batch`, or by itself as many as keep a GPU busy and fit into
/// `room_bytes` that patterns and object leave. `positions` of this rank, `shape` with all but the batch, `real_bytes`
/// of one number.
Index choose_batch(const RunOptions& options, const ModelShape& shape, Index positions, std::size_t real_bytes,
                   double room_bytes);

/// The batch of a setup, halved until a model of it with its lanes finds room on the GPU, with a warning (collective);
/// on a host, and where `run.batch` was given, as it is. Throws AllocationError when not even one position does. Makes
/// the model's plans.
template <class Real>
Index batch_with_room(const Comm& comm, const RunOptions& options, const ProblemSetup& setup, const Box& work,
                      Progress& progress);

}  // namespace tessera
