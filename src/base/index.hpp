#pragma once

#include <cstdint>

namespace tessera {

/// Counts, offsets and pixel coordinates; signed, 64 bits, like PETSc's and HDF5's.
using Index = std::int64_t;

}  // namespace tessera
