#pragma once

#include <cstdint>

#include "src/arrays/lane.hpp"

namespace tessera {

/// In place weight(p, y, x) = s sqrt(weight), s = 1 or -1 by a hash of (seed, name[p], pixel): the cotangents whose
/// gradients square to the Fisher diagonal on average, the same on any number of ranks. `name` [position] on the
/// device.
template <class Real>
void signed_roots(const Lane& lane, std::uint64_t seed, const Index* name, View3<Real> weight);

}  // namespace tessera
