#include "src/workflow/exports/export_images.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/distributed_read.hpp"
#include "io/npy_writer.hpp"
#include "io/png_writer.hpp"
#include "io/tiff_writer.hpp"
#include "src/workflow/exports/export_source.hpp"
#include "src/workflow/input/check_finite.hpp"

namespace tessera {
namespace {

/// An array of a result, looked at before it is read.
struct Wanted {
  std::string group;
  std::string dataset;
  DatasetInfo info;
};

Wanted look_at(const OpenFile& file, const std::string& array) {
  Wanted wanted{.group = "/reconstruction/" + array, .dataset = "/reconstruction/" + array + "/data", .info = {}};
  wanted.info = file.info(wanted.dataset);
  if (wanted.info.type == StoredType::other || element_count(wanted.info.shape) == 0)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} is ({}) of {}; floats or complex numbers can be exported", file.name(),
                                 wanted.dataset, fmt::join(wanted.info.shape, ", "), wanted.info.type_name));
  file.require_whole(wanted.dataset);
  return wanted;
}

/// The same of images [..., y, x] of real numbers, for a format that holds no others.
Wanted look_at_images(const OpenFile& file, const std::string& array, const char* format) {
  Wanted wanted = look_at(file, array);
  if (wanted.info.shape.size() < 2 || !wanted.info.numeric)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: {} is ({}) of {}; {} holds images of real numbers: choose --array phase, slices "
                    "or amplitude, or --to npy",
                    file.name(), wanted.dataset, fmt::join(wanted.info.shape, ", "), wanted.info.type_name, format));
  constexpr Index longest_side = std::numeric_limits<std::int32_t>::max();
  if (wanted.info.shape.back() > longest_side || *(wanted.info.shape.end() - 2) > longest_side)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} is too wide for {}", file.name(), wanted.dataset, format));
  return wanted;
}

/// Reads elements of the file's type, which is T, and appends their bytes.
template <class T, class Read>
void append_as(const BoxFile& file, const std::string& dataset, const Slab& slab, NpyWriter& to) {
  std::vector<Read> values;
  file.read(dataset, slab.start, slab.count, values);
  const std::vector<T> stored(values.begin(), values.end());
  to.append(std::as_bytes(std::span(stored)));
}

void append(const BoxFile& file, const std::string& dataset, StoredType type, const Slab& slab, NpyWriter& to) {
  switch (type) {
    case StoredType::u8:
      return append_as<std::uint8_t, double>(file, dataset, slab, to);
    case StoredType::u16:
      return append_as<std::uint16_t, double>(file, dataset, slab, to);
    case StoredType::u32:
      return append_as<std::uint32_t, double>(file, dataset, slab, to);
    case StoredType::f32:
      return append_as<float, double>(file, dataset, slab, to);
    case StoredType::f64:
      return append_as<double, double>(file, dataset, slab, to);
    case StoredType::complex64:
      return append_as<std::complex<float>, std::complex<double>>(file, dataset, slab, to);
    case StoredType::complex128:
      return append_as<std::complex<double>, std::complex<double>>(file, dataset, slab, to);
    case StoredType::other:
      break;
  }
}

/// The distance between the images of an array of slices, where they are evenly apart and it is known.
double spacing_A(const OpenFile& file, const ArrayExport& wanted) {
  if (wanted.array != "slices" && wanted.array != "potential") return 0;
  const ExportSource source = read_export_source(file);
  return even_gap_A(slice_gaps_A(file, source), 0.01).value_or(0);
}

/// Calls use(row) for each row of a real array.
template <class Use>
void for_each_slab(const OpenFile& file, const Wanted& wanted, Use use) {
  const BoxFile boxes(file.name());
  std::vector<double> values;
  for (const Slab& slab : slabs_of(wanted.info.shape, slab_elements)) {
    boxes.read(wanted.dataset, slab.start, slab.count, values);
    use(slab, values);
  }
}

struct Limits {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

Limits limits_of(const OpenFile& file, const Wanted& wanted) {
  Limits limits;
  for_each_slab(file, wanted, [&](const Slab& slab, const std::vector<double>& values) {
    check_finite(file.name(), wanted.dataset, slab.start, slab.count, values);
    const auto [low, high] = std::ranges::minmax(values);
    limits = {std::min(limits.low, low), std::max(limits.high, high)};
  });
  return limits;
}

std::string sidecar_text(const OpenFile& file, const ArrayExport& wanted, const Wanted& image, const Limits& limits) {
  nlohmann::ordered_json json{{"image", std::filesystem::path(wanted.path).filename().string()},
                              {"result", std::filesystem::path(file.name()).filename().string()},
                              {"array", wanted.array},
                              {"units", file.text_attribute(image.dataset, "units").value_or("")},
                              {"bits", wanted.bits},
                              {"minimum", limits.low},
                              {"maximum", limits.high},
                              {"value", "minimum + level * (maximum - minimum) / (2^bits - 1)"}};
  for (const char* name : {"pixel_size_A", "origin_A"})
    if (const auto pair = file.attribute(image.group, name)) json[name] = *pair;
  return json.dump(2) + "\n";
}

}  // namespace

std::string sidecar_of(const std::string& path) { return std::filesystem::path(path).replace_extension(".json"); }

void export_npy(const OpenFile& file, const ArrayExport& wanted) {
  const Wanted array = look_at(file, wanted.array);
  NpyWriter writer(wanted.path, array.info.type, array.info.shape);
  const BoxFile boxes(file.name());
  for (const Slab& slab : slabs_of(array.info.shape, slab_elements))
    append(boxes, array.dataset, array.info.type, slab, writer);
  writer.publish(wanted.existing);
}

void export_tiff(const OpenFile& file, const ArrayExport& wanted) {
  const Wanted images = look_at_images(file, wanted.array, "a TIFF");
  const std::vector<Index>& shape = images.info.shape;
  const auto pixel_A = file.attribute(images.group, "pixel_size_A").value_or(std::vector<double>{0});
  TiffWriter writer(wanted.path, {.images = element_count(std::span(shape).first(shape.size() - 2)),
                                  .ny = shape[shape.size() - 2],
                                  .nx = shape.back(),
                                  .dy_A = pixel_A.front(),
                                  .dx_A = pixel_A.back(),
                                  .spacing_A = spacing_A(file, wanted)});
  for_each_slab(file, images, [&](const Slab&, const std::vector<double>& values) {
    writer.append(std::vector<float>(values.begin(), values.end()));
  });
  writer.publish(wanted.existing);
}

void export_png(const OpenFile& file, const ArrayExport& wanted) {
  const Wanted image = look_at_images(file, wanted.array, "a PNG");
  const std::vector<Index>& shape = image.info.shape;
  const Index images = element_count(std::span(shape).first(shape.size() - 2));
  if (images != 1)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: {} holds {} images, and a PNG one: choose --array phase or amplitude, or --to tiff",
                    file.name(), image.dataset, images));
  const Limits limits = limits_of(file, image);
  const double levels = std::pow(2.0, wanted.bits) - 1;
  const double scale = limits.high > limits.low ? levels / (limits.high - limits.low) : 0;
  const std::string sidecar = sidecar_of(wanted.path);
  NewFile json(sidecar);
  json.fill(sidecar_text(file, wanted, image, limits));
  PngWriter writer(wanted.path, shape[shape.size() - 2], shape.back(), wanted.bits);
  std::vector<std::uint16_t> row(static_cast<std::size_t>(shape.back()));
  for_each_slab(file, image, [&](const Slab&, const std::vector<double>& values) {
    for (std::size_t first = 0; first < values.size(); first += row.size()) {
      for (std::size_t x = 0; x < row.size(); ++x)
        row[x] = static_cast<std::uint16_t>(std::lround((values[first + x] - limits.low) * scale));
      writer.append(row);
    }
  });
  json.publish(wanted.existing);
  writer.publish(wanted.existing);
}

}  // namespace tessera
