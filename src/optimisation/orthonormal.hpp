#pragma once

#include <vector>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Vectors whose entries are spread over all ranks, [vector][entry of this rank], made orthonormal in their order by
/// Gram and Schmidt's method (collective, O(vectors^2) sums). One that those before it span is left out.
std::vector<std::vector<double>> orthonormal(const Comm& comm, std::vector<std::vector<double>> vectors);

}  // namespace tessera
