#include "src/workflow/reconstruct/memory_forecast.hpp"

#include <algorithm>
#include <cmath>

#include "src/geometry/overlap_plan.hpp"
#include "src/workflow/input/measured_positions.hpp"

namespace tessera {
namespace {

double area(const Box& box) { return static_cast<double>(box.height()) * static_cast<double>(box.width()); }

std::string slices_text(int slices) { return slices == 1 ? "1 slice" : fmt::format("{} slices", slices); }

/// Sizes that the parts are made from, in doubles.
struct Sizes {
  double real, complex;  ///< bytes
  double window;         ///< pixels
  double detector;       ///< numbers compared in each pattern
  double modes, states, slices, lanes, planes, waves;
  double kept;                    ///< places for waves before slices
  double owned, work, exchanged;  ///< pixels of a plane
  double positions;
  double reals_a_voxel;

  Sizes(const RunOptions& options, const Experiment& experiment, const Tiling& tiling, int rank, double n,
        Index kept_every)
      : real(options.run.precision == Precision::single ? sizeof(float) : sizeof(double)),
        complex(2 * real),
        window(static_cast<double>(experiment.window.ny) * static_cast<double>(experiment.window.nx)),
        modes(options.beam.modes),
        states(options.object.states),
        slices(options.object.slices),
        lanes(options.run.threads),
        planes(states * slices),
        waves(modes * states),
        kept(static_cast<double>(kept_places(options.object.slices, kept_every))),
        owned(area(tiling.owned[rank])),
        work(area(tiling.work[rank])),
        positions(n) {
    const auto bin = static_cast<double>(options.detector.bin);
    detector = std::floor(static_cast<double>(experiment.pixels_ny) / bin) *
               std::floor(static_cast<double>(experiment.pixels_nx) / bin);
    if (experiment.channels.sets) detector = static_cast<double>(experiment.channels.count());
    const OverlapPlan plan = make_overlap_plan(rank, tiling.owned, tiling.work);
    exchanged = 0;
    for (const std::vector<Overlap>* overlaps : {&plan.foreign, &plan.shared})
      for (const Overlap& overlap : *overlaps) exchanged += area(overlap.box);
    const Representation kind = options.object.representation;
    reals_a_voxel = kind == Representation::phase_absorption || kind == Representation::complex_transmission ? 2 : 1;
  }
};

std::string span_text(const Experiment& experiment) {
  const ScanSpan span = span_of(experiment.positions_A);
  return fmt::format("positions span {:.4g} x {:.4g} A: check the unit of data.positions, scan.step_A and scan.affine",
                     span.high.y - span.low.y, span.high.x - span.low.x);
}

/// What can make the object large.
std::vector<MemoryCause> object_causes(const RunOptions& options, const Experiment& experiment, const Sizes& is) {
  const auto margin = static_cast<double>(options.object.margin_px);
  const double ny = static_cast<double>(experiment.frame.ny), nx = static_cast<double>(experiment.frame.nx);
  const double field = std::max(1.0, ny - 2 * margin) * std::max(1.0, nx - 2 * margin);
  const double lit = is.window * static_cast<double>(experiment.positions_A.size());
  return {{1, "use more nodes, or run.precision: single"},
          {is.slices, fmt::format("object.slices is {}", options.object.slices)},
          {is.states, fmt::format("object.states is {}", options.object.states)},
          {ny * nx / field, fmt::format("object.margin_px is {}", options.object.margin_px)},
          // Even windows that do not overlap at all cover a raster's field.
          {field / lit, span_text(experiment), ExitCode::data_wrong}};
}

std::vector<MemoryCause> with(std::vector<MemoryCause> causes, const std::vector<MemoryCause>& more) {
  causes.insert(causes.end(), more.begin(), more.end());
  return causes;
}

MemoryPart waves_part(const RunOptions& options, const Experiment& experiment, const Sizes& is) {
  const double gaps = is.slices - 1, patch = is.window * is.complex;
  const bool filtered = options.propagation.transmission == TransmissionLimit::patch;
  const bool straight = options.run.threads == 1;
  double lane = (is.kept + 1) * is.waves * patch + is.window * is.real;
  lane += (straight ? 1 : is.planes) * patch + (filtered ? is.planes * patch : 0);
  if (options.refine.contains("gaps") || options.refine.contains("thickness")) lane += gaps * is.waves * patch;
  if (experiment.rows.length > 0) lane += (is.detector + is.window) * is.real;
  if (options.detector.psf_px > 0) lane += 6 * is.window * is.real;
  lane += 2 * is.detector * is.real;  // of the loss
  const auto tables = static_cast<double>(options.object.even_spacing_A ? std::min(1.0, gaps) : gaps);
  // The probe and what it is made from: spectra and their gradient; values, start, gradient and their sums.
  const double probe = is.modes * is.window * (2 * is.complex + 6 * 2 * sizeof(double));
  double shared = probe + (tables + 2) * patch + 2 * is.window * sizeof(double);
  if (options.refine.contains("gaps") || options.refine.contains("thickness") || options.refine.contains("tilt"))
    shared += 2 * gaps * is.window * sizeof(double);
  const char* const keeps_all = options.run.recompute == Recompute::never && sparse_spacing(options.object.slices) > 1
                                    ? ", and run.recompute: auto would keep fewer of their waves"
                                    : "";
  return memory_part(fmt::format("the waves of {} modes on windows of {} x {} pixels in {}", options.beam.modes,
                                 experiment.window.ny, experiment.window.nx, slices_text(options.object.slices)),
                     is.lanes * lane + shared,
                     {{1, "use larger detector.bin, or fewer pixels"},
                      {is.kept, fmt::format("object.slices is {}{}", options.object.slices, keeps_all)},
                      {is.modes, fmt::format("beam.modes is {}", options.beam.modes)},
                      {is.states, fmt::format("object.states is {}", options.object.states)},
                      {is.lanes, fmt::format("run.threads is {}", options.run.threads)}});
}

/// Numbers that the solver varies beside the object's: those of this rank's positions, and global ones.
struct OtherReals {
  double of_positions = 0, global = 0;
};

OtherReals other_reals(const RunOptions& options, const Sizes& is) {
  const auto has = [&](const char* name) { return options.refine.contains(name); };
  OtherReals reals;
  if (has("probe")) reals.global += 2 * is.modes * is.window;
  if (has("background")) reals.global += is.detector;
  for (const char* pair : {"positions", "descan", "tilts"})
    if (has(pair)) reals.of_positions += 2 * is.positions;
  if (has("dose")) reals.of_positions += is.positions;
  if (const auto found = options.refine.find("probe_relaxation"); found != options.refine.end()) {
    const double rank = found->second.settings.number("rank");
    reals.of_positions += rank * is.positions;
    reals.global += rank * 2 * is.window;
  }
  return reals;
}

double penalty_bytes(const RunOptions& options, const Sizes& is) {
  if (options.regularisers.empty()) return 0;
  double bytes = 2 * is.planes * is.owned * is.real;  // values, and with a rim
  for (const Regulariser& regulariser : options.regularisers) {
    const RegulariserRow& row = regulariser_row(regulariser.kind);
    if (row.reweighted) bytes += is.planes * is.owned * is.real;
    if (row.has_wedge) bytes += 3 * (is.slices - 1) * is.owned * is.real;
  }
  return bytes;
}

}  // namespace

MemoryForecast forecast_memory(const RunOptions& options, const Experiment& experiment, const Tiling& tiling, int rank,
                               double positions, const LoadForecast& load, double vectors, const ModelPlace& place) {
  const Sizes is(options, experiment, tiling, rank, positions, place.kept_every);
  const std::vector<MemoryCause> causes = object_causes(options, experiment, is);
  const std::string pixels =
      fmt::format("{} x {} pixels in {}", experiment.frame.ny, experiment.frame.nx, slices_text(options.object.slices));
  const double object_reals = is.reals_a_voxel * is.planes * is.owned;
  const bool refines_object = options.refine.contains("object");
  MemoryForecast need;
  const auto parts_on = [&](bool gpu) -> std::vector<MemoryPart>& { return gpu ? need.gpu.parts : need.host.parts; };
  const MemoryPart patterns = memory_part("its patterns", is.positions * load.pattern_bytes,
                                          {{1, "use more nodes, data.subset or detector.bin"}});
  MemoryNeed reading{{memory_part("reading its patterns, chunk by chunk,", load.reader_bytes,
                                  {{1, "store data.patterns in chunks of few whole patterns (h5repack -l)"}})}};
  if (!place.patterns_on_gpu) reading.parts.push_back(patterns);
  parts_on(place.patterns_on_gpu).push_back(patterns);
  // Transmission and its gradient on work and owned box, variables and theirs, what is exchanged, and regularisers.
  parts_on(place.model_on_gpu)
      .push_back(memory_part("the object of " + pixels,
                             2 * is.planes * (is.work + is.owned) * is.complex + 2 * object_reals * is.real +
                                 is.planes * is.exchanged * is.complex + penalty_bytes(options, is),
                             causes));
  parts_on(place.model_on_gpu).push_back(waves_part(options, experiment, is));
  if (place.model_on_gpu)  // what crosses between ranks, and copies of variables and gradient for the solver
    need.host.parts.push_back(memory_part("what the host keeps of the object of " + pixels,
                                          is.planes * is.exchanged * is.complex + 2 * object_reals * is.real, causes));
  constexpr double usual_vectors = 29;  // with the history that is the default
  const OtherReals others = other_reals(options, is);
  // The solver's part of what is global is cut among the ranks.
  const double solved = (refines_object ? object_reals : 0) + others.of_positions +
                        others.global / static_cast<double>(tiling.owned.size());
  need.host.parts.push_back(memory_part(
      "the solver, which keeps " + fmt::format("{:.0f} vectors of ", vectors) + pixels + " and more,",
      vectors * solved * sizeof(double),
      with(causes, {{vectors / usual_vectors, fmt::format("solve.history is {}", options.solve.history)}})));
  // Values, start, gradient and sums of them; offsets, slopes and indices.
  need.host.parts.push_back(memory_part("what is kept of each position",
                                        (is.positions * 30 + 6 * others.of_positions) * sizeof(double),
                                        {{1, "use more nodes or data.subset"}}));
  if (reading.bytes() > need.host.bytes()) need.host = reading;
  return need;
}

}  // namespace tessera
