#pragma once

#include <functional>

#include "src/parallel/comm.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// What becomes of new plans: a dry run writes nothing.
enum class PlanCache { read, write };

/// Lets rank 0 run `make_plans` (quickly, when the user's cache knows them) and gives what FFTW has learnt to the
/// others, which then make theirs from it, so that every rank computes the same bits (collective). Ranks whose FFTW
/// cannot use it, on another kind of processor, plan anew; how many they are is a warning. The cache is one file per
/// precision under $XDG_CACHE_HOME/tessera, or ~/.cache/tessera, named after the processor; a run without a writable
/// one plans anew.
template <class Real>
void share_fft_plans(const Comm& comm, Progress& progress, const std::function<void()>& make_plans,
                     PlanCache cache = PlanCache::write);

}  // namespace tessera
