// ranks: 1
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "src/model/unknowns/rows.hpp"
#include "src/optimisation/gradient_check.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const UnknownRow& row : unknown_rows())
    if (row.part_of.empty() && !row.always) all.push_back(row.name);
  return all;
}

/// A scan of a few positions on which everything that is named can be refined.
SmallProblem with(const std::vector<std::string>& unknowns, DeviceKind device) {
  SmallProblem small{.device = device,
                     .batch = device == DeviceKind::host ? 1 : 3,
                     .rows = 3,
                     .columns = 4,
                     .unknowns = unknowns,
                     .lanes = device == DeviceKind::host ? 1 : 2};
  for (const std::string& name : unknowns) {
    if (name == "psf") {
      small.psf_px = 0.7;
      small.detector.psf_radius_px = 3;
    }
    if (name == "states") small.states = 2;
  }
  return small;
}

/// `probes` random sweeps for the diagonals; 0: they are not checked.
void check(const SmallProblem& small, int probes) {
  const Comm alone(MPI_COMM_SELF);
  Problem<double> problem = make_problem<double>(small, alone);
  perturb_all(problem);
  for (const GradientCheck& found : check_gradients(problem, probes)) {
    BOOST_TEST_MESSAGE(found.name << ": dot " << found.dot_gap << ", order " << found.taylor_order << ", diagonal "
                                  << found.diagonal);
    BOOST_TEST(found.dot_gap <= 1e-12, found.name << ": dot test " << found.dot_gap);
    BOOST_TEST(std::abs(found.taylor_order - 2) <= 0.05, found.name << ": Taylor order " << found.taylor_order);
    BOOST_TEST(std::abs(found.diagonal - 1) <= 0.1, found.name << ": diagonal " << found.diagonal);
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(each_alone, data::make(names()), name) { check(with({name}, DeviceKind::host), 32); }

/// What lies between the waves and the counts, with all unknowns: a crop, sums with dead pixels, the point spread.
struct Stage {
  const char* name;
  Index ny, nx, bin;  ///< of the detector; 12 x 16 are the window's
  bool psf;
};
std::ostream& operator<<(std::ostream& out, const Stage& stage) { return out << stage.name; }
const std::vector<Stage> stages{{"as it is", 12, 16, 1, false},
                                {"crop", 8, 11, 1, false},
                                {"point spread and crop", 8, 11, 1, true},
                                {"sums", 12, 16, 2, false},
                                {"point spread, crop and sums that leave a rest", 9, 11, 2, true}};

BOOST_DATA_TEST_CASE(all_together_at_every_stage_of_the_detector, data::make(stages), stage) {
  std::vector<std::string> unknowns = names();
  if (!stage.psf) std::erase(unknowns, "psf");
  SmallProblem small = with(unknowns, DeviceKind::host);
  small.band_limit = 1;
  if (stage.ny < 12 || stage.bin > 1) set_detector(small, stage.ny, stage.nx, stage.bin);
  check(small, 32);
  small.device = separate_device();
  const Comm alone(MPI_COMM_SELF);
  BOOST_TEST(make_problem<double>(small, alone).evaluate() > 0);
}

/// The debug device is slow: a copy that is missing there crashes in one evaluation.
BOOST_AUTO_TEST_CASE(all_on_a_device_of_its_own_memory) { check(with(names(), separate_device()), 0); }

BOOST_DATA_TEST_CASE(all_together, data::make({0, 1, 2, 3, 4}) * data::make({0, 1, 2}), loss, representation) {
  SmallProblem small = with(names(), DeviceKind::host);
  small.loss = {.kind = static_cast<LossKind>(loss), .epsilon = loss == 2 ? 0.375 : 0.1};
  small.representation = static_cast<Representation>(representation);
  check(small, 0);
}

/// Through virtual detectors, one set for all positions and two that they use in turn; signed ones have one loss.
BOOST_DATA_TEST_CASE(all_through_virtual_detectors, data::make({0, 1, 2, 3, 4}) * data::make({1, 2}), loss, sets) {
  SmallProblem small = with(names(), DeviceKind::host);
  small.loss = {.kind = static_cast<LossKind>(loss), .epsilon = loss == 2 ? 0.375 : 0.1};
  small.virtual_sets = sets;
  small.signed_weights = small.loss.kind == LossKind::weighted;
  check(small, 0);
}

BOOST_AUTO_TEST_CASE(virtual_detectors_on_the_debug_device) {
  SmallProblem small = with({"background"}, separate_device());
  small.virtual_sets = 2;
  check(small, 0);
}

/// The scales know the channels. A hundred numbers are few for random signs, so that many of these are needed.
BOOST_DATA_TEST_CASE(diagonals_through_virtual_detectors, data::make({0, 4}), loss) {
  SmallProblem small = with({"positions", "dose", "background"}, DeviceKind::host);
  small.loss.kind = static_cast<LossKind>(loss);
  small.virtual_sets = 2;
  small.signed_weights = small.loss.kind == LossKind::weighted;
  check(small, 1000);
}

/// Pixels or patterns held out are in no gradient, and the diagonals know it.
BOOST_DATA_TEST_CASE(with_some_held_out, data::make({false, true}), whole_patterns) {
  SmallProblem small = with(names(), DeviceKind::host);
  small.held_out = {.share = 0.3, .whole_patterns = whole_patterns, .seed = 3};
  check(small, 32);
}

namespace {

/// Loss and gradients of everything at perturbed values.
std::vector<double> evaluate(const SmallProblem& small) {
  const Comm alone(MPI_COMM_SELF);
  Problem<double> problem = make_problem<double>(small, alone);
  perturb_all(problem);
  std::vector<double> all{problem.evaluate()};
  const std::vector<double> object = problem.object().gradient();
  all.insert(all.end(), object.begin(), object.end());
  for (const Parameter& parameter : problem.parameters())
    all.insert(all.end(), parameter.gradient.begin(), parameter.gradient.end());
  return all;
}

}  // namespace

/// What positions share is added in their order: the bits are those of one lane.
BOOST_AUTO_TEST_CASE(any_number_of_lanes_gives_the_same_bits) {
  SmallProblem small = with(names(), DeviceKind::host);
  const std::vector<double> one = evaluate(small);
  for (small.lanes = 2; small.lanes <= 3; ++small.lanes) BOOST_TEST((evaluate(small) == one), small.lanes << " lanes");
}

/// Waves that are made again on the way back are those that were not kept, whatever is in between.
BOOST_DATA_TEST_CASE(waves_made_again_are_the_same_bits, data::make({false, true}) * data::make({false, true}),
                     filtered, on_device) {
  SmallProblem small = with(names(), on_device ? separate_device() : DeviceKind::host);
  if (filtered) small.transmission = TransmissionLimit::patch;
  small.slices = 5;
  const std::vector<double> kept = evaluate(small);
  for (small.kept_every = 2; small.kept_every <= 6; ++small.kept_every)
    BOOST_TEST((evaluate(small) == kept), "kept every " << small.kept_every);
}

/// The tangent goes through the slices the other way, and the adjoint after it.
BOOST_AUTO_TEST_CASE(gradients_are_right_with_waves_made_again) {
  SmallProblem small = with(names(), DeviceKind::host);
  small.slices = 5;
  small.kept_every = 2;
  check(small, 32);
}

}  // namespace tessera::testing
