#include "tests/support/unknown_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "src/model/unknowns/rows.hpp"
#include "src/optimisation/gradient_check.hpp"

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
/// cancel, or which hardly bend f, and diagonals found by few random signs scatter: these say nothing, and what fails
/// is drawn again, twice, with eight times as many signs each time.
void check(SmallProblem small, bool diagonals) {
  if (std::ranges::count(small.unknowns, "states") > 0) small.states = 2;
  if (std::ranges::count(small.unknowns, "psf") > 0) {
    small.psf_px = 0.7;
    small.detector.psf_radius_px = 3;
  }
  const Comm alone(MPI_COMM_SELF);
  std::vector<GradientCheck> wrong;
  int probes = diagonals ? 8 : 0;
  for (const std::uint64_t draw : {1, 101, 201}) {
    Problem<double> problem = make_problem<double>(small, alone);
    perturb_all(problem);
    std::vector<GradientCheck> found = check_gradients(problem, probes, draw);
    std::erase_if(found, [&](const GradientCheck& one) {
      return one.passes(1e-12) || (draw > 1 && std::ranges::count(wrong, one.name, &GradientCheck::name) == 0);
    });
    wrong = std::move(found);
    if (wrong.empty()) return;
    probes *= 8;
  }
  for (const GradientCheck& found : wrong)
    BOOST_TEST(false, found.name << ": dot test " << found.dot_gap << ", Taylor order " << found.taylor_order
                                 << ", diagonal " << found.diagonal);
}

}  // namespace

std::vector<MatrixCase> unknown_matrix() {
  std::vector<std::pair<std::string, std::vector<std::string>>> sets;
  for (const std::string& name : refinable()) sets.emplace_back(name, std::vector<std::string>{name});
  sets.emplace_back("all", refinable());
  std::vector<MatrixCase> cases;
  std::ptrdiff_t set = 0;
  for (const auto& [name, unknowns] : sets) {
    ++set;
    for (const auto& loss : losses)
      for (const auto& representation : representations)
        for (const auto& stage : stages) {
          SmallProblem small{.rows = 3, .columns = 4, .unknowns = unknowns};
          small.loss = {.kind = loss.value, .epsilon = loss.value == LossKind::anscombe ? 0.375 : 0.1};
          small.representation = representation.value;
          small.band_limit = 1;
          stage.value(small);
          const auto diagonal = (&loss - losses) + (&representation - representations) + (&stage - stages) + set;
          cases.push_back({name, loss.name, representation.name, stage.name, small, diagonal % 5 == 0});
        }
  }
  return cases;
}

void add_gradient_case(const MatrixCase& one, bool diagonals) {
  const std::string name = fmt::format("{}: {}, {}, {}", one.unknown, one.loss, one.representation, one.stage);
  boost::unit_test::framework::master_test_suite().add(boost::unit_test::make_test_case(
      [small = one.small, diagonals] { check(small, diagonals); }, name, __FILE__, __LINE__));
}

}  // namespace tessera::testing
