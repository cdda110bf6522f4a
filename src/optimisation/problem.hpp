#pragma once

#include <exception>
#include <functional>
#include <memory>

#include "src/decomposition/overlap_exchange.hpp"
#include "src/geometry/tiling.hpp"
#include "src/model/data_term.hpp"
#include "src/model/object_variables.hpp"
#include "src/model/probe.hpp"
#include "src/optimisation/regularisers.hpp"

namespace tessera {

/// Everything that fixes a reconstruction but the values of its unknowns.
struct ProblemSetup {
  ModelShape shape;
  Propagation propagation;
  std::vector<double> gaps_A;  ///< [slices - 1]
  ObjectFrame frame;
  Tiling tiling;
  std::vector<Placement> placements;  ///< of this rank's positions, in its order
  Representation representation = Representation::phase_absorption;
  Loss loss;
  std::vector<Regulariser> regularisers;
};

/// Seconds spent, by what was done.
struct Seconds {
  double compute = 0, exchange = 0, reduce = 0;
};

/// The function that is minimised, f(object, probe) = sum of losses + regularisers, and its gradient, on all ranks: the
/// same numbers on any number of them. Holds the values of the unknowns; knows no optimiser.
template <class Real>
class Problem {
 public:
  Problem(const Comm& comm, ProblemSetup setup, Measurement measurement, const ComplexImage& probe);

  const Comm& comm() const { return comm_; }
  const ProblemSetup& setup() const { return setup_; }
  const Box& owned() const { return setup_.tiling.owned[comm_.rank()]; }
  ObjectVariables<Real>& object() { return object_; }
  /// [mode, y, x], the same on every rank.
  const std::vector<Complex<Real>>& probe() const { return probe_; }
  void set_probe(std::vector<Complex<Real>> probe) { probe_ = std::move(probe); }

  /// f and all gradients (collective). One exchange and one reduction, which also tells all ranks when one has failed:
  /// then all throw its error.
  double evaluate();
  /// The part of the last f that the measurement has: f less the regularisers.
  double data_loss() const { return data_loss_; }
  /// Of the last evaluation: the gradients of this rank's object variables are in `object()`.
  const std::vector<Complex<Real>>& probe_gradient() const { return probe_gradient_; }
  /// Whether any rank had been asked to stop when f was last evaluated.
  bool interrupted() const { return interrupted_; }
  /// sum E[loss | model] of the last evaluation; kept only when asked for, as it costs a pass over the intensities.
  double expected_loss() const { return expected_loss_; }
  void track_expected_loss() { track_expected_loss_ = true; }
  void set_interrupt_check(std::function<bool()> check) { interrupt_check_ = std::move(check); }

  /// R factor's sums and the expected loss over all ranks, at the present values (collective).
  FitQuality quality();
  /// This rank's transmission [slice, y, x] on its owned box, at the present values.
  std::vector<Complex<Real>> owned_transmission();
  /// The Fisher diagonal of this rank's voxels [slice, y, x], not damped (collective).
  std::vector<double> object_curvature();
  /// The same for each real number of the probe: 2 a_bl sum_j |T|^2, with |T| = 1.
  double probe_curvature() const;
  /// A good step along -g in variables that are scaled by these curvatures: they are means over all spatial
  /// frequencies, of which the band limit lets a share a_bl pass, so that what the data see is curved by 1/a_bl.
  double first_step() const;
  /// Fixes the unit of the regularisers' weights: weight = omega x median of the lit voxels' curvature.
  void set_penalty_unit(double curvature) { penalty_.set_unit(curvature); }

  const Seconds& seconds() const { return seconds_; }
  const OverlapExchange<Complex<Real>>& exchange() const { return exchange_; }
  /// What this rank sends in one evaluation of f, by the plans and as counted, and the seconds it waited in all.
  struct TrafficPerGradient {
    double planned_bytes = 0;
    double measured_bytes = 0;
    double seconds_waiting = 0;
  };
  TrafficPerGradient traffic() const;
  /// Bytes this rank holds, optimiser vectors apart.
  std::size_t bytes() const;

 private:
  void update_transmission();
  /// Of one sweep over this rank's patterns.
  struct SweepSums {
    double loss = 0;
    double expected = 0;  ///< when tracked
    bool interrupted = false;
    std::exception_ptr failure;  ///< what went wrong; the overlaps have left all the same
  };
  SweepSums sweep();
  void share(const SweepSums& sums, double penalty);

  const Comm& comm_;
  ProblemSetup setup_;
  ForwardModel<Real> model_;
  DataTerm<Real> data_;
  ObjectVariables<Real> object_;
  Array<Complex<Real>> owned_t_, owned_t_bar_;  ///< [slice, y, x] on the owned box
  OverlapExchange<Complex<Real>> exchange_;
  std::vector<Index> ready_after_;
  Penalty<Real> penalty_;
  std::vector<Complex<Real>> probe_, probe_gradient_;
  double positions_total_;
  std::function<bool()> interrupt_check_ = [] { return false; };
  bool interrupted_ = false;
  bool track_expected_loss_ = false;
  double expected_loss_ = 0, data_loss_ = 0, penalty_value_ = 0;
  Index evaluations_ = 0;
  Seconds seconds_;
};

}  // namespace tessera
