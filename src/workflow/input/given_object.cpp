#include "src/workflow/input/given_object.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "io/written.hpp"
#include "src/base/words.hpp"
#include "src/workflow/input/data_shape.hpp"

namespace tessera {

namespace {

std::string group_of(const std::string& dataset) {
  const std::size_t slash = dataset.find_last_of('/');
  return slash == std::string::npos || slash == 0 ? "/" : dataset.substr(0, slash);
}

/// The name of a result's first axis is in dim0 beside the data.
std::optional<std::string> why_not_by_words(const DatasetRef& from) {
  constexpr std::array allowed{"", "1", "rad", "radian", "radians"};
  const std::optional<std::string> units = read_text_attribute(from.file, from.dataset, "units");
  if (units && std::ranges::none_of(allowed, [&](const char* unit) { return *units == unit; }))
    return fmt::format("its units are '{}', and those of an object 1 or rad", shown(*units));
  const std::string axis = group_of(from.dataset) + "/dim0";
  if (!from.dataset.ends_with("/data") || !dataset_exists(from.file, axis)) return std::nullopt;
  const std::optional<std::string> name = read_text_attribute(from.file, axis, "name");
  if (!name || *name == "slice" || *name == "y") return std::nullopt;
  return fmt::format("its first axis is '{}', and that of an object slice or y", shown(*name));
}

/// Up to 1024 x 1024 pixels in the middle of the first plane.
template <class T>
std::vector<T> middle_of(const DatasetRef& from, const std::vector<Index>& shape) {
  constexpr Index most = 1024;
  std::vector<Index> start(shape.size(), 0), count(shape.size(), 1);
  for (std::size_t axis = shape.size() - 2; axis < shape.size(); ++axis) {
    count[axis] = std::min(most, shape[axis]);
    start[axis] = (shape[axis] - count[axis]) / 2;
  }
  std::vector<T> values;
  read_box(from.file, from.dataset, start, count, values);
  return values;
}

std::optional<std::string> why_not(const DatasetRef& from) {
  if (auto words = why_not_by_words(from)) return words;
  const DatasetInfo info = dataset_info(from.file, from.dataset);
  const std::vector<Index>& shape = info.shape;
  constexpr Index least_px = 3;  // two columns are a list of positions
  if ((shape.size() != 2 && shape.size() != 3) || shape.back() < least_px || shape[shape.size() - 2] < least_px ||
      shape.front() == 0)
    return fmt::format("it has shape {}; allowed are (y, x) and (slice, y, x)", shape_text(shape));
  if (info.type == StoredType::complex64 || info.type == StoredType::complex128)
    return no_transmission(middle_of<std::complex<double>>(from, shape));
  if (!info.numeric) return fmt::format("it holds {}", info.type_name);
  if (info.type_name.find("int") != std::string::npos)
    return fmt::format("it holds whole numbers, {}; a phase has fractions", info.type_name);
  return no_phase(middle_of<double>(from, shape));
}

}  // namespace

std::optional<std::string> no_transmission(std::span<const std::complex<double>> values) {
  constexpr double least = 0.01, most = 2, peak = 9, few = 1e-3;
  double sum = 0;
  std::size_t bright = 0;
  for (const std::complex<double>& t : values) {
    sum += std::norm(t);
    bright += std::norm(t) > peak ? 1 : 0;
  }
  const double mean = sum / static_cast<double>(values.size());
  if (!std::isfinite(mean) ||
      (mean >= least && mean <= most && static_cast<double>(bright) <= few * static_cast<double>(values.size())))
    return std::nullopt;  // what is not finite is refused where it is read, by its place
  return fmt::format(
      "as a transmission it would let {:.3g} times the electrons through, and {:.2g} % of its pixels more than {} "
      "times: "
      "is it a probe?",
      mean, 100 * static_cast<double>(bright) / static_cast<double>(values.size()), peak);
}

std::optional<std::string> no_phase(std::span<const double> values) {
  constexpr double most_rad = 1000, few = 1e-3;
  const auto large = std::ranges::count_if(values, [](double phase) { return std::abs(phase) > most_rad; });
  if (static_cast<double>(large) <= few * static_cast<double>(values.size())) return std::nullopt;
  return fmt::format("{:.2g} % of its values are beyond {} rad; a phase is in radian",
                     100 * static_cast<double>(large) / static_cast<double>(values.size()), most_rad);
}

void require_object(const std::string& key, const DatasetRef& from) {
  const std::vector<Index> shape = dataset_info(from.file, from.dataset).shape;
  require_written(from.file, from.dataset, whole_of(shape));
  if (const auto reason = why_not(from))
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} {} is no object: {}", from.file, key, from.dataset, *reason));
}

}  // namespace tessera
