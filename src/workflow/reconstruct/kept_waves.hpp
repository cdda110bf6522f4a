#pragma once

#include <functional>

#include "src/workflow/reconstruct/memory_forecast.hpp"
#include "src/workflow/reconstruct/model_device.hpp"

namespace tessera {

/// Which waves before slices are kept (ModelShape::kept_every) as far as `run.recompute` alone says; by itself all.
Index given_kept_waves(const RunOptions& options);

/// The same where it is known what a rank will hold on the host and a GPU for a choice, which `forecast` tells: by
/// itself all of them, unless there is no memory for them, or little and more if they are made again, and tells so
/// (collective).
Index choose_kept_waves(const Comm& comm, const RunOptions& options, const ModelDevice& device,
                        const std::function<MemoryForecast(Index)>& forecast, Progress& progress);

}  // namespace tessera
