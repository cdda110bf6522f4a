#pragma once

#include <optional>

#include "src/parallel/comm.hpp"

namespace tessera {

/// The GPU that this rank takes among those that it sees: the ranks of a node take one after the other (collective).
/// None where it sees none.
std::optional<int> gpu_of_rank(const Comm& comm);

}  // namespace tessera
