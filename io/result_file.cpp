#include "io/result_file.hpp"

#include <algorithm>
#include <cstdint>

#include "io/attributes.hpp"
#include "io/parallel_file.hpp"
#include "src/base/version.hpp"

namespace tessera {

namespace {

std::vector<Index> shape_of(const OutputArray& array) {
  std::vector<Index> shape;
  for (const auto& axis : array.axes) shape.push_back(axis.length);
  return shape;
}

/// FNV-1a, 64 bits.
std::uint64_t hash(const std::string& text, std::uint64_t seed) {
  std::uint64_t value = 14695981039346656037ULL ^ seed;
  for (const char letter : text) value = (value ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
  return value;
}

/// A UUID (version 8) made from the header, so that the same run gives the same bytes.
std::string uuid_of(const OutputHeader& header) {
  const std::string text =
      header.title + header.start_time + header.end_time + header.config_yaml + header.provenance_json;
  const std::uint64_t high = (hash(text, 0) & ~0xF000ULL) | 0x8000ULL;
  const std::uint64_t low = (hash(text, high) & ~(3ULL << 62)) | (1ULL << 63);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFFFFFFFFFFULL);
}

std::string program_name() { return fmt::format("tessera {} ({})", version, revision); }

void mark_group(const H5Id& group, const std::string& emd_type, const std::string& python_class) {
  write_text_attribute(group.get(), "emd_group_type", emd_type);
  if (!python_class.empty()) write_text_attribute(group.get(), "python_class", python_class);
}

void describe_file(hid_t file, const OutputHeader& header) {
  write_text_attribute(file, "emd_group_type", "file");
  write_integer_attribute(file, "version_major", 1);
  write_integer_attribute(file, "version_minor", 0);
  write_text_attribute(file, "UUID", uuid_of(header));
  write_text_attribute(file, "authoring_program", program_name());
  write_text_attribute(file, "authoring_user", "");
  write_text_attribute(file, "default", "reconstruction");
}

void describe_entry(const H5Id& root, const OutputHeader& header, std::span<const OutputArray> arrays) {
  mark_group(root, "root", "Root");
  write_text_attribute(root.get(), "NX_class", "NXentry");
  const auto phase =
      std::find_if(arrays.begin(), arrays.end(), [](const auto& array) { return array.name == "phase"; });
  if (!arrays.empty()) write_text_attribute(root.get(), "default", phase != arrays.end() ? "phase" : arrays[0].name);
  write_text_dataset(root.get(), "definition", "NXroot");
  write_text_dataset(root.get(), "title", header.title);
  write_text_dataset(root.get(), "start_time", header.start_time);
  write_text_dataset(root.get(), "end_time", header.end_time);
  const H5Id program = write_text_dataset(root.get(), "program_name", "tessera");
  write_text_attribute(program.get(), "version", version);
}

void write_note(const H5Id& process, const std::string& name, const std::string& type, const std::string& text) {
  const H5Id note = create_group(process.get(), name);
  write_text_attribute(note.get(), "NX_class", "NXnote");
  write_text_dataset(note.get(), "type", type);
  write_text_dataset(note.get(), "data", text);
}

void describe_process(const H5Id& root, const OutputHeader& header) {
  const H5Id process = create_group(root.get(), "process");
  write_text_attribute(process.get(), "NX_class", "NXprocess");
  write_text_dataset(process.get(), "program", "tessera");
  write_text_dataset(process.get(), "version", version);
  write_text_dataset(process.get(), "date", header.end_time);
  const double first = 1;
  write_number_dataset(process.get(), "sequence_index", std::span(&first, 1), true);
  write_note(process, "config_yaml", "application/yaml", header.config_yaml);
  write_note(process, "provenance", "application/json", header.provenance_json);
}

void describe_metadata(const H5Id& root, const OutputHeader& header) {
  const H5Id bundle = create_group(root.get(), "metadatabundle");
  mark_group(bundle, "metadatabundle", "");
  const H5Id items = create_group(bundle.get(), "reconstruction");
  mark_group(items, "metadata", "Metadata");
  for (const auto& [name, value] : header.metadata) {
    const H5Id item = write_number_dataset(items.get(), name, std::span(&value, 1), true);
    write_text_attribute(item.get(), "type", "number");
  }
}

/// The full vector of an axis: readers that expand (first, second) by arange may get one entry too many. An axis of one
/// element has two, because others take the mean difference as its step.
void describe_axis(const H5Id& group, const Axis& axis, std::size_t number) {
  std::vector<double> values(static_cast<std::size_t>(std::max<Index>(axis.length, 2)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = axis.start + static_cast<double>(i) * axis.step;
  const H5Id dim = write_number_dataset(group.get(), fmt::format("dim{}", number), values);
  write_text_attribute(dim.get(), "name", axis.name);
  write_text_attribute(dim.get(), "units", axis.units);
  write_text_attribute(dim.get(), "long_name",
                       axis.units.empty() ? axis.name : fmt::format("{} ({})", axis.name, axis.units));
}

void describe_array(const H5Id& root, const OutputArray& array) {
  const H5Id group = create_group(root.get(), array.name);
  mark_group(group, "array", "Array");
  write_text_attribute(group.get(), "NX_class", "NXdata");
  write_text_attribute(group.get(), "signal", "data");
  std::vector<std::string> axis_names;
  for (std::size_t i = 0; i < array.axes.size(); ++i) axis_names.push_back(fmt::format("dim{}", i));
  write_text_attribute(group.get(), "axes", axis_names);
  for (const auto& [name, values] : array.attributes) write_number_attribute(group.get(), name, values);
  const H5Id data = create_empty_dataset(group.get(), "data", array.type, shape_of(array));
  write_text_attribute(data.get(), "units", array.units);
  write_text_attribute(data.get(), "long_name", array.long_name);
  for (std::size_t i = 0; i < array.axes.size(); ++i) describe_axis(group, array.axes[i], i);
}

/// RosettaSciIO stacks all groups whose path contains the wanted name, and fails when their shapes differ.
void require_distinct_names(std::span<const OutputArray> arrays) {
  for (std::size_t i = 0; i < arrays.size(); ++i)
    for (std::size_t j = 0; j < arrays.size(); ++j)
      TESSERA_ASSERT(i == j || arrays[i].name.find(arrays[j].name) == std::string::npos, arrays[i].name,
                     arrays[j].name);
}

}  // namespace

void write_result(const Comm& comm, const std::string& path, const OutputHeader& header,
                  std::span<const OutputArray> arrays, Existing existing) {
  comm.agree([&] { require_distinct_names(arrays); });
  Index data_bytes = 0;
  for (const auto& array : arrays) data_bytes += element_count(shape_of(array)) * bytes_of(array.type);
  ParallelFile file(
      comm, path, data_bytes,
      [&](hid_t id) {
        describe_file(id, header);
        const H5Id root = create_group(id, "reconstruction");
        describe_entry(root, header, arrays);
        for (const auto& array : arrays) describe_array(root, array);
        describe_process(root, header);
        describe_metadata(root, header);
        describe_computation(root.get(), header.computation);
        if (header.sample) describe_experiment(id, root.get(), *header.sample);
      },
      existing);
  for (const auto& array : arrays)
    file.write("/reconstruction/" + array.name + "/data", array.type, shape_of(array), array.blocks);
  file.commit();
}

}  // namespace tessera
