#pragma once

#include <functional>
#include <span>
#include <vector>

#include "src/geometry/scan.hpp"

namespace tessera {

/// Where a point of the detector belongs, from where it is seen, both in its pixels.
using Undistort = std::function<PointYX(const PointYX&)>;

/// Centres of bright discs that stand apart in a picture (y, x), by the light above half of the brightest level; discs
/// that touch the border, and those much smaller than most, are left out.
std::vector<PointYX> find_discs(std::span<const double> picture, Index ny, Index nx);

/// A polynomial displacement fitted to discs.
struct DistortionFit {
  Undistort undistort;
  Index discs = 0;        ///< that were found in both pictures
  double scatter_px = 0;  ///< rms of what the polynomial leaves
  double largest_px = 0;  ///< displacement of a disc
};

/// Finds the discs' displacement as a polynomial of total `degree` in y and x: pairs are each other's nearest under the
/// polynomial so far, of degree 1 at first. InputError where pairs are fewer than coefficients and two more.
DistortionFit fit_distortion(std::span<const PointYX> reference, std::span<const PointYX> distorted, int degree,
                             Index ny, Index nx);

/// A displacement map (2, ky, kx) [pixels], bilinear between pixels and constant beyond the outermost. InputError where
/// it moves a pixel farther than the detector is wide.
Undistort map_distortion(std::vector<double> displacement_px, Index ny, Index nx);

}  // namespace tessera
