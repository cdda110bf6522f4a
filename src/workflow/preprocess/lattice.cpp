#include "src/workflow/preprocess/lattice.hpp"

namespace tessera {

std::array<double, 4> lattice_affine(const LatticeVectors& measured_A, const LatticeVectors& reference_A) {
  const auto [ay, ax, by, bx] = measured_A;
  const auto [py, px, qy, qx] = reference_A;
  const double determinant = ay * bx - ax * by;
  // M (ay, ax) = (py, px) and M (by, bx) = (qy, qx).
  return {(py * bx - qy * ax) / determinant, (qy * ay - py * by) / determinant, (px * bx - qx * ax) / determinant,
          (qx * ay - px * by) / determinant};
}

}  // namespace tessera
