#pragma once

#include <vector>

#include "kernels/plane_filter.hpp"
#include "src/arrays/array.hpp"

namespace tessera {

/// The cosines that slices are analysed with, [frequency, slice] without the constant: row m - 1 is
/// sqrt(2/S) cos(pi m (s + 1/2)/S), of frequency m/(2 S) cycles a slice. This is the spectrum of the slices and their
/// mirror image behind the last, so that first and last are no neighbours and a column that does not change has none.
std::vector<double> depth_cosines(Index slices);

/// Symmetric taps [frequency, 2 ry + 1, 2 rx + 1] of an in-plane filter whose response is the root of the wedge
///   W = 2/pi atan(beta^2 kz^2/(k^2 + 1e-3)), kz in cycles a slice, k in cycles a reference pixel,
/// under a cosine window of that radius, which blurs the wedge by about 1/(2 r). `step`: reference pixels a pixel are
/// 1/step_y and 1/step_x.
std::vector<double> wedge_taps(Index slices, double beta, Index radius_y, Index radius_x, double step_y, double step_x);

/// The part of an object that a focal series of small angles hardly sees: details that are large in the plane and
/// change fast between slices. The penalty is weight/2 |filter(cosines(u))|^2 with nothing beyond the object: a sum of
/// squares of local sums, the same on any tiles.
template <class Real>
class DepthWedge {
 public:
  /// `owned` and `work`, which holds two radii around it cut at the object's border, are this rank's.
  DepthWedge(DeviceKind device, Index slices, double beta, double step_y, double step_x, const Box& object,
             const Box& owned, const Box& work);
  /// Pixels that the filter reaches along an axis.
  static Index radius(double step);

  /// Adds to `slope` on the owned box, and keeps what it added in `added`: half its product with u is the value, as the
  /// penalty is a square. `u` covers the work box; planes are states of as many slices each.
  void add(const Lane& lane, double weight, View3<const Real> u, View3<Real> added, View3<Real> slope);
  std::size_t bytes() const;

 private:
  Index slices_, radius_y_, radius_x_;
  Box owned_, between_, work_;  ///< one radius apart
  Array<double> cosines_, back_, taps_;
  Array<Real> spectrum_, filtered_, twice_;  ///< [frequency, y, x] on the three boxes
};

}  // namespace tessera
