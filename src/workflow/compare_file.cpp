#include "src/workflow/compare_file.hpp"

#include <optional>

#include "io/dataset.hpp"
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

Image sum_of(const std::vector<Image>& slices) {
  Image sum = slices.front();
  for (std::size_t s = 1; s < slices.size(); ++s) {
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += slices[s].values[i];
  }
  return sum;
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

std::vector<Image> read_images(const std::string& file, const std::string& dataset) {
  const ObjectFrame frame = stored_frame(file, dataset);
  const std::vector<double> values = read_real(file, dataset);
  const auto pixels = static_cast<std::size_t>(frame.ny * frame.nx);
  std::vector<Image> images;
  for (std::size_t at = 0; at + pixels <= values.size(); at += pixels) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(at);
    images.push_back({frame, {first, first + static_cast<std::ptrdiff_t>(pixels)}});
  }
  if (images.empty()) throw InputError(ExitCode::data_wrong, fmt::format("{}: {} is empty", file, dataset));
  return images;
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

PhaseStack read_phase_stack(const std::string& file) {
  PhaseStack stack;
  if (dataset_exists(file, "/reconstruction/slices/data")) {
    stack.slices = read_images(file, "/reconstruction/slices/data");
    stack.sum = sum_of(stack.slices);
    stack.positions_A = read_points(file, "/reconstruction/positions/data");
    return stack;
  }
  if (!dataset_exists(file, "/truth/phase_rad")) {
    throw InputError(ExitCode::data_missing,
                     fmt::format("{}: neither a result (/reconstruction/slices/data) nor a data set with a truth "
                                 "(/truth/phase_rad)",
                                 file));
  }
  stack.sum = read_images(file, "/truth/phase_rad").front();
  for (const std::string dataset : {"/truth/layer_phase_rad", "/truth/slice_phase_rad"}) {
    if (stack.slices.empty() && dataset_exists(file, dataset)) stack.slices = read_images(file, dataset);
  }
  if (dataset_exists(file, "/positions_A")) stack.positions_A = read_points(file, "/positions_A");
  return stack;
}

}  // namespace tessera
