#pragma once

#include <functional>

#include "src/workflow/reconstruct/memory_forecast.hpp"
#include "src/workflow/reconstruct/model_device.hpp"

namespace tessera {

/// Which waves before slices are kept (ModelShape::kept_every), by `run.recompute`. By itself all of them, unless there
/// is little memory or none for them and more if they are made again; or unless so few positions fit a GPU that it
/// would be three quarters idle, and twice as many would (collective; tells why). `forecast` gives what a rank will
/// hold for a choice; `positions` are its own, `real_bytes` those of one number.
Index choose_kept_waves(const Comm& comm, const RunOptions& options, const ModelShape& shape, const ModelDevice& device,
                        const std::function<MemoryForecast(Index)>& forecast, Index positions, std::size_t real_bytes,
                        Progress& progress);

}  // namespace tessera
