#include "src/workflow/calibrate/orientation.hpp"

#include <fmt/format.h>

#include <cmath>

#include "src/base/units.hpp"

namespace tessera {

Matrix2 turn(double rad, bool mirrored) {
  const double c = std::cos(rad), s = std::sin(rad), x = mirrored ? -1 : 1;
  return {c, s * x, -s, c * x};
}

Matrix2 Orientation::on_detector() const {
  const double y = flip_y ? -1 : 1, x = flip_x ? -1 : 1;
  return transpose ? Matrix2{0, x, y, 0} : Matrix2{y, 0, 0, x};
}

Matrix2 Orientation::to_scan() const { return product(transposed(turn(rotation_rad, false)), on_detector()); }

std::string Orientation::text() const {
  std::string words;
  for (const auto& [is, name] : {std::pair{flip_y, "flip_y, "}, {flip_x, "flip_x, "}, {transpose, "transpose, "}})
    if (is) words += name;
  return fmt::format("{}rotation {:.1f} degrees", words, rotation_rad / units::rad_per_degree);
}

Orientation turned_to(const Orientation& flips, const Matrix2& to_scan) {
  const Matrix2 rotation = product(flips.on_detector(), transposed(to_scan));
  Orientation turned = flips;
  turned.rotation_rad = std::atan2(rotation[1] - rotation[2], rotation[0] + rotation[3]);
  return turned;
}

Orientation orientation_of(const Matrix2& to_scan) {
  Orientation best{.rotation_rad = 4};
  for (int bits = 0; bits < 8; ++bits) {
    Orientation flips{.flip_y = (bits & 1) != 0, .flip_x = (bits & 2) != 0, .transpose = (bits & 4) != 0};
    if (determinant(flips.on_detector()) * determinant(to_scan) < 0) continue;
    flips = turned_to(flips, to_scan);
    // A millionth less, so that of two at 45 degrees one is always the same.
    if (std::abs(flips.rotation_rad) < std::abs(best.rotation_rad) - 1e-6) best = flips;
  }
  return best;
}

PolarParts polar(const Matrix2& a) {
  // The nearest rotation to a, and the nearest mirror image of one; what is left is symmetric with either, and positive
  // with the one of the determinant's sign.
  const bool mirrored = determinant(a) < 0;
  const double sign = mirrored ? -1 : 1;
  // turn(rad, mirrored) = [c, s sign; -s, c sign].
  const double rad = std::atan2(sign * a[1] - a[2], a[0] + sign * a[3]);
  const Matrix2 orthogonal = turn(rad, mirrored);
  return {orthogonal, product(transposed(orthogonal), a)};
}

}  // namespace tessera
