#include "src/optimisation/joint_error.hpp"

#include <cmath>

#include "src/base/random.hpp"
#include "src/optimisation/direction.hpp"
#include "src/optimisation/held_directions.hpp"
#include "src/optimisation/solver_blocks.hpp"

namespace tessera {

namespace {

/// visit(a, b) for every number of two directions.
template <class Visit>
void for_each_pair(Direction& a, const Direction& b, const Visit& visit) {
  for (std::size_t i = 0; i < a.object.size(); ++i) visit(a.object[i], b.object[i]);
  for (std::size_t k = 0; k < a.parameters.size(); ++k)
    for (std::size_t i = 0; i < a.parameters[k].size(); ++i) visit(a.parameters[k][i], b.parameters[k][i]);
}

void add_scaled(const Direction& from, double factor, Direction& to) {
  for_each_pair(to, from, [factor](double& t, double f) { t += factor * f; });
}

/// A = S H (F + P) H S: S = 1/sqrt(D) scales the variables as the solver's are and is zero for what is not active, H
/// takes out what the solver must not move.
template <class Real>
class ScaledFisher {
 public:
  explicit ScaledFisher(Problem<Real>& problem) : problem_(problem), root_(no_direction(problem)) {
    const std::vector<SolverBlock> blocks = solver_blocks(problem);
    const auto root_of = [&](const SolverBlock& block) {
      std::vector<double> part(static_cast<std::size_t>(block.local_size));
      block.scale(part);
      for (double& value : part) value = value > 0 ? 1 / std::sqrt(value) : 0;
      return block.extent == Extent::global ? problem.comm().concatenate(part) : part;
    };
    root_.object = root_of(blocks.front());
    for (std::size_t k = 0; k < problem.parameters().size(); ++k) {
      const Parameter& parameter = problem.parameters()[k];
      if (parameter.active) root_.parameters[k] = root_of(blocks[k + 1]);
      held_.emplace_back(problem.comm(), parameter.map->held());
    }
  }

  /// S H z, where z lies on one parameter alone: random signs, the same on any number of ranks.
  Direction signs(std::size_t which, std::uint64_t seed) const {
    Direction z = no_direction(problem_);
    std::vector<double>& values = z.parameters[which];
    const std::vector<Index>& ids = problem_.setup().ids;
    const bool global = problem_.parameters()[which].extent() == Extent::global;
    const std::size_t each = global || ids.empty() ? 1 : values.size() / ids.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Index place = global ? static_cast<Index>(i / each) : ids[i / each];
      const Index name = place * static_cast<Index>(each) + static_cast<Index>(i % each);
      values[i] = (random_bits(seed, name) & 1U) != 0 ? 1 : -1;
    }
    return seen(std::move(z));
  }

  /// The same with a one at one value.
  Direction unit(std::size_t which, std::size_t i) const {
    Direction z = no_direction(problem_);
    z.parameters[which][i] = 1;
    return seen(std::move(z));
  }

  Direction times(const Direction& x) const {
    Direction u = x;
    scale(u);
    hold(u);
    const Array<Complex<Real>> d_tile = prepare_tangent(problem_, u);
    const View3<Complex<Real>> tile = problem_.model().transmission();
    Direction product = gradient_of(problem_, [&] {
      return problem_.sweep().fisher_product(problem_.schedule(), d_tile.view(tile.n, tile.ny, tile.nx));
    });
    add_priors(u, product);
    hold(product);
    scale(product);
    return product;
  }

 private:
  Direction seen(Direction z) const {
    hold(z);
    scale(z);
    return z;
  }

  void scale(Direction& direction) const {
    for_each_pair(direction, root_, [](double& value, double root) { value *= root; });
  }

  void hold(Direction& direction) const {
    for (std::size_t k = 0; k < direction.parameters.size(); ++k) {
      const Parameter& parameter = problem_.parameters()[k];
      if (parameter.extent() == Extent::global) parameter.map->confine(direction.parameters[k]);
      if (held_[k].any()) held_[k].remove(direction.parameters[k]);
    }
  }

  void add_priors(const Direction& u, Direction& product) const {
    for (std::size_t k = 0; k < u.parameters.size(); ++k)
      for (const Prior& prior : problem_.parameters()[k].priors) {
        std::vector<double> coefficients = prior.coefficients(u.parameters[k]);
        problem_.comm().sum(coefficients);
        prior.add_gradient(u.parameters[k], coefficients, product.parameters[k]);
      }
  }

  Problem<Real>& problem_;
  Direction root_;
  std::vector<HeldDirections> held_;
};

/// z^T x_k [k] of the conjugate gradients that solve A x = z from x = 0; nothing when they were stopped.
template <class Real>
std::optional<std::vector<double>> quadratic_form(Problem<Real>& problem, const ScaledFisher<Real>& matrix,
                                                  Direction residual, const JointErrorSettings& settings) {
  std::vector<double> values{0};
  Direction along = residual;
  double rr = dot(problem, residual, residual);
  const double enough = 1e-12 * rr;
  for (int k = 0; k < settings.products && rr > enough; ++k) {
    if (settings.stop()) return std::nullopt;
    const Direction product = matrix.times(along);
    const double curved = dot(problem, along, product);
    if (!(curved > 0)) break;  // rounding is all that is left
    const double step = rr / curved;
    values.push_back(values.back() + step * rr);
    add_scaled(product, -step, residual);
    const double before = rr;
    rr = dot(problem, residual, residual);
    for_each_pair(along, residual, [ratio = rr / before](double& p, double r) { p = r + ratio * p; });
  }
  return values;
}

}  // namespace

template <class Real>
std::optional<JointError> joint_error(Problem<Real>& problem, std::size_t which, const JointErrorSettings& settings) {
  const ScaledFisher<Real> matrix(problem);
  const Parameter& parameter = problem.parameters()[which];
  const auto mine = static_cast<double>(parameter.value.size());
  const bool global = parameter.extent() == Extent::global, few = global && mine <= settings.signs;
  const double count = global ? mine : problem.comm().sum(mine);
  const auto vectors = few ? parameter.value.size() : static_cast<std::size_t>(settings.signs);
  const double share = few ? 1 / count : 1 / (count * static_cast<double>(settings.signs));
  JointError error;
  for (std::size_t i = 0; i < vectors; ++i) {
    const auto values =
        quadratic_form(problem, matrix, few ? matrix.unit(which, i) : matrix.signs(which, settings.seed + i), settings);
    if (!values) return std::nullopt;
    error.variance += share * values->back();
    error.growth += share * (values->back() - (*values)[values->size() * 3 / 4]);
  }
  return error;
}

template std::optional<JointError> joint_error(Problem<float>&, std::size_t, const JointErrorSettings&);
template std::optional<JointError> joint_error(Problem<double>&, std::size_t, const JointErrorSettings&);

}  // namespace tessera
