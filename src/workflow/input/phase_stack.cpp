#include "src/workflow/input/phase_stack.hpp"

#include <optional>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "src/base/error.hpp"

namespace tessera {
namespace {

/// The attribute of the dataset, of the group around it, or of the file.
std::optional<std::vector<double>> nearest_attribute(const std::string& file, const std::string& dataset,
                                                     const std::string& name) {
  const std::size_t slash = dataset.find_last_of('/');
  const std::string group = slash == std::string::npos || slash == 0 ? "/" : dataset.substr(0, slash);
  for (const std::string& path : {dataset, group, std::string("/")}) {
    auto value = read_attribute(file, path, name);
    if (value && !value->empty()) return value;
  }
  return std::nullopt;
}

PhasePlanes find_planes(const std::string& file, const std::string& dataset) {
  const std::vector<Index> shape = dataset_info(file, dataset).shape;
  if (shape.size() != 2 && shape.size() != 3)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} has {} axes; it must be [y, x] or [slice, y, x]", file,
                                                       dataset, shape.size()));
  if (element_count(shape) == 0) throw InputError(ExitCode::data_wrong, fmt::format("{}: {} is empty", file, dataset));
  return {file, dataset, stored_frame(file, dataset), shape.size() == 3 ? shape[0] : 1};
}

}  // namespace

ObjectFrame stored_frame(const std::string& file, const std::string& dataset) {
  const DatasetInfo info = dataset_info(file, dataset);
  if (info.shape.size() < 2) {
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} is not an image [..., y, x]", file, dataset));
  }
  const auto pixel_A = nearest_attribute(file, dataset, "pixel_size_A");
  if (!pixel_A || pixel_A->front() <= 0 || pixel_A->back() <= 0) {
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: {} has no attribute pixel_size_A above 0 angstrom, nor its group or the file", file, dataset));
  }
  const std::vector<double> origin_A = nearest_attribute(file, dataset, "origin_A").value_or(std::vector<double>{0, 0});
  return {{origin_A.front(), origin_A.back()},
          info.shape[info.shape.size() - 2],
          info.shape.back(),
          pixel_A->front(),
          pixel_A->back()};
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
    file.read(planes.dataset, start, count, plane == first ? sum.values : values);
    if (plane == first) continue;
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += values[i];
  }
  return sum;
}

std::vector<PointYX> read_points(const std::string& file, const std::string& dataset) {
  const DatasetInfo info = dataset_info(file, dataset);
  if (info.shape.empty() || info.shape.back() != 2) {
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} must have 2 entries (y, x) along its last axis", file, dataset));
  }
  const std::vector<double> values = read_real(file, dataset);
  std::vector<PointYX> points;
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) points.push_back({values[i], values[i + 1]});
  return points;
}

PhaseStack find_phase_stack(const std::string& file) {
  PhaseStack stack;
  if (dataset_exists(file, "/reconstruction/slices/data")) {
    stack.sum = stack.slices = find_planes(file, "/reconstruction/slices/data");
    stack.positions_A = read_points(file, "/reconstruction/positions/data");
    return stack;
  }
  if (!dataset_exists(file, "/truth/phase_rad")) {
    throw InputError(ExitCode::data_missing,
                     fmt::format("{}: neither a result (/reconstruction/slices/data) nor a data set with a truth "
                                 "(/truth/phase_rad)",
                                 file));
  }
  stack.sum = find_planes(file, "/truth/phase_rad");
  for (const std::string dataset : {"/truth/layer_phase_rad", "/truth/slice_phase_rad"}) {
    if (stack.slices.n_planes == 0 && dataset_exists(file, dataset)) stack.slices = find_planes(file, dataset);
  }
  if (dataset_exists(file, "/positions_A")) stack.positions_A = read_points(file, "/positions_A");
  return stack;
}

}  // namespace tessera
