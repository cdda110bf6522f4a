#pragma once

#include <functional>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Lets rank 0 run `make_plans` (quickly, when the user's cache knows them) and gives what FFTW has learnt to all, so
/// that every rank computes the same bits (collective). The cache is one file per precision under
/// $XDG_CACHE_HOME/tessera, or ~/.cache/tessera, named after the processor; a run without a writable one plans anew.
template <class Real>
void share_fft_plans(const Comm& comm, const std::function<void()>& make_plans);

}  // namespace tessera
