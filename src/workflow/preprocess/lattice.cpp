#include "src/workflow/preprocess/lattice.hpp"

#include "src/geometry/matrix2.hpp"

namespace tessera {

std::array<double, 4> lattice_affine(const LatticeVectors& measured_A, const LatticeVectors& reference_A) {
  const auto [ay, ax, by, bx] = measured_A;
  const auto [py, px, qy, qx] = reference_A;
  return product({py, qy, px, qx}, inverse({ay, by, ax, bx}));
}

}  // namespace tessera
