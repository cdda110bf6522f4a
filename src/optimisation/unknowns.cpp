#include "src/optimisation/unknowns.hpp"

#include <algorithm>
#include <limits>

namespace tessera {

namespace {

template <class Real>
Unknown object_unknown(Problem<Real>& problem) {
  ObjectVariables<Real>& object = problem.object();
  Unknown row{.name = "object",
              .unit = object.representation() == Representation::complex_transmission ? "" : "rad",
              .extent = Extent::voxel,
              .local_size = object.reals(),
              .pull = {},
              .push = {},
              .push_gradient = {},
              .curvature = {},
              .lower_bound = {}};
  row.pull = [&object](std::span<const double> from) { object.set_values({from.begin(), from.end()}); };
  row.push = [&object](std::span<double> to) { std::ranges::copy(object.values(), to.begin()); };
  row.push_gradient = [&object](std::span<double> to) { std::ranges::copy(object.gradient(), to.begin()); };
  row.curvature = [&problem, &object](std::span<double> to) {
    const std::vector<double> voxels = problem.object_curvature();
    const double here = voxels.empty() ? 0 : *std::ranges::max_element(voxels);
    const double added = damping * problem.comm().max(here);
    for (Index i = 0; i < object.reals(); ++i) to[i] = voxels[object.voxel_of(i)] + added;
  };
  if (object.representation() == Representation::phase_absorption)
    row.lower_bound = [&object](std::span<double> to) {
      for (Index i = 0; i < object.reals(); ++i)
        to[i] = object.is_absorption(i) ? 0 : -std::numeric_limits<double>::infinity();
    };
  return row;
}

template <class Real>
Unknown probe_unknown(Problem<Real>& problem) {
  const Index reals = 2 * static_cast<Index>(problem.probe().size());
  const auto [first, last] = even_share(reals, problem.comm().rank(), problem.comm().size());
  Unknown row{.name = "probe",
              .unit = "sqrt(electron)",
              .extent = Extent::global,
              .local_size = last - first,
              .pull = {},
              .push = {},
              .push_gradient = {},
              .curvature = {},
              .lower_bound = {}};
  const auto copy_share = [first = first, last = last](const std::vector<Complex<Real>>& all, std::span<double> to) {
    for (Index i = first; i < last; ++i)
      to[i - first] = static_cast<double>(i % 2 == 0 ? all[i / 2].re : all[i / 2].im);
  };
  row.pull = [&problem](std::span<const double> from) {
    const std::vector<double> all = problem.comm().concatenate(from);
    std::vector<Complex<Real>> probe(all.size() / 2);
    for (std::size_t i = 0; i < probe.size(); ++i)
      probe[i] = {static_cast<Real>(all[2 * i]), static_cast<Real>(all[2 * i + 1])};
    problem.set_probe(std::move(probe));
  };
  row.push = [&problem, copy_share](std::span<double> to) { copy_share(problem.probe(), to); };
  row.push_gradient = [&problem, copy_share](std::span<double> to) { copy_share(problem.probe_gradient(), to); };
  row.curvature = [&problem](std::span<double> to) { std::ranges::fill(to, problem.probe_curvature()); };
  return row;
}

}  // namespace

template <class Real>
std::vector<Unknown> unknown_table(Problem<Real>& problem) {
  std::vector<Unknown> table;
  table.push_back(object_unknown(problem));
  table.push_back(probe_unknown(problem));
  return table;
}

std::pair<Index, Index> even_share(Index n, int rank, int size) { return {n * rank / size, n * (rank + 1) / size}; }

double distributed_median(const Comm& comm, std::span<const double> values, double floor) {
  const auto count_below = [&](double bound) {
    return comm.sum(static_cast<Index>(
        std::ranges::count_if(values, [&](double value) { return value >= floor && value <= bound; })));
  };
  double high = comm.max(values.empty() ? floor : std::max(floor, *std::ranges::max_element(values)));
  double low = floor;
  const Index half = (count_below(high) + 1) / 2;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (count_below(middle) >= half ? high : low) = middle;
  }
  return high;
}

template std::vector<Unknown> unknown_table(Problem<float>&);
template std::vector<Unknown> unknown_table(Problem<double>&);

}  // namespace tessera
