#include "io/experiment_entry.hpp"

#include "io/attributes.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

H5Id nexus_group(hid_t parent, const std::string& name, const char* nexus_class) {
  H5Id group = create_group(parent, name);
  write_text_attribute(group.get(), "NX_class", nexus_class);
  return group;
}

/// Nothing for an empty text.
void write_text(const H5Id& group, const char* name, const std::string& text) {
  if (!text.empty()) write_variable_text_dataset(group.get(), name, text);
}

void describe_program(const H5Id& group, std::size_t number, const std::string& text) {
  const H5Id program = nexus_group(group.get(), fmt::format("program{}", number + 1), "NXprogram");
  const auto space = text.find(' ');
  const H5Id name = write_variable_text_dataset(program.get(), "program", text.substr(0, space));
  write_text_attribute(name.get(), "version", space == std::string::npos ? "unknown" : text.substr(space + 1));
}

}  // namespace

void describe_computation(hid_t root, const Computation& computation) {
  const H5Id profiling = nexus_group(root, "profiling", "NXcs_profiling");
  write_text(profiling, "command_line_call", computation.command_line);
  write_text(profiling, "current_working_directory", computation.folder);
  write_text(profiling, "start_time", computation.start_time);
  write_text(profiling, "end_time", computation.end_time);
  if (computation.elapsed_s >= 0) {
    const H5Id elapsed =
        write_number_dataset(profiling.get(), "total_elapsed_time", std::span(&computation.elapsed_s, 1), true);
    write_text_attribute(elapsed.get(), "units", "s");
  }
  write_count_dataset(profiling.get(), "max_processes", static_cast<unsigned>(computation.processes));
  write_count_dataset(profiling.get(), "max_threads", static_cast<unsigned>(computation.threads));
  write_count_dataset(profiling.get(), "max_gpus", static_cast<unsigned>(computation.gpus));
  for (std::size_t i = 0; i < computation.hosts.size(); ++i) {
    const H5Id computer = nexus_group(profiling.get(), fmt::format("computer{}", i + 1), "NXcs_computer");
    write_text(computer, "name", computation.hosts[i]);
    const H5Id system = write_variable_text_dataset(computer.get(), "operating_system", computation.operating_system);
    write_text_attribute(system.get(), "version", computation.operating_system_version);
  }
  for (std::size_t i = 0; i < computation.programs.size(); ++i) describe_program(profiling, i, computation.programs[i]);
}

void describe_experiment(hid_t file, hid_t root, const SampleEntry& sample) {
  const H5Id entry = nexus_group(file, "experiment", "NXentry");
  write_variable_text_dataset(entry.get(), "definition", "NXem");
  write_text(entry, "start_time", sample.start_time);
  const H5Id group = nexus_group(entry.get(), "sample", "NXsample");
  write_boolean_dataset(group.get(), "is_simulation", sample.is_simulation);
  write_text(group, "preparation_date", sample.preparation_date);
  write_text(group, "atom_types", sample.atom_types);
  write_text(group, "name", sample.name);
  write_text(group, "description", sample.description);
  check_h5(H5Lcreate_hard(root, "profiling", entry.get(), "profiling", H5P_DEFAULT, H5P_DEFAULT),
           "the link /experiment/profiling cannot be created", ExitCode::cannot_write);
}

}  // namespace tessera
