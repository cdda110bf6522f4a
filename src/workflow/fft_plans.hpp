#pragma once

#include "src/geometry/grid.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// Lets rank 0 plan the FFTs of a window (or take its plans from the user's cache) and gives its wisdom to all
/// (collective). The cache is one file per precision under $XDG_CACHE_HOME/tessera, or ~/.cache/tessera, named after
/// the processor; a run without a writable one plans anew.
template <class Real>
void share_fft_plans(const Comm& comm, const Grid& window, Index batch);

}  // namespace tessera
