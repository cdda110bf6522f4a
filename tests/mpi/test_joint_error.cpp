// ranks: 1 2 3
// What Cramer and Rao allow while all unknowns are free, against a dense inverse of the Fisher matrix that tangents
// give, and on any number of ranks.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "src/optimisation/curvature.hpp"
#include "src/optimisation/direction.hpp"
#include "src/optimisation/joint_error.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

SmallProblem tiny(bool with_descan) {
  SmallProblem small{.representation = Representation::phase,
                     .band_limit = 1,
                     .window = {.ny = 6, .nx = 8, .dy_A = 0.35, .dx_A = 0.25},
                     .slices = 1,
                     .modes = 1,
                     .rows = 2,
                     .columns = 3,
                     .unknowns = {"positions", "dose"},
                     .numbers = {{"prior_A", 0.05}, {"prior", 0.1}}};
  if (with_descan) small.unknowns.emplace_back("descan");
  return small;
}

std::size_t index_of(const Problem<double>& problem, const std::string& name) {
  for (std::size_t k = 0; k < problem.parameters().size(); ++k)
    if (problem.parameters()[k].row->name == name) return k;
  return problem.parameters().size();
}

/// All numbers of a direction in a row.
std::vector<double*> numbers_of(Direction& direction) {
  std::vector<double*> all;
  for (double& value : direction.object) all.push_back(&value);
  for (std::vector<double>& values : direction.parameters)
    for (double& value : values) all.push_back(&value);
  return all;
}

/// The mean of the diagonal of a parameter's block of (H (F + P) H)^-1, H without what positions must not move along,
/// on one rank. F by polarisation of sums of squared tangents, P of plain priors; Cholesky, with 1e-10 of the diagonal
/// added.
class DenseOracle {
 public:
  explicit DenseOracle(Problem<double>& problem) : problem_(problem), direction_(no_direction(problem)) {
    problem.update();
    n_ = numbers_of(direction_).size();
    matrix_.assign(n_ * n_, 0.0);
    make_fisher();
    std::size_t first = direction_.object.size();
    for (const Parameter& parameter : problem_.parameters()) {
      for (std::size_t i = 0; i < parameter.value.size(); ++i)
        matrix_[(first + i) * (n_ + 1)] += parameter.prior_curvature();
      for (const std::vector<double>& direction : parameter.map->held()) hold(first, direction);
      first += parameter.value.size();
    }
    for (std::size_t i = 0; i < n_; ++i) {  // of rows and of columns
      std::vector<double> row(matrix_.begin() + i * n_, matrix_.begin() + (i + 1) * n_);
      remove_held(row);
      std::ranges::copy(row, matrix_.begin() + i * n_);
    }
    for (std::size_t j = 0; j < n_; ++j) {
      std::vector<double> column;
      for (std::size_t i = 0; i < n_; ++i) column.push_back(matrix_[i * n_ + j]);
      remove_held(column);
      for (std::size_t i = 0; i < n_; ++i) matrix_[i * n_ + j] = column[i];
    }
    factorise();
  }

  double mean_variance(std::size_t which) const {
    std::size_t first = direction_.object.size();
    for (std::size_t k = 0; k < which; ++k) first += direction_.parameters[k].size();
    const std::size_t count = direction_.parameters[which].size();
    double sum = 0;
    for (std::size_t i = first; i < first + count; ++i) sum += inverse_diagonal(i);
    return sum / static_cast<double>(count);
  }

 private:
  void make_fisher() {
    const std::vector<double*> at = numbers_of(direction_);
    std::vector<double> alone(n_);
    for (std::size_t i = 0; i < n_; ++i) {
      *at[i] = 1;
      alone[i] = fisher();
      for (std::size_t j = 0; j < i; ++j) {
        *at[j] = 1;
        matrix_[i * n_ + j] = matrix_[j * n_ + i] = (fisher() - alone[i] - alone[j]) / 2;
        *at[j] = 0;
      }
      matrix_[i * n_ + i] = alone[i];
      *at[i] = 0;
    }
  }

  double fisher() {
    const Array<Complex<double>> d_tile = prepare_tangent(problem_, direction_);
    const View3<Complex<double>> tile = problem_.model().transmission();
    double sum = 0;
    for (const double value :
         problem_.sweep().tangent_fisher(problem_.schedule(), d_tile.view(tile.n, tile.ny, tile.nx)))
      sum += value;
    return sum;
  }

  /// Gram and Schmidt.
  void hold(std::size_t first, const std::vector<double>& direction) {
    std::vector<double> all(n_, 0.0);
    std::ranges::copy(direction, all.begin() + static_cast<std::ptrdiff_t>(first));
    const double before = std::sqrt(std::inner_product(all.begin(), all.end(), all.begin(), 0.0));
    remove_held(all);
    const double size = std::sqrt(std::inner_product(all.begin(), all.end(), all.begin(), 0.0));
    if (size < 1e-9 * before) return;
    for (double& value : all) value /= size;
    held_.push_back(std::move(all));
  }

  void remove_held(std::vector<double>& values) const {
    for (const std::vector<double>& q : held_) {
      const double along = std::inner_product(q.begin(), q.end(), values.begin(), 0.0);
      for (std::size_t i = 0; i < n_; ++i) values[i] -= along * q[i];
    }
  }

  void factorise() {
    for (std::size_t i = 0; i < n_; ++i) matrix_[i * (n_ + 1)] += 1e-10 * matrix_[i * (n_ + 1)] + 1e-7;
    for (std::size_t j = 0; j < n_; ++j)
      for (std::size_t i = j; i < n_; ++i) {
        double sum = matrix_[i * n_ + j];
        for (std::size_t k = 0; k < j; ++k) sum -= matrix_[i * n_ + k] * matrix_[j * n_ + k];
        matrix_[i * n_ + j] = i == j ? std::sqrt(sum) : sum / matrix_[j * (n_ + 1)];
      }
  }

  /// |L^-1 H e|^2
  double inverse_diagonal(std::size_t which) const {
    std::vector<double> e(n_, 0.0), solution(n_, 0.0);
    e[which] = 1;
    remove_held(e);
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      double rest = e[i];
      for (std::size_t k = 0; k < i; ++k) rest -= matrix_[i * n_ + k] * solution[k];
      solution[i] = rest / matrix_[i * (n_ + 1)];
      sum += solution[i] * solution[i];
    }
    return sum;
  }

  Problem<double>& problem_;
  Direction direction_;
  std::size_t n_ = 0;
  std::vector<double> matrix_;
  std::vector<std::vector<double>> held_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(joint_errors)

BOOST_AUTO_TEST_CASE(equals_the_inverse_of_the_whole_matrix) {
  const Comm comm(MPI_COMM_WORLD);
  if (comm.size() > 1) return;
  Problem<double> problem = make_problem<double>(tiny(false), comm);
  perturb_all(problem);
  const DenseOracle oracle(problem);
  for (const char* name : {"positions", "dose"}) {
    const std::size_t which = index_of(problem, name);
    const double expected = oracle.mean_variance(which);
    const JointError found = *joint_error(problem, which, {.products = 400, .signs = 512});
    BOOST_TEST_MESSAGE(name << ": " << found.variance << " of " << expected << ", growth " << found.growth);
    BOOST_TEST(found.variance == expected, boost::test_tools::tolerance(0.1));
  }
}

BOOST_AUTO_TEST_CASE(grows_with_products_from_what_is_known_with_all_else_fixed) {
  const Comm comm(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>(tiny(true), comm);
  perturb_all(problem);
  problem.update();
  const std::size_t which = index_of(problem, "positions");
  double before = 0;
  for (const int products : {1, 4, 16, 64}) {
    const JointError found = *joint_error(problem, which, {.products = products, .signs = 2});
    BOOST_TEST(found.variance > before);
    before = found.variance;
  }
}

BOOST_AUTO_TEST_CASE(is_the_same_on_any_number_of_ranks) {
  const Comm comm(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  double found[2];
  for (int i = 0; i < 2; ++i) {
    Problem<double> problem = make_problem<double>(tiny(true), i == 0 ? comm : alone);
    perturb_all(problem);
    problem.update();
    found[i] = joint_error(problem, index_of(problem, "positions"), {.products = 12, .signs = 2})->variance;
  }
  BOOST_TEST(found[0] == found[1], boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(can_be_stopped) {
  const Comm comm(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>(tiny(false), comm);
  problem.update();
  int asked = 0;
  const auto third = [&asked] { return ++asked == 3; };
  BOOST_TEST(!joint_error(problem, index_of(problem, "dose"), {.stop = third}).has_value());
  BOOST_TEST(asked == 3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::testing
