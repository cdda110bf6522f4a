#include "src/optimisation/curvature.hpp"

#include <algorithm>

#include "kernels/intensity.hpp"
#include "src/model/slice_illumination.hpp"

namespace tessera {

namespace {

constexpr double lit_share = 0.1;    ///< of the brightest voxel's light, from which on a voxel counts as lit
constexpr Index most_tangents = 64;  ///< components; beyond, random signs are cheaper

/// The ranges of a schedule that hold a position of the sample: every `every`-th of the whole scan.
Schedule sample_of(const Schedule& schedule, const std::vector<Index>& ids, Index every) {
  Schedule sample;
  for (const PositionRange& range : schedule)
    for (Index j = range.first; j < range.first + range.n; ++j)
      if (ids[j] % every == 0) sample.push_back({j, 1});
  return sample;
}

/// Pixels that are held out say nothing; they are the same share of every voxel's light.
template <class Real>
double fitted_share(const Problem<Real>& problem) {
  return 1 - problem.setup().held_out.share;
}

template <class Real>
std::vector<double> by_tangents(Problem<Real>& problem, const Parameter& parameter, Index every) {
  const Comm& comm = problem.comm();
  ForwardModel<Real>& model = problem.model();
  const Schedule sample = sample_of(problem.schedule(), problem.setup().ids, every);
  const Array<Complex<Real>> no_change_of_object(problem.shape().device, model.transmission().count());
  const View3<Complex<Real>> tile = model.transmission();
  const Index components = parameter.map->count(parameter.extent(), 1);
  const double seen = comm.sum(static_cast<double>(sample.size()));
  std::vector<double> diagonal(parameter.value.size(), 0.0);
  for (Index c = 0; c < components; ++c) {
    std::vector<double> direction(parameter.value.size(), 0.0);
    for (std::size_t i = static_cast<std::size_t>(c); i < direction.size(); i += static_cast<std::size_t>(components))
      direction[i] = 1;
    std::vector<double> fisher;
    comm.agree([&] {
      model.prepare_tangent(problem.change_along(parameter, direction));
      fisher = problem.sweep().tangent_fisher(sample, no_change_of_object.view(tile.n, tile.ny, tile.nx));
    });
    double total = 0;
    for (const double value : fisher) total += value;
    total = comm.sum(total);
    for (std::size_t i = static_cast<std::size_t>(c); i < diagonal.size(); i += static_cast<std::size_t>(components))
      diagonal[i] = parameter.extent() == Extent::global ? total * problem.positions_total() / seen
                    : every == 1                         ? fisher[i / static_cast<std::size_t>(components)]
                                                         : total / seen;
  }
  return diagonal;
}

template <class Real>
std::vector<double> by_random_signs(Problem<Real>& problem, Parameter& parameter, Index every, int probes) {
  const Comm& comm = problem.comm();
  ForwardModel<Real>& model = problem.model();
  const Schedule sample = sample_of(problem.schedule(), problem.setup().ids, every);
  const double seen = comm.sum(static_cast<double>(sample.size()));
  const double scale = parameter.extent() == Extent::global
                           ? problem.positions_total() / seen / static_cast<double>(probes)
                           : 1.0 / static_cast<double>(probes);
  std::vector<double> diagonal(parameter.value.size(), 0.0);
  for (int probe = 0; probe < probes; ++probe) {
    std::vector<double> gradient(parameter.value.size(), 0.0);
    comm.agree([&] {
      Instrument wanted;
      wanted.sites.resize(static_cast<std::size_t>(problem.shape().slices + 1));
      parameter.map->want(wanted);
      model.begin(wanted);
      const SweepSums sums =
          problem.sweep().random_fisher(sample, 1 + static_cast<std::uint64_t>(probe), problem.setup().ids);
      if (sums.failure) std::rethrow_exception(sums.failure);
      parameter.map->adjoint(parameter.value, model.gradient(), gradient);
    });
    if (parameter.extent() == Extent::global) comm.sum(gradient);
    for (std::size_t i = 0; i < diagonal.size(); ++i) diagonal[i] += scale * gradient[i] * gradient[i];
  }
  return diagonal;
}

}  // namespace

template <class Real>
std::vector<double> parameter_curvature(Problem<Real>& problem, Parameter& parameter, Index every, int probes) {
  if (parameter.map->count(parameter.extent(), 1) <= most_tangents) return by_tangents(problem, parameter, every);
  return by_random_signs(problem, parameter, every, probes);
}

template <class Real>
std::vector<double> object_light(Problem<Real>& problem) {
  ComplexImage probe;
  const std::vector<double> reals = problem.instrument().probe;
  for (std::size_t i = 0; i < reals.size(); i += 2) probe.emplace_back(reals[i], reals[i + 1]);
  const ModelSetup& setup = problem.setup().model;
  const Grid& window = setup.shape.window;
  const DeviceKind device = setup.shape.device;
  const Lane lane(device);
  const Index slices = setup.shape.slices;
  const Array<double> light = make_array(device, slice_illumination(probe, window, setup.propagation, setup.gaps_A));
  const double scale = 2 * fitted_share(problem) * detected_share(window, setup.propagation, setup.detector) /
                       static_cast<double>(setup.shape.states);
  OverlapExchange<double> exchange(problem.comm(), problem.place(), problem.exchange().plan(), 1);
  const Box work = problem.model().work(), owned = problem.owned();
  std::vector<double> curvature;
  for (Index s = 0; s < slices; ++s) {
    Array<double> map(device, work.count()), owned_map(device, owned.count());
    const View3<double> on_work = map.view(1, work.height(), work.width());
    for (const Placement& placement : problem.setup().placements)
      add_illumination(lane, scale, light.view(slices, window.ny, window.nx).part(s, 1),
                       {placement.corner.y - work.y0, placement.corner.x - work.x0}, on_work);
    exchange.begin_add();
    for (std::size_t i = 0; i < exchange.plan().foreign.size(); ++i) exchange.send_overlap(i, on_work);
    exchange.finish_add(on_work, owned_map.view(1, owned.height(), owned.width()));
    const std::vector<double> plane = owned_map.to_vector();
    curvature.insert(curvature.end(), plane.begin(), plane.end());
  }
  const std::vector<double> one_state = curvature;
  for (Index o = 1; o < setup.shape.states; ++o) curvature.insert(curvature.end(), one_state.begin(), one_state.end());
  return curvature;
}

template <class Real>
std::vector<double> object_curvature(Problem<Real>& problem, Index every, int probes) {
  const Comm& comm = problem.comm();
  const ObjectVariables<Real>& object = problem.object();
  const Schedule sample = sample_of(problem.schedule(), problem.setup().ids, every);
  const double seen = comm.sum(static_cast<double>(sample.size()));
  std::vector<double> curvature = object_light(problem);
  const Index planes = problem.shape().planes(), plane = problem.owned().count();
  std::vector<double> sums(static_cast<std::size_t>(2 * planes), 0.0);  // of squares, of light, a plane
  const auto plane_of = [&](Index real) { return object.voxel_of(real) / std::max<Index>(1, plane); };
  Instrument wanted;
  wanted.sites.resize(static_cast<std::size_t>(problem.shape().slices + 1));
  for (int probe = 0; probe < probes; ++probe) {
    problem.run_backwards(wanted, [&] {
      return problem.sweep().random_fisher(sample, 101 + static_cast<std::uint64_t>(probe), problem.setup().ids);
    });
    const std::vector<Real> gradient = problem.object().gradient();
    for (Index i = 0; i < object.reals(); ++i)
      sums[plane_of(i)] += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]) / probes;
  }
  for (Index i = 0; i < object.reals(); ++i) sums[planes + plane_of(i)] += curvature[object.voxel_of(i)];
  comm.sum(sums);
  for (Index i = 0; i < planes * plane; ++i)
    curvature[i] *= sums[i / plane] / sums[planes + i / plane] * problem.positions_total() / seen;
  return curvature;
}

template <class Real>
double penalty_unit(Problem<Real>& problem) {
  std::vector<double> light = object_light(problem);
  const ModelSetup& setup = problem.setup().model;
  const double share =
      detected_share(setup.shape.window, setup.propagation, setup.detector) / static_cast<double>(setup.shape.states);
  for (double& value : light) value /= share;
  const double here = light.empty() ? 0 : *std::ranges::max_element(light);
  return distributed_median(problem.comm(), light, lit_share * problem.comm().max(here));
}

template <class Real>
double probe_curvature(const Problem<Real>& problem) {
  const ModelSetup& setup = problem.setup().model;
  return 2 * fitted_share(problem) * detected_share(setup.shape.window, setup.propagation, setup.detector) *
         problem.positions_total();
}

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

template std::vector<double> parameter_curvature(Problem<float>&, Parameter&, Index, int);
template std::vector<double> parameter_curvature(Problem<double>&, Parameter&, Index, int);
template std::vector<double> object_light(Problem<float>&);
template std::vector<double> object_light(Problem<double>&);
template std::vector<double> object_curvature(Problem<float>&, Index, int);
template std::vector<double> object_curvature(Problem<double>&, Index, int);
template double penalty_unit(Problem<float>&);
template double penalty_unit(Problem<double>&);
template double probe_curvature(const Problem<float>&);
template double probe_curvature(const Problem<double>&);

}  // namespace tessera
