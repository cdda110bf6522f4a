#pragma once

#include <string>

#include "src/geometry/matrix2.hpp"

namespace tessera {

/// How the detector lies against the scan: the keys detector.flip_y, flip_x, transpose and scan.rotation_deg.
///
/// With O the matrix of flips and transposition (raw pixel to final pixel) and R that of the rotation (nominal position
/// to true one), W = R^T O takes directions on the raw detector to directions of the nominal scan. All that images of
/// the scan can tell is W: a deflection c of the pattern is the gradient W c.
struct Orientation {
  bool flip_y = false, flip_x = false, transpose = false;
  double rotation_rad = 0;

  Matrix2 on_detector() const;  ///< O
  Matrix2 to_scan() const;      ///< W
  /// "flip_y, transpose, rotation 12.0 degrees".
  std::string text() const;
};

/// Of the orientations with that W the one whose rotation is at most 45 degrees either way.
Orientation orientation_of(const Matrix2& to_scan);

/// With the flips and transposition of `flips`, whatever the rotation; W must have their handedness.
Orientation turned_to(const Orientation& flips, const Matrix2& to_scan);

/// W = W_polar S with W_polar orthogonal and S symmetric, its trace not negative. -W and -S are the same product.
struct PolarParts {
  Matrix2 orthogonal;
  Matrix2 symmetric;
};
PolarParts polar(const Matrix2& a);

/// A turn by `rad`, after a mirror along x where `mirrored`.
Matrix2 turn(double rad, bool mirrored);

}  // namespace tessera
