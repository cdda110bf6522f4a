#pragma once

#include <functional>
#include <vector>

#include "src/optimisation/problem.hpp"

namespace tessera {

/// A direction of everything that a problem holds, or a gradient: this rank's reals of the object and, parameter after
/// parameter, its values; global ones whole on every rank. In the program's units.
struct Direction {
  std::vector<double> object;
  std::vector<std::vector<double>> parameters;
};

/// Zeros.
template <class Real>
Direction no_direction(Problem<Real>& problem);

/// <a, b> over all ranks (collective).
template <class Real>
double dot(Problem<Real>& problem, const Direction& a, const Direction& b);

/// Prepares the model's tangent along a direction at the present values, after `Problem::update`; returns d T on the
/// work box (collective).
template <class Real>
Array<Complex<Real>> prepare_tangent(Problem<Real>& problem, const Direction& direction);

/// The gradient of what a backwards sweep sums, over all ranks, at the present values after `Problem::update`
/// (collective).
template <class Real>
Direction gradient_of(Problem<Real>& problem, const std::function<SweepSums()>& sweep);

}  // namespace tessera
