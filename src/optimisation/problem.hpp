#pragma once

#include <functional>
#include <memory>

#include "src/model/probe.hpp"
#include "src/optimisation/first_failure.hpp"
#include "src/optimisation/object_field.hpp"
#include "src/optimisation/parameter.hpp"
#include "src/optimisation/regularisers.hpp"
#include "src/optimisation/sweep.hpp"
#include "src/optimisation/sweep_share.hpp"

namespace tessera {

/// Everything that fixes a reconstruction but the values of its unknowns.
struct ProblemSetup {
  ModelSetup model;
  ObjectFrame frame;
  Tiling tiling;
  std::vector<Placement> placements;  ///< of this rank's positions, in its order
  std::vector<Index> ids;             ///< [position] its place in the whole scan
  std::vector<Index> lines{};         ///< [position] its scan line, where the scan has lines
  Index line_count = 0;               ///< of the whole scan
  Representation representation = Representation::phase_absorption;
  RepresentationConstants constants{};
  PositiveParts positive{};
  Loss loss;
  HeldOutChoice held_out = {};
  std::vector<Regulariser> regularisers;
  /// What regularisers count as one pixel: that of the detector's own grid, so that weights mean the same where waves
  /// run on a finer one. 0: the object's.
  double reference_pixel_A = 0;
  double aperture_invA = 0;             ///< radius of the beam's aperture; 0: not known
  std::vector<UnknownChoice> unknowns;  ///< beside the object; the probe is always one
  bool profile = false;                 ///< whether kernels are measured
  HaloPath halo = HaloPath::staged;     ///< how a GPU's overlaps cross between ranks
};

/// Makes the chosen unknowns and drops them: throws what Problem would throw of them. `detector` pixels are compared.
void check_unknowns(const ProblemSetup& setup, Index detector_ny, Index detector_nx, const ComplexImage& probe);

/// Seconds spent, by what was done.
struct Seconds {
  double compute = 0, exchange = 0, reduce = 0;
};

/// The function that is minimised, f(object, instrument) = sum of losses + regularisers + priors, and its gradient, on
/// all ranks: the same numbers on any number of them. Holds the values of the unknowns; knows no optimiser, and no
/// unknown but the object by name.
template <class Real>
class Problem {
 public:
  Problem(const Comm& comm, ProblemSetup setup, Measurement measurement, const ComplexImage& probe);

  const Comm& comm() const { return comm_; }
  const ProblemSetup& setup() const { return setup_; }
  const ModelShape& shape() const { return setup_.model.shape; }
  const Box& owned() const { return object_.owned(); }
  ObjectVariables<Real>& object() { return object_.variables(); }
  ObjectField<Real>& field() { return object_; }
  /// The unknowns beside the object.
  std::vector<Parameter>& parameters() { return parameters_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  /// The one of that name, or nothing.
  Parameter* parameter(const std::string& name);
  /// The instrument at the present values.
  Instrument instrument() const;
  /// What the instrument changes along a direction of one parameter.
  Instrument change_along(const Parameter& parameter, std::span<const double> direction) const;
  Sweep<Real>& sweep() { return *sweep_; }
  ForwardModel<Real>& model() { return *model_; }
  const Schedule& schedule() const { return schedule_; }

  /// f and the gradients of the object and of all active parameters (collective). One exchange, during which the sums
  /// of the sweep cross, and one small reduction, which also tells all ranks when one has failed: then all throw its
  /// error.
  double evaluate();
  /// The parts of the last f.
  double data_loss() const { return data_loss_; }
  /// The loss of the pixels held out, when f was last evaluated: no part of it.
  double held_out_loss() const { return held_out_loss_; }
  /// Valid pixels over all ranks (collective).
  FittedAndHeldOut pixels() const;
  /// Whether any rank had been asked to stop when f was last evaluated.
  bool interrupted() const { return interrupted_; }
  /// sum E[loss | model] of the last evaluation; kept only when asked for, as it costs a pass over the intensities.
  double expected_loss() const { return expected_loss_; }
  void track_expected_loss() { track_expected_loss_ = true; }
  void set_interrupt_check(std::function<bool()> check) { interrupt_check_ = std::move(check); }

  /// The object's gradient and the model's of a sweep of its own (collective): `wanted` is what the sweep sums beside
  /// the transmission's gradient. For curvature and checks; belongs to no evaluation of f.
  void run_backwards(const Instrument& wanted, const std::function<SweepSums()>& sweep);

  /// Lets the windows follow their positions: corners become those nearest to the present positions, work boxes grow
  /// where they must, owners stay. The iterates' values do not change (collective). Returns whether anything moved.
  bool follow_positions();

  /// R factor's sums and the expected loss over all ranks, at the present values (collective). Residuals: of this
  /// rank's positions, but of all patterns for each pixel.
  FitQuality quality();
  /// This rank's transmission [plane, y, x] on its owned box, at the present values.
  std::vector<Complex<Real>> owned_transmission() { return object_.owned_transmission(); }
  /// Makes tables and transmission for the present values on the work box (collective).
  void update();
  /// Fixes the unit of the regularisers' weights: weight = omega x median of the lit voxels' curvature.
  void set_penalty_unit(double curvature) { penalty_.set_unit(curvature); }
  /// Makes the voxels' own weights of regularisers from the present values (collective); returns whether f changed.
  bool reweigh() { return penalty_.reweigh(object()); }
  double positions_total() const { return positions_total_; }

  /// What kernels took; null where they are not measured.
  const Meter* meter() const { return meter_.get(); }
  /// Of the arrays that cross between ranks, and the kernels that serve them.
  ExchangePlace place() const { return {shape().device, setup_.halo, meter_ ? meter_->beside() : nullptr}; }
  const Seconds& seconds() const { return seconds_; }
  const OverlapExchange<Complex<Real>>& exchange() const { return object_.exchange(); }
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
  void make_parameters(const ComplexImage& probe);
  void make_model();
  void update(FirstFailure& failure);
  SweepSums sweep_and_send(FirstFailure& failure);
  void collect_gradients();
  void share(SweepShare& sweep, double penalty, bool interrupted, const FirstFailure& failure);

  const Comm& comm_;
  ProblemSetup setup_;
  std::shared_ptr<Meter> meter_;
  DataTerm<Real> data_;
  std::vector<Parameter> parameters_;
  std::unique_ptr<ForwardModel<Real>> model_;
  std::unique_ptr<Sweep<Real>> sweep_;
  Schedule schedule_;
  ObjectField<Real> object_;
  std::vector<Index> ready_after_;
  Penalty<Real> penalty_;
  double positions_total_;
  std::function<bool()> interrupt_check_ = [] { return false; };
  bool interrupted_ = false;
  bool track_expected_loss_ = false;
  double expected_loss_ = 0, data_loss_ = 0, held_out_loss_ = 0, penalty_value_ = 0;
  Index evaluations_ = 0;
  Index beyond_bytes_ = 0;  ///< sent by refreshes that belong to no gradient
  Seconds seconds_;
};

}  // namespace tessera
