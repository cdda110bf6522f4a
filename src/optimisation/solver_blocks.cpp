#include "src/optimisation/solver_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/optimisation/curvature.hpp"
#include "src/optimisation/held_directions.hpp"

namespace tessera {

namespace {

template <class Real>
SolverBlock object_block(Problem<Real>& problem) {
  ObjectVariables<Real>& object = problem.object();
  SolverBlock block{.name = "object",
                    .unit = std::string(unit_of(object.representation())),
                    .extent = Extent::voxel,
                    .local_size = object.reals(),
                    .pull = {},
                    .push = {},
                    .push_gradient = {},
                    .scale = {},
                    .lower_bound = {},
                    .activate = [](bool) {}};
  block.pull = [&object](std::span<const double> from) { object.set_values({from.begin(), from.end()}); };
  block.push = [&object](std::span<double> to) { std::ranges::copy(object.values(), to.begin()); };
  block.push_gradient = [&object](std::span<double> to) { std::ranges::copy(object.gradient(), to.begin()); };
  block.scale = [&problem, &object](std::span<double> to) {
    const std::vector<double> voxels = object_light(problem);
    const double here = voxels.empty() ? 0 : *std::ranges::max_element(voxels);
    const double added = problem.comm().max(here);
    const double squared_rate = object.phase_rate() * object.phase_rate();
    for (Index i = 0; i < object.reals(); ++i) to[i] = squared_rate * (voxels[object.voxel_of(i)] + added);
  };
  const PositiveParts positive = problem.setup().positive;
  const bool pairs = object.representation() == Representation::complex_transmission;
  const bool bound_absorption = positive.absorption && object.representation() == Representation::phase_absorption;
  if (!pairs && (positive.phase || bound_absorption))
    block.lower_bound = [&object, positive](std::span<double> to) {
      for (Index i = 0; i < object.reals(); ++i)
        to[i] = (object.is_absorption(i) ? positive.absorption : positive.phase)
                    ? 0
                    : -std::numeric_limits<double>::infinity();
    };
  return block;
}

/// The mean over each item of the first axis in the place of its values.
void even_out(const Parameter& parameter, std::vector<double>& values) {
  const std::size_t item = values.size() / static_cast<std::size_t>(parameter.map->shape().front());
  for (std::size_t first = 0; first < values.size(); first += item) {
    double sum = 0;
    for (std::size_t i = first; i < first + item; ++i) sum += values[i];
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(first), item, sum / static_cast<double>(item));
  }
}

/// Curvature of the data by a sample of the positions, and that of the prior. What nothing is known of (waves of no
/// amount) is scaled to its own size.
template <class Real>
std::vector<double> parameter_scale(Problem<Real>& problem, Parameter& parameter) {
  if (parameter.row->lit) return std::vector<double>(parameter.value.size(), probe_curvature(problem));
  constexpr Index sample = 64;
  constexpr int probes = 4;
  const Index every = std::max<Index>(1, static_cast<Index>(problem.positions_total()) / sample);
  std::vector<double> scale = parameter_curvature(problem, parameter, every, probes);
  if (parameter.row->even) even_out(parameter, scale);
  double largest = 0, size = 0;
  for (const double value : scale) largest = std::max(largest, value);
  for (const double value : parameter.value) size += value * value;
  largest = problem.comm().max(largest);
  const double prior = parameter.prior_curvature();
  const double fallback = size > 0 ? static_cast<double>(parameter.value.size()) / size : 1;
  constexpr double damping = 0.1;
  const double floor = largest > 0 ? damping * largest : prior > 0 ? 0 : fallback;
  for (double& value : scale) value = std::max(value, floor) + prior;
  return scale;
}

template <class Real>
SolverBlock parameter_block(Problem<Real>& problem, std::size_t which) {
  Parameter& parameter = problem.parameters()[which];
  const auto count = static_cast<Index>(parameter.value.size());
  const bool global = parameter.extent() == Extent::global;
  const auto [first, last] =
      global ? even_share(count, problem.comm().rank(), problem.comm().size()) : std::pair<Index, Index>{0, count};
  const auto copy_share = [first = first, last = last](const std::vector<double>& all, std::span<double> to) {
    std::copy(all.begin() + first, all.begin() + last, to.begin());
  };
  SolverBlock block{.name = parameter.row->name,
                    .unit = parameter.row->unit,
                    .extent = parameter.extent(),
                    .local_size = last - first,
                    .pull = {},
                    .push = [&parameter, copy_share](std::span<double> to) { copy_share(parameter.value, to); },
                    .push_gradient =
                        [&parameter, copy_share, global](std::span<double> to) {
                          if (!global) return copy_share(parameter.gradient, to);
                          std::vector<double> gradient = parameter.gradient;
                          parameter.map->confine(gradient);
                          copy_share(gradient, to);
                        },
                    .scale = {},
                    .lower_bound = {},
                    .activate = [&parameter](bool active) { parameter.active = active; }};
  TESSERA_ASSERT(!global || parameter.map->held().empty(), parameter.row->name);
  const auto held = std::make_shared<const HeldDirections>(problem.comm(), parameter.map->held());
  block.pull = [&problem, &parameter, global, held](std::span<const double> from) {
    parameter.value = global ? problem.comm().concatenate(from) : std::vector<double>(from.begin(), from.end());
    if (global) parameter.map->confine(parameter.value);
    if (!held->any()) return;
    add_scaled(parameter.start, -1, parameter.value);
    held->remove(parameter.value);
    add_scaled(parameter.start, 1, parameter.value);
  };
  if (held->any())
    block.push_gradient = [&parameter, held](std::span<double> to) {
      std::ranges::copy(parameter.gradient, to.begin());
      held->remove(to);
    };
  block.scale = [&problem, &parameter, copy_share](std::span<double> to) {
    copy_share(parameter_scale(problem, parameter), to);
  };
  if (std::isfinite(parameter.row->lower_bound))
    block.lower_bound = [&parameter](std::span<double> to) { std::ranges::fill(to, parameter.row->lower_bound); };
  return block;
}

}  // namespace

template <class Real>
std::vector<SolverBlock> solver_blocks(Problem<Real>& problem) {
  std::vector<SolverBlock> blocks{object_block(problem)};
  for (std::size_t i = 0; i < problem.parameters().size(); ++i) blocks.push_back(parameter_block(problem, i));
  return blocks;
}

std::pair<Index, Index> even_share(Index n, int rank, int size) { return {n * rank / size, n * (rank + 1) / size}; }

template <class Real>
double first_step(const Problem<Real>& problem) {
  const ModelSetup& model = problem.setup().model;
  return detected_share(model.shape.window, model.propagation, model.detector);
}

template std::vector<SolverBlock> solver_blocks(Problem<float>&);
template std::vector<SolverBlock> solver_blocks(Problem<double>&);
template double first_step(const Problem<float>&);
template double first_step(const Problem<double>&);

}  // namespace tessera
