#include "src/workflow/preprocess/preprocess.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "io/output_folder.hpp"
#include "src/base/cache_blocks.hpp"
#include "src/base/clock.hpp"
#include "src/base/units.hpp"
#include "src/base/version.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/options/options.hpp"
#include "src/workflow/preprocess/compress.hpp"
#include "src/workflow/preprocess/data_provenance.hpp"
#include "src/workflow/preprocess/exact_sums.hpp"
#include "src/workflow/preprocess/preprocess_file.hpp"
#include "src/workflow/preprocess/preprocess_forecast.hpp"
#include "src/workflow/preprocess/scan_images.hpp"
#include "src/workflow/preprocess/steps.hpp"
#include "src/workflow/preprocess/written_run_file.hpp"
#include "src/workflow/start/check_memory.hpp"
#include "src/workflow/start/own_output.hpp"

namespace tessera {
namespace {

/// Root's part: the run file that is written, refused or not by what reconstruct asks for.
struct WrittenRunFile {
  std::string text;
  std::string refusal;  ///< empty: a reconstruction takes it
};

WrittenRunFile written_run_file(const std::string& text, const CommandLine& line, const RunOptions& options,
                                const OutputNames& names, const WrittenFacts& facts, const FoundInFile& found) {
  WrittenRunFile written{
      changed_run_file(text, line.run_file, line.sets, run_file_changes(options, names, facts), found), ""};
  try {
    parse_run_options(written.text, names.run_file, {}, Command::reconstruct);
  } catch (const InputError& error) {
    written.refusal = error.what();
  }
  return written;
}

/// One run, from its options on.
class Preprocessing {
 public:
  Preprocessing(const Comm& comm, const RunOptions& options, Progress& progress, PatternReader& reader)
      : comm_(comm),
        options_(options),
        steps_(options.preprocess),
        progress_(progress),
        reader_(reader),
        input_(load_input(comm, options, reader)) {}

  /// Refuses what would not fit, and plans rounds.
  void forecast(const OutputFile& output) {
    const Index my = input_.ny / 2, mx = input_.nx / 2;
    const PointYX middle{static_cast<double>(my), static_cast<double>(mx)};
    const DetectorGeometry geometry = make_geometry(steps_, {input_.ny, input_.nx}, middle, {1, 0, 0, 1}, {});
    require_shapes(geometry, steps_);
    plan_ = forecast_rounds(steps_, input_, geometry, comm_.size());
    const Stretch first = plan_.of_round(comm_.rank(), 0);
    const std::span<const Index> wanted(input_.patterns.data() + first.first, static_cast<std::size_t>(first.count()));
    const double reader = static_cast<double>(reader_.foretell_bytes(wanted));
    check_memory(comm_, progress_, forecast_preprocess(steps_, input_, geometry, plan_, reader));
    check_space(comm_, output, forecast_file_bytes(steps_, input_, geometry),
                fmt::format("{} patterns take most of it; preprocess.compress makes them smaller", input_.count()));
  }

  /// What can be decided before patterns are read.
  void decide_first(StepLog& log) {
    for (const std::string& warning : input_.pixels.warnings) progress_.warn(warning);
    correction_ = first_correction(place(log));
    undistort_ = find_distortion(place(log));
    if (steps_.lattice_measured_A.fit) lattice_raster(input_, *steps_.lattice_reference_A);  // refuses what is none
    facts_.affine = given_affine(place(log));
    facts_.positions = !input_.positions_A.empty();
    facts_.counts_per_electron = options_.data.counts_per_electron;
    facts_.dataset = "/data";
    // What is only found in the patterns is asked for when it is.
    const bool whole = steps_.whole_electrons;
    require_whole_electrons(whole || correction_.keeps_integers(),
                            whole || steps_.fit_counts_per_electron ? 1 : facts_.counts_per_electron);
    if (!facts_.positions)
      progress_.warn(
          "no positions are known (data.positions, or scan.step_A with patterns (Ry, Rx, Ky, Kx)): the run "
          "file that is written lacks them");
  }

  /// Looks at all patterns where a step asks for it, and makes the chain.
  void decide(StepLog& log) {
    const StepPlace at = place(log);
    if (needs_statistics(steps_)) {
      progress_.line("reading all patterns for their statistics");
      statistics_ = take_statistics(at, correction_);
    }
    mask_bad_pixels(at, statistics_, correction_);
    if (steps_.lattice_measured_A.fit) facts_.affine = fitted_affine(at, correction_);
    facts_.counts_per_electron = calibrate_counting(at, statistics_, correction_);
    geometry_ = find_geometry(at, statistics_, correction_, undistort_);
    std::vector<PixelShift> shifts = find_shifts(at, statistics_, correction_);
    comm_.agree([&] { chain_.emplace(input_, at.dataset(), correction_, geometry_, std::move(shifts)); });
    if (std::ranges::count(chain_->valid(), 1.0) == 0)
      throw InputError(ExitCode::run_file,
                       "no valid pixel is left of a pattern; check data.mask, preprocess.centre_px and crop_px", true);
    require_whole_electrons(chain_->keeps_integers(), facts_.counts_per_electron);
    sums_ = find_sums(at, statistics_, correction_, *chain_);
  }

  /// Reads, changes and writes all patterns.
  void write(StepLog& log, AboutFile about, RunRecord& record) {
    WrittenForm stored{.type = stored_type(input_, steps_, chain_->keeps_integers(), sums_.has_value()),
                       .shape = {chain_->ny(), chain_->nx()},
                       .events = steps_.compress.kind == CompressionKind::events};
    if (sums_) {
      stored.shape = {sums_->channels};
      stored.sums = &*sums_;
      stored.layout = layout_of(*sums_, chain_->pixels());
      if (stored.weighted()) stored.type = StoredType::f32;
      facts_.detectors = stored.detectors();
      facts_.weighted = stored.weighted();
    }
    facts_.dataset = stored.dataset();
    facts_.masked = std::ranges::count(chain_->valid(), 0.0) > 0;
    about.attributes = {{"program", fmt::format("tessera {}", version)}};
    if (!options_.run.reproducible) about.attributes.emplace_back("source", place(log).dataset());
    PreprocessFile file(comm_, steps_, input_, *chain_, stored, about);
    const double largest = input_.largest > 0 ? input_.largest : 1;
    const auto binned = static_cast<double>(steps_.bin * steps_.bin), patterns = static_cast<double>(input_.count());
    const double most = input_.type == StoredType::u32 ? 0x1p32 : 0x1p16;  // of a pixel, whatever the sample has
    const bool whole = chain_->keeps_integers() && most * binned * patterns < 0x1p53;
    ExactSums sums(chain_->pixels(), largest, whole);
    std::vector<double> electrons(static_cast<std::size_t>(input_.count()), 0.0);  // a number of each, as everywhere
    double lost = 0;
    const auto use = [&](Index position, const std::byte* raw) {
      const std::span<const double> pattern = chain_->apply(position, raw);
      double counts = 0;
      in_cache_blocks(pattern.size(), [&](std::size_t first, std::size_t last) {
        const std::span<const double> values = pattern.subspan(first, last - first);
        const std::span<const double> valid = std::span(chain_->valid()).subspan(first, last - first);
        sums.add(first, values, valid);
        counts += weighted_sum(values, valid);
      });
      electrons[static_cast<std::size_t>(position)] = counts / facts_.counts_per_electron;
      lost += file.put(position, pattern);
    };
    const auto done = [&](const Stretch& round) {
      file.end_round();
      const double share = static_cast<double>(plan_.reached(round)) / static_cast<double>(input_.count());
      progress_.line(fmt::format("patterns {:3.0f} %", 100 * share));
    };
    stream_patterns(comm_, reader_, input_, plan_,
                    {.begin = [&](const Stretch& round) { file.begin_round(round); }, .use = use, .done = done});
    std::vector<double> mean = sums.total(comm_);
    for (double& value : mean) value /= static_cast<double>(input_.count());
    tell_frame(place(log), geometry_, *chain_, mean);
    comm_.sum(electrons);
    if (steps_.compress.kind == CompressionKind::events)
      tell_events(place(log), *chain_, electrons, bytes_of(stored.type));
    tell_dose(place(log), electrons);
    tell_lost(comm_.sum(lost), mean);
    tell_amplification();
    record.require_owned();
    file.commit();
  }

  const WrittenFacts& facts() const { return facts_; }

 private:
  StepPlace place(StepLog& log) const { return {comm_, options_, reader_, input_, plan_, log}; }

  /// What lists of electrons ask for.
  void require_whole_electrons(bool whole, double counts_per_electron) const {
    if (steps_.compress.kind != CompressionKind::events || (whole && counts_per_electron == 1)) return;
    throw InputError(
        ExitCode::run_file,
        fmt::format("preprocess.compress.kind is events, but {}; use preprocess.whole_electrons: true, or another kind",
                    whole ? fmt::format("an electron counts {:.4g} (data.counts_per_electron)", counts_per_electron)
                          : "what is written are not whole numbers"),
        true);
  }

  /// Counts below zero, which a reconstruction does not take.
  void tell_lost(double lost, std::span<const double> mean) {
    double all = 0;
    for (const double value : mean) all += value * static_cast<double>(input_.count());
    constexpr double much = 1e-3;
    if (lost > 0 && lost > much * std::abs(all))
      progress_.warn(
          fmt::format("counts below zero became zero, which adds {:.2g} % to all; where noise and dark "
                      "leave so many, preprocess.whole_electrons counts without this bias",
                      100 * lost / std::abs(all)));
  }

  /// Chunks that do not fit into a round are decompressed in each that needs them.
  void tell_amplification() {
    constexpr double much = 1.5;
    if (reader_.cost().amplification() <= much) return;
    const double needed = static_cast<double>(input_.together) * round_bytes(steps_, input_, geometry_);
    progress_.warn(
        fmt::format("{:.1f} times the bytes of the patterns were decompressed: chunks of {} hold {}, more "
                    "than a round or than the subset; where all patterns are used, preprocess.block_MiB: "
                    "{:.0f} reads each once",
                    reader_.cost().amplification(), reader_.source().name, bytes_text(needed),
                    std::ceil(needed / units::bytes_per_MiB)));
  }

  const Comm& comm_;
  const RunOptions& options_;
  const PreprocessOptions& steps_;
  Progress& progress_;
  PatternReader& reader_;
  PreprocessInput input_;
  RoundPlan plan_;
  Correction correction_;
  Undistort undistort_;
  PatternStatistics statistics_;
  DetectorGeometry geometry_;
  std::optional<PatternChain> chain_;
  std::optional<VirtualDetectors> sums_;
  WrittenFacts facts_;
};

/// Warns where reconstruct would refuse the run file that is written, and returns it (collective).
std::string checked_run_file(const Comm& comm, Progress& progress, const std::function<WrittenRunFile()>& make) {
  WrittenRunFile written;
  comm.agree([&] {
    if (comm.is_root()) written = make();
  });
  comm.broadcast(written.refusal);
  if (!written.refusal.empty())
    progress.warn(fmt::format("`tessera reconstruct` will refuse the run file that is written: {}", written.refusal));
  return written.text;
}

}  // namespace

std::string preprocess_config(const CommandLine& line) {
  return looked_up_config(line.run_file, line.sets, Command::preprocess);
}

int run_preprocess(const Comm& comm, const CommandLine& line, RunRecord& record) {
  const std::string start_time = utc_now();
  const std::string text = read_run_file(comm, line.run_file);
  const FoundInFile found = look_at_data(comm, text, line.run_file, line.sets);
  const RunOptions options = parse_run_options(text, line.run_file, line.sets, Command::preprocess, found);
  const OutputNames names = output_names(options.preprocess.output);
  const OutputFile output{names.file, "preprocess.output", line.force ? Existing::replace : Existing::keep};
  const OutputFile run_file{names.run_file, "the run file beside preprocess.output", output.existing};
  Progress progress(comm, "", line.quiet);
  for (const std::string& doubt : found.warnings) progress.warn(doubt);
  for (const std::string& said : told_by_file(text, line.run_file, line.sets, Command::preprocess, found))
    progress.line(said);
  comm.agree([&] {
    if (comm.is_root()) refuse_inputs(options, names, line.run_file);
  });
  own_output(comm, output, line.dry_run, record, progress);
  refuse_existing(comm, run_file);
  const std::unique_ptr<PatternReader> reader = open_patterns(comm, options);
  Preprocessing preprocessing(comm, options, progress, *reader);
  preprocessing.forecast(output);
  StepLog log(comm, progress, line.dry_run ? "" : names.steps, std::filesystem::path(names.file).filename().string(),
              options.preprocess.pictures);
  preprocessing.decide_first(log);
  const auto written = [&] { return written_run_file(text, line, options, names, preprocessing.facts(), found); };
  if (line.dry_run) {
    checked_run_file(comm, progress, written);
    return 0;
  }
  preprocessing.decide(log);
  const std::string config = resolved_yaml(text, line.run_file, line.sets, Command::preprocess, found);
  preprocessing.write(log, {{}, provenance_texts(comm, options, line, config, start_time), output.existing}, record);
  const std::string yaml = checked_run_file(comm, progress, written);
  log.commit();
  comm.agree([&] {
    if (comm.is_root()) write_text_atomically(names.run_file, yaml);
  });
  progress.line(fmt::format("wrote {}, and {} for tessera reconstruct", names.file, names.run_file));
  return 0;
}

}  // namespace tessera
