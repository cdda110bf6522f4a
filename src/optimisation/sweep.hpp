#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "src/model/data_term.hpp"
#include "src/model/forward_model.hpp"
#include "src/optimisation/meter.hpp"

namespace tessera {

/// Positions first .. first + n - 1 of a rank, computed together.
struct PositionRange {
  Index first = 0;
  Index n = 0;
};

/// What one sweep visits, in this order: all positions, or a part of them.
using Schedule = std::vector<PositionRange>;

/// All positions in batches.
Schedule whole_schedule(Index positions, Index batch);

/// Sums of one sweep over a rank's patterns.
struct SweepSums {
  double loss = 0;
  double held_out = 0;  ///< the loss of the pixels held out
  double expected = 0;  ///< when asked for
  FitQuality quality;
  std::exception_ptr failure;  ///< what went wrong; nothing is thrown, as other ranks wait
};

/// Runs programs over a schedule on lanes, of a host or a GPU, each with a thread: range i on lane i modulo their
/// number. What positions share is added in the order of the schedule, one range at a time, so that the bits do not
/// depend on the number of lanes. Sums stay on the device until the end: a GPU's lane is given work ahead of what is
/// done.
template <class Real>
class Sweep {
 public:
  /// With a meter, which has as many lanes, kernels are measured; null: they are not.
  Sweep(ForwardModel<Real>& model, const DataTerm<Real>& data, int lanes, std::shared_ptr<Meter> meter = nullptr);

  /// Called on the calling thread with the number of ranges that are done, on a GPU given to it: what is put on its
  /// default stream finds them done. Never while the last one is being added.
  using Progress = std::function<void(Index)>;

  /// f and the model's gradients (Program "gradient").
  SweepSums gradient(const Schedule& schedule, bool with_expected, const Progress& progress);
  /// How well the model fits, in all and in part.
  SweepSums quality(const Schedule& schedule);
  /// The gradients of sum_jk s_jk sqrt(h_jk) mu_jk, s random signs that depend on (seed, position's name, pixel): their
  /// squares average to the Fisher diagonal, as do those of no other simple sum. `names` [position].
  SweepSums random_fisher(const Schedule& schedule, std::uint64_t seed, const std::vector<Index>& names);
  /// The gradients of sum_jk h_jk mu_jk: for the background they are its Fisher diagonal.
  SweepSums weights(const Schedule& schedule);
  /// sum_k h_jk (d mu_jk)^2 [position] along the prepared direction and d_transmission; 0 where the schedule does not
  /// come by.
  std::vector<double> tangent_fisher(const Schedule& schedule, View3<const Complex<Real>> d_transmission);
  /// The gradients of sum_jk h_jk d mu_jk mu_jk, d mu along the prepared direction and d_transmission and held fixed:
  /// the Fisher matrix times that direction.
  SweepSums fisher_product(const Schedule& schedule, View3<const Complex<Real>> d_transmission);
  /// d mu of each pixel, times `cotangent` (position, pixel), summed: for tests.
  double tangent_dot(const Schedule& schedule, View3<const Complex<Real>> d_transmission,
                     const std::function<double(Index, Index)>& cotangent);
  /// The gradients of sum_jk cotangent_jk mu_jk: for tests.
  SweepSums cotangent_gradient(const Schedule& schedule, const std::function<double(Index, Index)>& cotangent);

 private:
  struct Space {
    typename ForwardModel<Real>::Space model;
    typename DataTerm<Real>::Space data;
  };
  /// Computes a range with its sums, beside other lanes.
  using Compute = std::function<void(Space&, const PositionRange&, const BlockSums&)>;
  /// Adds to what ranges share, in their turn; empty: nothing is shared.
  using Commit = std::function<void(Space&, const PositionRange&)>;
  SweepSums run(const Schedule& schedule, const Compute& compute, const Commit& commit, const Progress& progress);
  /// The commit of the model's gradients.
  Commit gradients() {
    return [this](Space& space, const PositionRange& range) { model_.commit(space.model, range.first, range.n); };
  }
  SweepSums failures_or_sums(const std::vector<std::exception_ptr>& failures) const;
  SweepSums backwards(const Schedule& schedule,
                      const std::function<void(Space&, const PositionRange&, View3<Real>)>& make_bar);

  ForwardModel<Real>& model_;
  const DataTerm<Real>& data_;
  std::shared_ptr<Meter> meter_;
  std::vector<Space> spaces_;
  Array<double> sums_;  ///< [range, BlockSums::count]
};

}  // namespace tessera
