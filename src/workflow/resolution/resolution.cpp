#include "src/workflow/resolution/resolution.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "io/output_folder.hpp"
#include "io/pictures.hpp"
#include "io/text_file.hpp"
#include "src/workflow/examine/compare.hpp"
#include "src/workflow/options/options.hpp"
#include "src/workflow/reconstruct/reconstruct.hpp"
#include "src/workflow/reconstruct/run_folder.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {
namespace {

constexpr std::array<const char*, 2> halves{"even", "odd"};

std::string folder_of(const RunOptions& options, const char* half) {
  return fmt::format("{}/half_{}", options.output.directory, half);
}

/// What was typed, for one half. Its noise at the start is its own, too: that would correlate.
CommandLine line_of(const CommandLine& line, const RunOptions& options, const char* half) {
  CommandLine own = line;
  own.sets.push_back(fmt::format("data.subset.half={}", half));
  own.sets.push_back(fmt::format("output.directory='{}'", folder_of(options, half)));
  const int other_seed = options.run.seed > 0 ? options.run.seed - 1 : 1;
  own.sets.push_back(fmt::format("run.seed={}", half == halves[0] ? options.run.seed : other_seed));
  return own;
}

/// Refuses what the second half would refuse before the first one has taken its hours.
void check_folders(const Comm& comm, const RunOptions& options, bool force) {
  const Existing existing = force ? Existing::replace : Existing::keep;
  for (const char* half : halves)
    check_folder(comm, {.directory = folder_of(options, half),
                        .pictures = options.output.pictures,
                        .resolved_yaml = "",
                        .data_file = options.data.file,
                        .existing = existing});
  comm.agree([&] {
    if (!comm.is_root()) return;
    for (const char* name : {"resolution.json", "frc.png"}) {
      const std::string path = options.output.directory + "/" + name;
      if (is_taken(path, "output.directory") && !force)
        throw InputError(ExitCode::cannot_create,
                         fmt::format("{} exists; --force overwrites it, or choose another output.directory", path));
    }
  });
}

/// One half, with its own record of how it stands and ends.
int reconstruct_half(const Comm& comm, const CommandLine& line) {
  RunRecord record(comm);
  try {
    return run_reconstruct(comm, line, record);
  } catch (const Error& error) {
    record.fail(error.what(), static_cast<int>(error.code()), error.agreed() || comm.size() == 1);
    throw;
  } catch (const std::exception& error) {
    record.fail(error.what(), static_cast<int>(ExitCode::unclassified), comm.size() == 1);
    throw;
  }
}

/// What was found, in one line.
std::string summary_of(const Comparison& comparison) {
  const double first_A = comparison.sum.frc_half_bit_A;
  const std::optional<double> finest_A = finest_half_bit_A(comparison.sum.rings);
  if (first_A * comparison.cutoff_invA <= 1)
    return fmt::format("{:.4g} A or finer: their ring correlation stays above the half-bit curve", first_A);
  std::string text =
      fmt::format("{:.4g} A, where their ring correlation first falls below the half-bit curve", first_A);
  if (!finest_A) return text + "; no two rings in a row lie above it";
  if (*finest_A < first_A / 1.5)
    text += fmt::format("; it rises again, up to {:.4g} A, so that what lies between is known less well", *finest_A);
  return text;
}

nlohmann::ordered_json as_json(const Comparison& comparison, const std::array<std::size_t, 2>& positions) {
  nlohmann::ordered_json curve{{"frequency_invA", nlohmann::json::array()},
                               {"frc", nlohmann::json::array()},
                               {"half_bit", nlohmann::json::array()}};
  for (const RingCorrelation& ring : comparison.sum.rings) {
    curve["frequency_invA"].push_back(ring.k_invA);
    curve["frc"].push_back(ring.correlation);
    curve["half_bit"].push_back(ring.half_bit);
  }
  nlohmann::ordered_json slices = nlohmann::json::array();
  for (const Agreement& slice : comparison.slices) slices.push_back(slice.frc_half_bit_A);
  const double limit_A = 1 / comparison.cutoff_invA;
  const std::optional<double> finest_A = finest_half_bit_A(comparison.sum.rings);
  return {{"summary", summary_of(comparison)},
          {"frc_half_bit_A", comparison.sum.frc_half_bit_A},
          {"finest_half_bit_A", finest_A ? nlohmann::json(*finest_A) : nlohmann::json()},
          {"limit_A", limit_A},
          {"reaches_limit", comparison.sum.frc_half_bit_A <= limit_A},
          {"slices_frc_half_bit_A", slices},
          {"correlation", comparison.sum.correlation},
          {"shift_A", {comparison.shift_A.y, comparison.shift_A.x}},
          {"field_px", {comparison.ny, comparison.nx}},
          {"positions", positions},
          {"halves", {"half_even/result.emd", "half_odd/result.emd"}},
          {"warnings", comparison.warnings},
          {"curve", curve}};
}

void write_picture(const std::string& path, const Comparison& comparison) {
  CurvePanel panel{.y_label = "Fourier ring correlation", .curves = {{"halves", {}}, {"half-bit", {}}}, .linear = true};
  for (const RingCorrelation& ring : comparison.sum.rings) {
    panel.curves[0].values.push_back(ring.correlation);
    panel.curves[1].values.push_back(ring.half_bit);
  }
  const double step_invA = comparison.sum.rings.size() > 1 ? comparison.sum.rings[1].k_invA : 1;
  const double resolution_invA = 1 / comparison.sum.frc_half_bit_A;
  write_curve_picture(path, {panel}, "spatial frequency (1/angstrom)",
                      resolution_invA < comparison.cutoff_invA ? resolution_invA : -1, step_invA);
}

/// Root's part: the two results to the figures.
std::string compare_halves(const RunOptions& options, Progress& progress) {
  std::array<PhaseStack, 2> stacks;
  for (std::size_t i = 0; i < halves.size(); ++i)
    stacks[i] = find_phase_stack(OpenFile(folder_of(options, halves[i]) + "/result.emd"));
  const Comparison comparison = compare(stacks[0], stacks[1]);
  for (const std::string& warning : comparison.warnings) progress.warn(warning);
  const nlohmann::ordered_json json = as_json(comparison, {stacks[0].positions_A.size(), stacks[1].positions_A.size()});
  write_text_atomically(options.output.directory + "/resolution.json", json.dump(2) + "\n");
  if (options.output.pictures) write_picture(options.output.directory + "/frc.png", comparison);
  return fmt::format("halves of {} and {} positions agree to {}; see {}", stacks[0].positions_A.size(),
                     stacks[1].positions_A.size(), summary_of(comparison), options.output.directory);
}

}  // namespace

int run_resolution(const Comm& comm, const CommandLine& line, RunRecord& record) {
  const RunOptions options =
      parse_run_options(read_run_file(comm, line.run_file), line.run_file, line.sets, Command::reconstruct);
  if (options.data.half != ScanHalf::whole)
    throw InputError(ExitCode::run_file,
                     "data.subset.half is given; `tessera resolution` takes one half after the other itself", true);
  Progress progress(comm, "", line.quiet);
  check_folders(comm, options, line.force);
  if (!line.dry_run) {
    comm.agree([&] {
      if (comm.is_root()) make_folder(options.output.directory, "output.directory");
    });
    const auto warning = record.own(options.output.directory + "/resolution.lock",
                                    "the resolution in output.directory " + options.output.directory);
    if (warning) progress.warn(*warning);
  }
  if (options.object.initial)
    progress.warn(
        "object.initial is the start of both halves: what it holds and they keep correlates by itself; "
        "without it the figure says what the data say");
  for (const char* half : halves) {
    progress.line(fmt::format("the {} half", half));
    const int code = reconstruct_half(comm, line_of(line, options, half));
    if (code != static_cast<int>(ExitCode::done)) return code;
  }
  if (line.dry_run) return static_cast<int>(ExitCode::done);
  std::string summary;
  record.require_owned();
  comm.agree([&] {
    if (comm.is_root()) summary = compare_halves(options, progress);
  });
  progress.line(summary);
  return static_cast<int>(ExitCode::done);
}

}  // namespace tessera
