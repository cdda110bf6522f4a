#include "src/geometry/matrix2.hpp"

namespace tessera {

Matrix2 product(const Matrix2& a, const Matrix2& b) {
  return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]};
}

Matrix2 transposed(const Matrix2& a) { return {a[0], a[2], a[1], a[3]}; }

double determinant(const Matrix2& a) { return a[0] * a[3] - a[1] * a[2]; }

Matrix2 inverse(const Matrix2& a) {
  const double d = determinant(a);
  return {a[3] / d, -a[1] / d, -a[2] / d, a[0] / d};
}

PointYX mapped(const Matrix2& a, const PointYX& p) { return {a[0] * p.y + a[1] * p.x, a[2] * p.y + a[3] * p.x}; }

}  // namespace tessera
