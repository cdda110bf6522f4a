#include "src/workflow/exports/export.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "io/output_folder.hpp"
#include "src/workflow/exports/export_formats.hpp"
#include "src/workflow/exports/export_images.hpp"
#include "src/workflow/input/check_finite.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {
namespace {

/// A file of another program that holds a whole result.
struct WholeFormat {
  std::string_view word;
  std::string_view ending;  ///< behind the result's name
  bool needs_gaps;
  void (*plan)(const ExportInput&, PlainPlan&);
};

constexpr std::array<WholeFormat, 4> whole_formats{{
    {"ptyrad", "_ptyrad.hdf5", true, plan_ptyrad},
    {"phaser", "_phaser.h5", true, plan_phaser},
    {"cxi", ".cxi", false, plan_cxi},
    {"adorym", "_adorym.h5", true, plan_adorym},
}};

/// A file that holds one array of it.
struct ArrayFormat {
  std::string_view word;
  std::string_view ending;  ///< behind the names of the result and the array
  std::string_view array;   ///< unless --array says otherwise
  void (*write)(const OpenFile&, const ArrayExport&);
};

constexpr std::array<ArrayFormat, 3> array_formats{{
    {"tiff", ".tif", "slices", export_tiff},
    {"png", ".png", "phase", export_png},
    {"npy", ".npy", "object", export_npy},
}};

template <class Formats>
auto find_word(const Formats& formats, const std::string& word) {
  return std::ranges::find_if(formats, [&](const auto& format) { return format.word == word; });
}

void refuse_taken(const std::string& path, const CommandLine& line) {
  refuse_input_as_output(path, "--out", line.result, "RESULT");
  if (!is_taken(path, "--out") || line.force) return;
  throw InputError(ExitCode::cannot_create,
                   fmt::format("{} exists; --force overwrites it, or choose another name with --out", path));
}

ExportInput read_input(const OpenFile& file, bool with_gaps) {
  ExportInput input{.source = read_export_source(file), .gaps_A = {}, .probe = {}};
  if (with_gaps) input.gaps_A = slice_gaps_A(file, input.source);
  const ExportSource& source = input.source;
  const std::vector<Index> shape{source.modes, source.window.ny, source.window.nx};
  input.probe = file.complex("/reconstruction/probe/data");
  check_finite(file.name(), "/reconstruction/probe/data", std::vector<Index>(3, 0), shape, input.probe);
  return input;
}

void export_whole(const Comm& comm, const CommandLine& line, const WholeFormat& format, const std::string& path,
                  Progress& progress) {
  ExportInput input;
  comm.agree([&] { input = read_input(OpenFile(line.result), format.needs_gaps); });
  PlainPlan plan(input.source, comm.is_root());
  comm.agree([&] { format.plan(input, plan); });
  if (!input.source.others.empty())
    progress.warn(fmt::format("{}: {} has no place for {}, which the result holds, too", line.result, format.word,
                              fmt::join(input.source.others, ", ")));
  plan.write(comm, path, line.force ? Existing::replace : Existing::keep);
}

}  // namespace

std::vector<std::string> export_formats() {
  std::vector<std::string> words;
  for (const WholeFormat& format : whole_formats) words.emplace_back(format.word);
  for (const ArrayFormat& format : array_formats) words.emplace_back(format.word);
  return words;
}

int run_export(const Comm& comm, const CommandLine& line) {
  Progress progress(comm, "", line.quiet);
  const auto* const whole = find_word(whole_formats, line.to);
  const auto* const array = find_word(array_formats, line.to);
  TESSERA_ASSERT(whole != whole_formats.end() || array != array_formats.end(), line.to);
  const std::string stem = std::filesystem::path(line.result).replace_extension().string();
  std::string path = line.out;
  if (whole != whole_formats.end()) {
    if (path.empty()) path = fmt::format("{}{}", stem, whole->ending);
    if (!line.array.empty())
      throw InputError(ExitCode::usage, fmt::format("--array is for tiff, png and npy; {} holds all", line.to), true);
    comm.agree([&] {
      if (comm.is_root()) refuse_taken(path, line);
    });
    export_whole(comm, line, *whole, path, progress);
  } else {
    const std::string name = line.array.empty() ? std::string(array->array) : line.array;
    if (path.empty()) path = fmt::format("{}_{}{}", stem, name, array->ending);
    comm.agree([&] {
      if (!comm.is_root()) return;
      refuse_taken(path, line);
      if (line.to == "png") refuse_taken(sidecar_of(path), line);
      array->write(OpenFile(line.result), {.array = name,
                                           .path = path,
                                           .existing = line.force ? Existing::replace : Existing::keep,
                                           .bits = line.bits});
    });
  }
  progress.line("wrote " + path);
  return static_cast<int>(ExitCode::done);
}

}  // namespace tessera
