#pragma once

#include <optional>
#include <vector>

#include "src/decomposition/overlap_exchange.hpp"
#include "src/model/object_variables.hpp"
#include "src/optimisation/first_failure.hpp"
#include "src/optimisation/regulariser_rows.hpp"

namespace tessera {

/// Value and gradient of all regularisers on this rank's part of the object. Those that look at neighbours get a rim of
/// the owned box from the other ranks, as wide as the widest needs.
template <class Real>
class Penalty {
 public:
  Penalty(const Comm& comm, const ExchangePlace& place, std::vector<Regulariser> regularisers,
          const PenaltyFrame& frame, std::span<const Box> owned);

  void set_unit(double curvature) { unit_ = curvature; }
  /// Adds to the object's gradient; returns this rank's share of the value (collective when one has a rim, which this
  /// rank takes part in whatever `failure` keeps).
  double add(ObjectVariables<Real>& object, FirstFailure& failure);
  /// Makes the voxels' own weights from the present values, c = max|u|/(|u| + eta mean|u|) with maximum and mean over
  /// all ranks, ones where all is zero (collective). Returns whether there are any: then f is another one.
  bool reweigh(const ObjectVariables<Real>& object);
  std::size_t bytes() const;
  const OverlapExchange<Real>& exchange() const { return rim_; }
  /// Bytes that this rank sends in one `add`, by the plan.
  Index planned_bytes() const;

 private:
  /// A regulariser and what it keeps.
  struct Term {
    Regulariser regulariser;
    const RegulariserRow* row = nullptr;
    Array<Real> own_weights{};
    std::optional<DepthWedge<Real>> wedge{};
  };
  double add(Term& term, ObjectVariables<Real>& object);
  View3<Real> rimmed();

  const Comm& comm_;
  Lane lane_;
  PenaltyFrame frame_;
  std::vector<Term> terms_;
  double unit_ = 1;
  OverlapExchange<Real> rim_;  ///< the owned box and the widest rim
  Array<Real> value_;          ///< [plane, y, x] on the owned box
  Array<Real> rimmed_;         ///< [plane, y, x] on the owned box and its rim
};

}  // namespace tessera
