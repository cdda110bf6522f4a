#include "src/workflow/reconstruct/parameter_output.hpp"

#include <algorithm>
#include <cmath>

#include "src/optimisation/curvature.hpp"

namespace tessera {

namespace {

/// Axes of a window centred at pixel N/2 have lengths, others count.
Axis axis_of(const std::string& name, Index length, const Grid& window) {
  if (name == "y" || name == "x") {
    const double pixel_A = name == "y" ? window.dy_A : window.dx_A;
    const Index centre = length / 2;
    return {name, "angstrom", -static_cast<double>(centre) * pixel_A, pixel_A, length};
  }
  return {name, "", 0, 1, length};
}

bool is_complex(const Parameter& parameter) { return parameter.row->axes.back() == "part"; }

}  // namespace

template <class Real>
std::vector<double> gather_positions(const Problem<Real>& problem, const std::vector<double>& mine) {
  const std::vector<Index>& ids = problem.setup().ids;
  const auto components = ids.empty() ? 1 : mine.size() / ids.size();
  const auto all_components = static_cast<std::size_t>(problem.comm().max(static_cast<Index>(components)));
  std::vector<double> all(static_cast<std::size_t>(problem.positions_total()) * all_components, 0.0);
  for (std::size_t j = 0; j < ids.size(); ++j)
    std::copy_n(mine.begin() + static_cast<std::ptrdiff_t>(j * components), components,
                all.begin() + ids[j] * static_cast<Index>(components));
  problem.comm().sum_to_root(all);
  return all;
}

template <class Real>
std::vector<PointYX> refined_positions(const Problem<Real>& problem, const Experiment& experiment) {
  std::vector<PointYX> positions = experiment.positions_A;
  for (const Parameter& parameter : problem.parameters()) {
    if (!parameter.row->wanders) continue;
    const std::vector<double> shifts = gather_positions(problem, parameter.value);
    if (!problem.comm().is_root()) continue;
    for (std::size_t j = 0; j < positions.size(); ++j) {
      positions[j].y += shifts[2 * j];
      positions[j].x += shifts[2 * j + 1];
    }
  }
  return positions;
}

template <class Real>
std::vector<ParameterSummary> summarise(const Problem<Real>& problem) {
  constexpr std::size_t few = 32;
  std::vector<ParameterSummary> summaries;
  for (const Parameter& parameter : problem.parameters()) {
    if (parameter.row->always) continue;
    ParameterSummary summary{.name = parameter.row->name, .unit = parameter.row->unit, .values = {}};
    double sums[2] = {0, static_cast<double>(parameter.value.size())};
    for (std::size_t i = 0; i < parameter.value.size(); ++i) {
      const double change = (parameter.value[i] - parameter.start[i]) / parameter.row->unit_factor;
      sums[0] += change * change;
      if (parameter.extent() == Extent::global && parameter.value.size() <= few) summary.values.push_back(change);
    }
    if (parameter.extent() == Extent::position) problem.comm().sum(sums);
    summary.rms_change = std::sqrt(sums[0] / std::max(1.0, sums[1]));
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

template <class Real>
void add_standard_errors(Problem<Real>& problem, std::vector<ParameterSummary>& summaries) {
  constexpr Index sample = 64;
  constexpr int probes = 4;
  const Index every = std::max<Index>(1, static_cast<Index>(problem.positions_total()) / sample);
  auto summary = summaries.begin();
  for (Parameter& parameter : problem.parameters()) {
    if (parameter.row->always) continue;
    double sums[3] = {0, 0, 0};  // of variances, of values that the data or a prior know, of all
    for (const double curvature : parameter_curvature(problem, parameter, every, probes)) {
      const double known = curvature + parameter.prior_curvature();
      sums[0] += known > 0 ? 1 / known : 0;
      sums[1] += known > 0 ? 1 : 0;
      sums[2] += 1;
    }
    if (parameter.extent() == Extent::position) problem.comm().sum(sums);
    if (sums[1] > 0 && sums[1] == sums[2])
      summary->standard_error = std::sqrt(sums[0] / sums[2]) / parameter.row->unit_factor;
    ++summary;
  }
}

void add_to(std::vector<UnknownHistory>& histories, const std::vector<ParameterSummary>& summaries) {
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    if (i == histories.size()) histories.push_back({summaries[i].name, summaries[i].unit, {}});
    histories[i].rms_change.push_back(summaries[i].rms_change);
  }
}

std::string summary_text(const std::vector<ParameterSummary>& summaries) {
  std::string text;
  for (const ParameterSummary& summary : summaries) {
    if (!text.empty()) text += ", ";
    std::string unit = summary.standard_error > 0 ? fmt::format(" \u00b1 {:.2g}", summary.standard_error) : "";
    if (!summary.unit.empty()) unit += " " + summary.unit;
    if (!summary.values.empty() && summary.values.size() <= 4)
      text += fmt::format("{} {:.3g}{}", summary.name, fmt::join(summary.values, " "), unit);
    else
      text += fmt::format("{} {:.3g}{} rms", summary.name, summary.rms_change, unit);
  }
  return text;
}

template <class Real>
ParameterArrays<Real>::ParameterArrays(const Problem<Real>& problem, const Experiment& experiment) : problem_(problem) {
  bool wandered = false;
  buffers_.reserve(problem.parameters().size() + 1);
  const auto as_values = [](const std::vector<PointYX>& points) {
    std::vector<double> values;
    for (const PointYX& point : points) values.insert(values.end(), {point.y, point.x});
    return values;
  };
  const auto positions = static_cast<Index>(experiment.positions_A.size());
  for (const Parameter& parameter : problem.parameters()) {
    std::vector<Index> shape = parameter.map->shape();
    std::vector<double> values;
    if (parameter.row->wanders) {
      wandered = true;
      values = as_values(refined_positions(problem, experiment));
    } else {
      values = parameter.extent() == Extent::position ? gather_positions(problem, parameter.value) : parameter.value;
      for (double& value : values) value /= parameter.row->unit_factor;
    }
    if (parameter.extent() == Extent::position) shape.insert(shape.begin(), positions);
    add(parameter, std::move(shape), std::move(values));
  }
  buffers_.push_back(as_values(experiment.positions_A));
  OutputArray scan{.name = wandered ? "nominal_scan" : "positions",
                   .type = StoredType::f64,
                   .axes = {{"position", "", 0, 1, positions}, {"coordinate", "", 0, 1, 2}},
                   .units = "angstrom",
                   .long_name = "centres of the probe window, (y, x)",
                   .blocks = {},
                   .attributes = {}};
  if (problem.comm().is_root()) scan.blocks = {{{0, 0}, {positions, 2}, buffers_.back().data()}};
  arrays_.push_back(std::move(scan));
}

template <class Real>
void ParameterArrays<Real>::add(const Parameter& parameter, std::vector<Index> shape, std::vector<double> values) {
  const UnknownRow& row = *parameter.row;
  const Grid& window = problem_.shape().window;
  buffers_.push_back(std::move(values));
  std::vector<std::string> names = row.axes;
  if (parameter.extent() == Extent::position) names.insert(names.begin(), "position");
  TESSERA_ASSERT(names.size() == shape.size(), row.name, names.size(), shape.size());
  if (is_complex(parameter)) {
    names.pop_back();
    shape.pop_back();
  }
  OutputArray array{.name = row.dataset.empty() ? row.name : row.dataset,
                    .type = is_complex(parameter) ? StoredType::complex128 : StoredType::f64,
                    .axes = {},
                    .units = row.unit,
                    .long_name = row.meaning,
                    .blocks = {},
                    .attributes = {}};
  for (std::size_t i = 0; i < names.size(); ++i) array.axes.push_back(axis_of(names[i], shape[i], window));
  if (std::ranges::find(names, "x") != names.end())
    array.attributes.push_back({"pixel_size_A", {window.dy_A, window.dx_A}});
  if (problem_.comm().is_root()) array.blocks = {{std::vector<Index>(shape.size(), 0), shape, buffers_.back().data()}};
  arrays_.push_back(std::move(array));
}

template std::vector<double> gather_positions(const Problem<float>&, const std::vector<double>&);
template std::vector<double> gather_positions(const Problem<double>&, const std::vector<double>&);
template std::vector<PointYX> refined_positions(const Problem<float>&, const Experiment&);
template std::vector<PointYX> refined_positions(const Problem<double>&, const Experiment&);
template void add_standard_errors(Problem<float>&, std::vector<ParameterSummary>&);
template void add_standard_errors(Problem<double>&, std::vector<ParameterSummary>&);
template std::vector<ParameterSummary> summarise(const Problem<float>&);
template std::vector<ParameterSummary> summarise(const Problem<double>&);
template class ParameterArrays<float>;
template class ParameterArrays<double>;

}  // namespace tessera
