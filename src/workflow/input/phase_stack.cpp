#include "src/workflow/input/phase_stack.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "src/workflow/input/check_finite.hpp"

namespace tessera {
namespace {

/// The dataset, the group around it, and the file.
std::array<std::string, 3> places_of(const std::string& dataset) {
  const std::size_t slash = dataset.find_last_of('/');
  return {dataset, slash == std::string::npos || slash == 0 ? "/" : dataset.substr(0, slash), "/"};
}

std::optional<std::vector<double>> nearest_attribute(const OpenFile& file, const std::string& dataset,
                                                     const std::string& name) {
  for (const std::string& path : places_of(dataset)) {
    auto value = file.attribute(path, name);
    if (value && !value->empty()) return value;
  }
  return std::nullopt;
}

PhasePlanes find_planes(const OpenFile& file, const std::string& dataset) {
  const std::vector<Index> shape = file.info(dataset).shape;
  if (shape.size() != 2 && shape.size() != 3)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} has {} axes; it must be [y, x] or [slice, y, x]",
                                                       file.name(), dataset, shape.size()));
  if (element_count(shape) == 0)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} is empty", file.name(), dataset));
  file.require_whole(dataset);
  return {file.name(), dataset, stored_frame(file, dataset), shape.size() == 3 ? shape[0] : 1,
          has_origin(file, dataset)};
}

}  // namespace

ObjectFrame stored_frame(const OpenFile& file, const std::string& dataset) {
  const DatasetInfo info = file.info(dataset);
  if (info.shape.size() < 2) {
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} is not an image [..., y, x]", file.name(), dataset));
  }
  const auto pixel_A = nearest_attribute(file, dataset, "pixel_size_A");
  const auto is_length = [](double value) { return std::isfinite(value) && value > 0; };
  if (!pixel_A || !is_length(pixel_A->front()) || !is_length(pixel_A->back())) {
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} has no attribute pixel_size_A above 0 angstrom, nor its group or the file",
                                 file.name(), dataset));
  }
  const std::vector<double> origin_A = nearest_attribute(file, dataset, "origin_A").value_or(std::vector<double>{0, 0});
  constexpr double farthest_px = 1e9;  // beyond, pixels of the same size lose their places in floating point
  if (!(std::abs(origin_A.front()) < farthest_px * pixel_A->front()) ||
      !(std::abs(origin_A.back()) < farthest_px * pixel_A->back()))
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: {} has its origin_A at ({}, {}) A; it must be finite, and within {:.0e} pixels of 0",
                    file.name(), dataset, origin_A.front(), origin_A.back(), farthest_px));
  return {{origin_A.front(), origin_A.back()},
          info.shape[info.shape.size() - 2],
          info.shape.back(),
          pixel_A->front(),
          pixel_A->back()};
}

bool has_origin(const OpenFile& file, const std::string& dataset) {
  return nearest_attribute(file, dataset, "origin_A") ||
         std::ranges::any_of(places_of(dataset), [&](const std::string& path) {
           return file.text_attribute(path, "origin_A").has_value();
         });
}

std::string without_origin(const DatasetRef& from) {
  return fmt::format(
      "{}: {} has no attribute origin_A, nor its group or the file; its pixel (0, 0) is taken to lie at (0, 0) A of "
      "the "
      "positions",
      from.file, from.dataset);
}

Image read_sum(const PhasePlanes& planes, Index first, Index last, const Box& part) {
  TESSERA_ASSERT(first >= 0 && first < last && last <= planes.n_planes, first, last, planes.n_planes);
  const std::size_t axes = dataset_info(planes.file, planes.dataset).shape.size();
  const BoxFile file(planes.file);
  Image sum{crop(planes.frame, part), {}};
  std::vector<double> values;
  for (Index plane = first; plane < last; ++plane) {
    std::vector<Index> start{plane, part.y0, part.x0}, count{1, part.height(), part.width()};
    start.erase(start.begin(), start.end() - static_cast<std::ptrdiff_t>(axes));
    count.erase(count.begin(), count.end() - static_cast<std::ptrdiff_t>(axes));
    std::vector<double>& target = plane == first ? sum.values : values;
    file.read(planes.dataset, start, count, target);
    check_finite(planes.file, planes.dataset, start, count, target);
    if (plane == first) continue;
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += values[i];
  }
  return sum;
}

std::vector<PointYX> read_points(const OpenFile& file, const std::string& dataset) {
  const DatasetInfo info = file.info(dataset);
  if (info.shape.empty() || info.shape.back() != 2) {
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} must have 2 entries (y, x) along its last axis", file.name(), dataset));
  }
  const std::vector<double> values = file.real(dataset);
  std::vector<PointYX> points;
  check_finite(file.name(), dataset, std::vector<Index>(info.shape.size(), 0), info.shape, values);
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) points.push_back({values[i], values[i + 1]});
  return points;
}

PhaseStack find_phase_stack(const OpenFile& file) {
  PhaseStack stack;
  if (file.has("/reconstruction/slices/data")) {
    stack.sum = stack.slices = find_planes(file, "/reconstruction/slices/data");
    stack.positions_A = read_points(file, "/reconstruction/positions/data");
    return stack;
  }
  if (!file.has("/truth/phase_rad")) {
    throw InputError(ExitCode::data_missing,
                     fmt::format("{}: neither a result (/reconstruction/slices/data) nor a data set with a truth "
                                 "(/truth/phase_rad)",
                                 file.name()));
  }
  stack.sum = find_planes(file, "/truth/phase_rad");
  for (const std::string dataset : {"/truth/layer_phase_rad", "/truth/slice_phase_rad"}) {
    if (stack.slices.n_planes == 0 && file.has(dataset)) stack.slices = find_planes(file, dataset);
  }
  if (file.has("/positions_A")) stack.positions_A = read_points(file, "/positions_A");
  return stack;
}

}  // namespace tessera
