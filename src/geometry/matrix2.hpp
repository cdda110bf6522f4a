#pragma once

#include <array>

#include "src/geometry/scan.hpp"

namespace tessera {

/// A 2 x 2 matrix on pairs (y, x), row by row.
using Matrix2 = std::array<double, 4>;

Matrix2 product(const Matrix2& a, const Matrix2& b);
Matrix2 transposed(const Matrix2& a);
Matrix2 inverse(const Matrix2& a);
double determinant(const Matrix2& a);
PointYX mapped(const Matrix2& a, const PointYX& p);

}  // namespace tessera
