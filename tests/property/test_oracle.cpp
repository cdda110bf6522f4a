// ranks: 1
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/devices.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/naive_multislice.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

template <class Real>
ComplexImage as_image(const std::vector<Complex<Real>>& values) {
  ComplexImage image;
  for (const Complex<Real>& value : values)
    image.emplace_back(static_cast<double>(value.re), static_cast<double>(value.im));
  return image;
}

/// [position, y, x] by plain loops at the problem's values.
template <class Real>
std::vector<double> naive_intensities(const SmallProblem& small, Problem<Real>& problem) {
  const ProblemSetup& setup = problem.setup();
  const NaiveMultislice naive{small.window, small.modes, small.slices, setup.model.gaps_A, setup.model.propagation};
  const ComplexImage probe = as_image(probe_values(problem)), t = as_image(problem.owned_transmission());
  std::vector<double> all;
  for (const Placement& placement : setup.placements) {
    const std::vector<double> one = naive.intensity(probe, t, setup.frame.ny, setup.frame.nx, placement);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

template <class Real>
std::vector<double> model_intensities(const SmallProblem& small, Problem<Real>& problem) {
  const ProblemSetup& setup = problem.setup();
  ForwardModel<Real> model(setup.model, setup.placements, setup.frame.box());
  model.prepare(problem.instrument());
  auto space = model.make_space();
  const std::vector<Complex<Real>> t = problem.owned_transmission();
  from_host(small.device, t, model.transmission());
  std::vector<double> all;
  for (Index first = 0; first < model.positions(); first += small.batch) {
    const View3<Real> mu = model.expected(space, first, std::min(small.batch, model.positions() - first));
    const std::vector<Real> values = to_host(small.device, mu);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

template <class Real>
void check_oracle(SmallProblem small, double tolerance) {
  const Comm alone(MPI_COMM_SELF);
  const std::vector<std::uint16_t> counts = counts_of(small, alone);
  const std::vector<double> valid = mask_of(small);
  std::vector<double> mu;
  for (const Loss& loss : {Loss{LossKind::poisson, 0.1}, Loss{LossKind::amplitude, 0.1},
                           Loss{LossKind::anscombe, 0.375}, Loss{LossKind::gaussian, 0}}) {
    small.loss = loss;
    Problem<Real> problem = make_problem<Real>(small, alone);
    if (mu.empty()) {
      mu = naive_intensities(small, problem);
      const double gap = relative_difference(model_intensities(small, problem), mu);
      BOOST_TEST_MESSAGE("intensities " << gap);
      BOOST_TEST(gap <= tolerance);
    }
    double expected = 0;
    for (std::size_t i = 0; i < mu.size(); ++i)
      expected += valid[i % valid.size()] * naive_loss(loss, mu[i], static_cast<double>(counts[i]));
    const double gap = relative_gap(problem.evaluate(), expected);
    BOOST_TEST_MESSAGE("loss " << static_cast<int>(loss.kind) << ": " << gap);
    BOOST_TEST(gap <= tolerance);
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(model_and_losses, data::make(devices) * data::make({0, 1, 2}), device, kind) {
  const bool filtered = kind == 1, unlimited = kind == 2;
  const SmallProblem small{.device = device,
                           .transmission = filtered ? TransmissionLimit::patch : TransmissionLimit::none,
                           .band_limit = unlimited ? 1 : 2.0 / 3,
                           .batch = device == DeviceKind::host ? 1 : 3,
                           .rows = 3,
                           .columns = 4};
  check_oracle<double>(small, 1e-12);
  check_oracle<float>(small, 1e-4);
}

}  // namespace tessera::testing
