// ranks: 1 2 3 7
// Priors of positions that leave affine maps or scan lines free, against plain least squares over all positions.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/optimisation/gradient_check.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

constexpr double sigma_A = 0.2;

SmallProblem with(const std::string& key) {
  return {.modes = 1, .unknowns = {"positions"}, .numbers = {{"prior_A", 0}, {key, sigma_A}}};
}

/// The prior's part of f with these shifts of all positions [position, yx].
double prior_of(const SmallProblem& small, const Comm& comm, const std::vector<double>& shifts) {
  Problem<double> problem = make_problem<double>(small, comm);
  Parameter& positions = *problem.parameter("positions");
  for (std::size_t j = 0; j < problem.setup().ids.size(); ++j)
    for (std::size_t c = 0; c < 2; ++c)
      positions.value[2 * j + c] = shifts[2 * static_cast<std::size_t>(problem.setup().ids[j]) + c];
  return problem.evaluate() - problem.data_loss();
}

std::vector<double> noise_of(std::size_t count) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(0.1 * std::sin(3.0 * static_cast<double>(i * i + 1)));
  return values;
}

/// min over the three coefficients of sum (shift - a - b y - c x)^2, by Cramer's rule; both coordinates.
double not_affine(const std::vector<PointYX>& scan, const std::vector<double>& shifts) {
  double left = 0;
  for (std::size_t c = 0; c < 2; ++c) {
    double m[3][3] = {}, r[3] = {}, squares = 0;
    for (std::size_t j = 0; j < scan.size(); ++j) {
      const double row[3] = {1, scan[j].y, scan[j].x};
      for (int a = 0; a < 3; ++a) {
        r[a] += row[a] * shifts[2 * j + c];
        for (int b = 0; b < 3; ++b) m[a][b] += row[a] * row[b];
      }
      squares += shifts[2 * j + c] * shifts[2 * j + c];
    }
    const auto determinant = [](const double(&d)[3][3]) {
      return d[0][0] * (d[1][1] * d[2][2] - d[1][2] * d[2][1]) - d[0][1] * (d[1][0] * d[2][2] - d[1][2] * d[2][0]) +
             d[0][2] * (d[1][0] * d[2][1] - d[1][1] * d[2][0]);
    };
    for (int a = 0; a < 3; ++a) {
      double replaced[3][3];
      for (int i = 0; i < 3; ++i)
        for (int k = 0; k < 3; ++k) replaced[i][k] = k == a ? r[i] : m[i][k];
      squares -= determinant(replaced) / determinant(m) * r[a];
    }
    left += squares;
  }
  return left;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_affine_prior_holds_what_is_no_affine_map) {
  const Comm world(MPI_COMM_WORLD);
  const SmallProblem small = with("prior_affine_A");
  const std::vector<PointYX> scan = scan_of(small);
  const std::vector<double> noise = noise_of(2 * scan.size());
  const double expected = not_affine(scan, noise) / (2 * sigma_A * sigma_A);
  BOOST_TEST(relative_gap(prior_of(small, world, noise), expected) < 1e-8);
  std::vector<double> affine;
  for (const PointYX& at : scan) {
    affine.push_back(0.1 + 0.02 * at.y - 0.03 * at.x);
    affine.push_back(-0.2 + 0.05 * at.x);
  }
  BOOST_TEST(std::abs(prior_of(small, world, affine)) < 1e-8 * expected);
}

BOOST_AUTO_TEST_CASE(a_line_prior_holds_what_differs_within_a_line) {
  const Comm world(MPI_COMM_WORLD);
  const SmallProblem small = with("prior_line_A");
  const std::vector<double> noise = noise_of(2 * scan_of(small).size());
  const std::size_t length = 2 * static_cast<std::size_t>(small.columns);
  double left = 0;
  for (std::size_t first = 0; first < noise.size(); first += length)
    for (std::size_t c = 0; c < 2; ++c) {
      const std::size_t last = std::min(first + length, noise.size());
      double mean = 0;
      for (std::size_t i = first + c; i < last; i += 2) mean += 2 * noise[i] / static_cast<double>(last - first);
      for (std::size_t i = first + c; i < last; i += 2) left += (noise[i] - mean) * (noise[i] - mean);
    }
  BOOST_TEST(relative_gap(prior_of(small, world, noise), left / (2 * sigma_A * sigma_A)) < 1e-8);
}

/// With weights so large that the priors are what f consists of.
BOOST_AUTO_TEST_CASE(their_gradients_have_taylor_order_two) {
  const Comm world(MPI_COMM_WORLD);
  for (const char* key : {"prior_affine_A", "prior_line_A"}) {
    SmallProblem small = with(key);
    small.numbers[key] = 1e-3;
    Problem<double> problem = make_problem<double>(small, world);
    perturb_all(problem);
    for (const GradientCheck& found : check_gradients(problem, 0))
      BOOST_TEST(std::abs(found.taylor_order - 2) <= 0.05, key << ", " << found.name << ": " << found.taylor_order);
  }
}

}  // namespace tessera::testing
