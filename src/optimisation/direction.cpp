#include "src/optimisation/direction.hpp"

namespace tessera {

template <class Real>
Direction no_direction(Problem<Real>& problem) {
  Direction direction;
  direction.object.assign(static_cast<std::size_t>(problem.object().reals()), 0.0);
  for (const Parameter& parameter : problem.parameters())
    direction.parameters.emplace_back(parameter.value.size(), 0.0);
  return direction;
}

template <class Real>
double dot(Problem<Real>& problem, const Direction& a, const Direction& b) {
  double local = 0, global = 0;
  for (std::size_t i = 0; i < a.object.size(); ++i) local += a.object[i] * b.object[i];
  for (std::size_t k = 0; k < a.parameters.size(); ++k) {
    double& sum = problem.parameters()[k].extent() == Extent::global ? global : local;
    for (std::size_t i = 0; i < a.parameters[k].size(); ++i) sum += a.parameters[k][i] * b.parameters[k][i];
  }
  return problem.comm().sum(local) + global;
}

template <class Real>
Array<Complex<Real>> prepare_tangent(Problem<Real>& problem, const Direction& direction) {
  const View3<Complex<Real>> tile = problem.model().transmission();
  problem.comm().agree([&] {
    Instrument change = no_change(problem.instrument());
    for (std::size_t k = 0; k < direction.parameters.size(); ++k) {
      const Parameter& parameter = problem.parameters()[k];
      parameter.map->tangent(parameter.value, direction.parameters[k], change);
    }
    problem.model().prepare_tangent(change);
    const std::vector<Real> along(direction.object.begin(), direction.object.end());
    problem.field().compute_tangent(make_array(problem.shape().device, along));
  });
  Array<Complex<Real>> d_tile(problem.shape().device, tile.count());
  problem.field().refresh_tangent(d_tile.view(tile.n, tile.ny, tile.nx));
  return d_tile;
}

template <class Real>
Direction gradient_of(Problem<Real>& problem, const std::function<SweepSums()>& sweep) {
  Instrument wanted;
  wanted.sites.resize(static_cast<std::size_t>(problem.shape().slices + 1));
  for (const Parameter& parameter : problem.parameters()) parameter.map->want(wanted);
  problem.run_backwards(wanted, sweep);
  Direction sums;
  const std::vector<Real> object = problem.object().gradient();
  sums.object.assign(object.begin(), object.end());
  const Instrument gradient = problem.model().gradient();
  for (const Parameter& parameter : problem.parameters()) {
    std::vector<double> values(parameter.value.size());
    parameter.map->adjoint(parameter.value, gradient, values);
    if (parameter.extent() == Extent::global) problem.comm().sum(values);
    sums.parameters.push_back(std::move(values));
  }
  return sums;
}

template Direction no_direction(Problem<float>&);
template Direction no_direction(Problem<double>&);
template double dot(Problem<float>&, const Direction&, const Direction&);
template double dot(Problem<double>&, const Direction&, const Direction&);
template Array<Complex<float>> prepare_tangent(Problem<float>&, const Direction&);
template Array<Complex<double>> prepare_tangent(Problem<double>&, const Direction&);
template Direction gradient_of(Problem<float>&, const std::function<SweepSums()>&);
template Direction gradient_of(Problem<double>&, const std::function<SweepSums()>&);

}  // namespace tessera
