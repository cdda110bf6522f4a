#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/dot_test.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

/// What one evaluation gives, by global index; of the unknowns only those that every rank holds.
struct Evaluation {
  double f = 0;
  std::vector<double> object;
  std::vector<std::pair<std::string, std::vector<double>>> unknowns;
};

/// f and its gradients at values somewhat off the start (collective).
template <class Real>
Evaluation evaluated(Problem<Real>& problem) {
  perturb_all(problem);
  problem.update();
  problem.evaluate();  // nothing of it may be left in the second
  Evaluation found{
      .f = problem.evaluate(), .object = gather_object(problem, problem.object().gradient()), .unknowns = {}};
  for (const Parameter& parameter : problem.parameters())
    found.unknowns.emplace_back(parameter.row->name, parameter.gradient);
  return found;
}

/// The parts of two evaluations with how far each is apart, relative to the second.
inline std::vector<std::pair<std::string, double>> gaps_between(const Evaluation& there, const Evaluation& here) {
  std::vector<std::pair<std::string, double>> gaps{{"f", relative_gap(there.f, here.f)},
                                                   {"object", relative_difference(there.object, here.object)}};
  for (std::size_t i = 0; i < here.unknowns.size(); ++i)
    gaps.emplace_back(here.unknowns[i].first, relative_difference(there.unknowns[i].second, here.unknowns[i].second));
  return gaps;
}

}  // namespace tessera::testing
