// ranks: 1
// Dot and Taylor tests of every unknown with every loss, representation and stage of the detector, on one lane and
// three; and of every unknown with every stage on the debug device, which is slow. Each case has its name:
// build/tests/property_test_unknown_matrix --list_content
#include <boost/test/unit_test.hpp>

#include "src/model/unknowns/rows.hpp"
#include "src/optimisation/gradient_check.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

template <class Value>
struct Named {
  const char* name;
  Value value;
};

constexpr Named<LossKind> losses[] = {{"poisson", LossKind::poisson},
                                      {"amplitude", LossKind::amplitude},
                                      {"anscombe", LossKind::anscombe},
                                      {"gaussian", LossKind::gaussian},
                                      {"weighted", LossKind::weighted}};
constexpr Named<Representation> representations[] = {{"phase and absorption", Representation::phase_absorption},
                                                     {"phase", Representation::phase},
                                                     {"complex", Representation::complex_transmission},
                                                     {"ratio", Representation::absorption_ratio},
                                                     {"potential", Representation::potential}};

/// What lies between waves and counts.
constexpr Named<void (*)(SmallProblem&)> stages[] = {
    {"pixels", [](SmallProblem&) {}},
    {"crop", [](SmallProblem& small) { set_detector(small, 8, 11, 1); }},
    {"point spread",
     [](SmallProblem& small) {
       small.psf_px = 0.7;
       small.detector.psf_radius_px = 3;
     }},
    {"sums", [](SmallProblem& small) { set_detector(small, 12, 16, 2); }},
    {"crop, point spread and sums",
     [](SmallProblem& small) {
       set_detector(small, 9, 11, 2);
       small.psf_px = 0.7;
       small.detector.psf_radius_px = 3;
     }},
    {"virtual detectors",
     [](SmallProblem& small) {
       small.virtual_sets = 2;
       small.signed_weights = small.loss.kind == LossKind::weighted;
     }},
    {"held out", [](SmallProblem& small) { small.held_out = {.share = 0.3, .seed = 3}; }}};

std::vector<std::string> refinable() {
  std::vector<std::string> names;
  for (const UnknownRow& row : unknown_rows())
    if (row.part_of.empty() && !row.always) names.push_back(row.name);
  return names;
}

/// A wrong adjoint is wrong along any direction; but among thousands of random ones are some whose two sides nearly
/// cancel, or which hardly bend f, and these say nothing: what fails is drawn again, twice.
void check(SmallProblem small) {
  if (std::ranges::count(small.unknowns, "states") > 0) small.states = 2;
  if (std::ranges::count(small.unknowns, "psf") > 0) {
    small.psf_px = 0.7;
    small.detector.psf_radius_px = 3;
  }
  const Comm alone(MPI_COMM_SELF);
  std::vector<GradientCheck> wrong;
  for (const std::uint64_t draw : {1, 101, 201}) {
    Problem<double> problem = make_problem<double>(small, alone);
    perturb_all(problem);
    std::vector<GradientCheck> found = check_gradients(problem, 0, draw);
    std::erase_if(found, [&](const GradientCheck& one) {
      const bool good = one.dot_gap <= 1e-12 && std::abs(one.taylor_order - 2) <= 0.05;
      return good || (draw > 1 && std::ranges::count(wrong, one.name, &GradientCheck::name) == 0);
    });
    wrong = std::move(found);
    if (wrong.empty()) return;
  }
  for (const GradientCheck& found : wrong)
    BOOST_TEST(false, found.name << ": dot test " << found.dot_gap << ", Taylor order " << found.taylor_order);
}

void add(const std::string& name, const SmallProblem& small) {
  boost::unit_test::framework::master_test_suite().add(
      boost::unit_test::make_test_case([small] { check(small); }, name, __FILE__, __LINE__));
}

SmallProblem small_scan(const std::vector<std::string>& unknowns) {
  return {.rows = 3, .columns = 4, .unknowns = unknowns};
}

/// The product of all lists; one lane and three take turns.
void add_host_cases(const std::string& name, const std::vector<std::string>& unknowns) {
  int count = 0;
  for (const auto& loss : losses)
    for (const auto& representation : representations)
      for (const auto& stage : stages) {
        SmallProblem small = small_scan(unknowns);
        small.loss = {.kind = loss.value, .epsilon = loss.value == LossKind::anscombe ? 0.375 : 0.1};
        small.representation = representation.value;
        small.band_limit = 1;
        small.lanes = ++count % 2 == 0 ? 1 : 3;
        stage.value(small);
        add(fmt::format("{}: {}, {}, {}, {} lanes", name, loss.name, representation.name, stage.name, small.lanes),
            small);
      }
}

const bool registered = [] {
  std::vector<std::string> all = refinable();
  for (const std::string& name : all) {
    add_host_cases(name, {name});
    SmallProblem small = small_scan({name});
    small.device = DeviceKind::debug;
    small.batch = 2;
    small.lanes = 3;
    add(name + ": debug device, 3 lanes", small);
  }
  add_host_cases("all", all);
  return true;
}();

}  // namespace

BOOST_AUTO_TEST_CASE(the_matrix_has_every_unknown) {
  BOOST_TEST(registered);
  BOOST_TEST(refinable().size() >= 12);
}

}  // namespace tessera::testing
