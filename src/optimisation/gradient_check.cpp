#include "src/optimisation/gradient_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/random.hpp"
#include "src/optimisation/curvature.hpp"
#include "src/optimisation/direction.hpp"

namespace tessera {

namespace {

/// The checks share a problem, its values at the start, and where an unknown's random numbers are keyed.
template <class Real>
class Checker {
 public:
  explicit Checker(Problem<Real>& problem)
      : problem_(problem), object_(problem.object().values()), tile_(problem.model().transmission()) {
    for (const Parameter& parameter : problem.parameters()) values_.push_back(parameter.value);
    for (Parameter& parameter : problem.parameters()) parameter.active = true;
    f0_ = problem.evaluate();
    gradient_.object.assign(problem.object().reals(), 0.0);
    std::ranges::copy(problem.object().gradient(), gradient_.object.begin());
    for (const Parameter& parameter : problem.parameters()) gradient_.parameters.push_back(parameter.gradient);
  }

  /// A random direction of the object (which = -1), of one parameter, or of all (-2).
  Direction random(int which, std::uint64_t seed) const {
    Direction direction;
    const auto part = [&](int index, std::size_t count, Extent extent, double size) {
      std::vector<double> values(count, 0.0);
      if (which != index && which != -2) return values;
      for (std::size_t i = 0; i < count; ++i) {
        // Global ones are the same on every rank; the rest need only be random.
        const auto rank = static_cast<std::uint64_t>(extent == Extent::global ? 0 : problem_.comm().rank() + 1);
        values[i] = size * random_normal(seed + 1000 * rank, static_cast<Index>(i));
      }
      return values;
    };
    direction.object = part(-1, object_.size(), Extent::voxel, sizes_.empty() ? 1 : sizes_[0]);
    for (std::size_t k = 0; k < values_.size(); ++k)
      direction.parameters.push_back(part(static_cast<int>(k), values_[k].size(), problem_.parameters()[k].extent(),
                                          sizes_.empty() ? 1 : sizes_[k + 1]));
    return direction;
  }
  /// Directions of all are made of parts that change f alike.
  void set_sizes(std::vector<double> sizes) { sizes_ = std::move(sizes); }

  double dot(const Direction& a, const Direction& b) const { return tessera::dot(problem_, a, b); }

  /// The tangent of the model along a direction is prepared; returns the object's part on the work box.
  const Array<Complex<Real>>& prepare(const Direction& direction) {
    problem_.update();
    d_tile_ = prepare_tangent(problem_, direction);
    return d_tile_;
  }

  /// sum h dmu^2 along a direction, over all ranks.
  double fisher(const Direction& direction) {
    const Array<Complex<Real>>& d_tile = prepare(direction);
    double total = 0;
    for (const double value :
         problem_.sweep().tangent_fisher(problem_.schedule(), d_tile.view(tile_.n, tile_.ny, tile_.nx)))
      total += value;
    return problem_.comm().sum(total);
  }

  /// Of two random cotangents together: one alone may be all but orthogonal to the change along one number, and what is
  /// left is rounding.
  double dot_gap(const Direction& direction) {
    const std::vector<Index>& ids = problem_.setup().ids;
    const auto cotangent = [&](std::uint64_t seed) {
      return [&ids, seed](Index position, Index pixel) { return random_normal(seed, ids[position] * 1000003 + pixel); };
    };
    constexpr std::array<std::uint64_t, 2> seeds{7, 8};
    const Array<Complex<Real>>& d_tile = prepare(direction);
    std::array<double, 2> forward{};
    for (std::size_t i = 0; i < seeds.size(); ++i)
      forward[i] = problem_.comm().sum(problem_.sweep().tangent_dot(
          problem_.schedule(), d_tile.view(tile_.n, tile_.ny, tile_.nx), cotangent(seeds[i])));
    double gap = 0, size = 1e-300;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      const double backward = dot(adjoint(cotangent(seeds[i])), direction);
      gap += std::abs(forward[i] - backward);
      size += std::max(std::abs(forward[i]), std::abs(backward));
    }
    return gap / size;
  }

  double taylor_order(const Direction& direction) {
    const double slope = dot(gradient_, direction);
    const double curved = fisher(direction);
    const double first = std::sqrt(2e-8 * std::abs(f0_) / std::max(curved, 1e-300));
    const auto remainder = [&](double h) {
      set(direction, h);
      return std::abs(problem_.evaluate() - f0_ - h * slope);
    };
    const double order = std::log2(remainder(first) / remainder(first / 64)) / 6;
    set(direction, 0);
    return order;
  }

  /// Values at the start + h direction.
  void set(const Direction& direction, double h) {
    std::vector<Real> object = object_;
    for (std::size_t i = 0; i < object.size(); ++i) object[i] += static_cast<Real>(h * direction.object[i]);
    problem_.object().set_values(object);
    for (std::size_t k = 0; k < values_.size(); ++k) {
      std::vector<double>& value = problem_.parameters()[k].value;
      for (std::size_t i = 0; i < value.size(); ++i) value[i] = values_[k][i] + h * direction.parameters[k][i];
    }
  }

  double object_diagonal(int tries);
  double parameter_diagonal(std::size_t which, int tries);

 private:
  Direction adjoint(const std::function<double(Index, Index)>& cotangent) {
    return gradient_of(problem_, [&] { return problem_.sweep().cotangent_gradient(problem_.schedule(), cotangent); });
  }

  Problem<Real>& problem_;
  std::vector<Real> object_;
  std::vector<std::vector<double>> values_;
  View3<Complex<Real>> tile_;
  Array<Complex<Real>> d_tile_;
  std::vector<double> sizes_;
  Direction gradient_;
  double f0_ = 0;
};

/// Traces by random signs: those of the formula against tangents along +-1 at all voxels.
template <class Real>
double Checker<Real>::object_diagonal(int tries) {
  problem_.update();
  const std::vector<double> voxels = object_curvature(problem_, 1, tries);
  double formula = 0;
  for (Index i = 0; i < problem_.object().reals(); ++i) formula += voxels[problem_.object().voxel_of(i)];
  formula = problem_.comm().sum(formula);
  double trace = 0;
  for (std::uint64_t seed = 0; seed < static_cast<std::uint64_t>(tries); ++seed) {
    Direction direction = random(-1, 100 + seed);
    for (double& value : direction.object) value = value < 0 ? -1 : 1;
    trace += fisher(direction) / tries;
  }
  return formula / trace;
}

template <class Real>
double Checker<Real>::parameter_diagonal(std::size_t which, int tries) {
  problem_.update();
  Parameter& parameter = problem_.parameters()[which];
  const std::vector<double> diagonal = parameter_curvature(problem_, parameter, 1, tries);
  double formula = 0;
  for (const double value : diagonal) formula += value;
  if (parameter.extent() == Extent::position) formula = problem_.comm().sum(formula);
  // A few components one by one, many by random signs.
  const bool few = parameter.extent() == Extent::global && parameter.value.size() <= 64;
  const std::size_t rounds = few ? parameter.value.size() : static_cast<std::size_t>(tries);
  double trace = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    Direction direction = random(static_cast<int>(which), 200 + round);
    std::vector<double>& values = direction.parameters[which];
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = few ? (i == round ? 1.0 : 0.0) : values[i] < 0 ? -1.0 : 1.0;
    trace += fisher(direction) / (few ? 1.0 : static_cast<double>(tries));
  }
  return formula / trace;
}

}  // namespace

template <class Real>
void leave_start(Problem<Real>& problem) {
  const auto rank = static_cast<std::uint64_t>(problem.comm().rank());
  std::vector<double> phase, absorption;
  for (Index i = 0; i < problem.object().voxels(); ++i) {
    phase.push_back(0.1 * random_normal(301 + 1000 * rank, i));
    absorption.push_back(0.01 * std::abs(random_normal(302 + 1000 * rank, i)));
  }
  problem.object().set_phase_absorption(phase, absorption);
  std::uint64_t seed = 303;
  for (Parameter& parameter : problem.parameters()) {
    const std::uint64_t here = ++seed + (parameter.extent() == Extent::position ? 1000 * rank : 0);
    for (std::size_t i = 0; i < parameter.value.size(); ++i)
      parameter.value[i] += 0.1 * parameter.prior * random_normal(here, static_cast<Index>(i));
  }
}

template <class Real>
std::vector<GradientCheck> check_gradients(Problem<Real>& problem, int probes, std::uint64_t seed) {
  Checker<Real> checker(problem);
  std::vector<GradientCheck> checks;
  std::vector<double> sizes;
  const auto parameters = static_cast<int>(problem.parameters().size());
  for (int which = -1; which < parameters; ++which) {
    const Direction direction = checker.random(which, seed);
    GradientCheck check{.name = which < 0 ? "object" : problem.parameters()[which].row->name};
    check.dot_gap = checker.dot_gap(direction);
    check.taylor_order = checker.taylor_order(direction);
    const auto diagonal = [&](int tries) {
      return which < 0 ? checker.object_diagonal(tries)
                       : checker.parameter_diagonal(static_cast<std::size_t>(which), tries);
    };
    check.diagonal = probes > 0 ? diagonal(probes) : 1;
    // Few signs on few numbers scatter.
    if (std::abs(check.diagonal - 1) > 0.1) check.diagonal = diagonal(8 * probes);
    checks.push_back(check);
    sizes.push_back(1 / std::sqrt(std::max(checker.fisher(direction), 1e-300)));
  }
  checker.set_sizes(sizes);
  const Direction all = checker.random(-2, seed + 1);
  checks.push_back(
      {.name = "all", .dot_gap = checker.dot_gap(all), .taylor_order = checker.taylor_order(all), .diagonal = 1});
  return checks;
}

template void leave_start(Problem<float>&);
template void leave_start(Problem<double>&);
template std::vector<GradientCheck> check_gradients(Problem<float>&, int, std::uint64_t);
template std::vector<GradientCheck> check_gradients(Problem<double>&, int, std::uint64_t);

}  // namespace tessera
