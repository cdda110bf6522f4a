#pragma once

#include <vector>

#include "src/decomposition/overlap_exchange.hpp"
#include "src/model/object_variables.hpp"
#include "src/optimisation/first_failure.hpp"

namespace tessera {

enum class RegulariserKind { l1, tv };
enum class RegulariserTarget { phase, absorption };

/// A penalty on one part of the object (kernels/penalty.hpp). `weight` is dimensionless: 1 weighs as much as the data
/// do at the median lit voxel, per rad.
struct Regulariser {
  RegulariserKind kind = RegulariserKind::l1;
  RegulariserTarget of = RegulariserTarget::phase;
  double weight = 0;
  double epsilon_rad = 0.005;  ///< rounds the corner at zero
  double z_weight = 0;         ///< of differences between slices against those in the plane (tv)
};

/// Value and gradient of all regularisers on this rank's part of the object. TV needs one pixel of its neighbours.
template <class Real>
class Penalty {
 public:
  Penalty(const Comm& comm, DeviceKind device, std::vector<Regulariser> regularisers, const Box& object,
          std::span<const Box> owned, Index slices);

  void set_unit(double curvature) { unit_ = curvature; }
  /// Adds to the object's gradient; returns this rank's share of the value (collective when there is a TV, which this
  /// rank takes part in whatever `failure` keeps).
  double add(ObjectVariables<Real>& object, FirstFailure& failure);
  std::size_t bytes() const;
  const OverlapExchange<Real>& exchange() const { return rim_; }
  /// Bytes that this rank sends in one `add`, by the plan.
  Index planned_bytes() const;

 private:
  double tv(const Regulariser& regulariser, View3<const Real> with_rim, View3<Real> slope);
  double l1(const Regulariser& regulariser, View3<const Real> u, View3<Real> slope);
  View3<Real> rimmed();

  Lane lane_;
  std::vector<Regulariser> regularisers_;
  Box object_;
  Index slices_;
  double unit_ = 1;
  OverlapExchange<Real> rim_;  ///< the owned box and one pixel around it
  Array<Real> value_;          ///< [slice, y, x] on the owned box
  Array<Real> rimmed_;         ///< [slice, y, x] on the owned box and its rim
};

}  // namespace tessera
