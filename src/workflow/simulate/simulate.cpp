#include "src/workflow/simulate/simulate.hpp"

#include <algorithm>
#include <array>

#include "io/output_folder.hpp"
#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/geometry/tiling.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/input/probe_fit.hpp"
#include "src/workflow/options/about_key.hpp"
#include "src/workflow/options/options.hpp"
#include "src/workflow/simulate/simulate_file.hpp"
#include "src/workflow/simulate/simulate_forecast.hpp"
#include "src/workflow/simulate/simulate_given.hpp"
#include "src/workflow/simulate/simulate_noise.hpp"
#include "src/workflow/simulate/simulate_patterns.hpp"
#include "src/workflow/start/check_memory.hpp"
#include "src/workflow/start/fft_plans.hpp"
#include "src/workflow/start/interrupt.hpp"
#include "src/workflow/start/own_output.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {
namespace {

constexpr const char* not_written = "before the end; nothing was written";

/// What one rank computes.
struct Share {
  FrameBox work;                      ///< specimen under its windows, on the simulation's pixels
  FrameBox truth;                     ///< its part of the truth
  std::vector<Index> positions;       ///< indices in the scan, increasing
  std::vector<Placement> placements;  ///< of `positions` in the work frame
};

std::unique_ptr<Specimen> open_given(const Comm& comm, const RunOptions& options) {
  std::unique_ptr<Specimen> specimen;
  if (!options.simulate.object) return specimen;
  comm.agree([&] { specimen = std::make_unique<GivenSpecimen>(*options.simulate.object, options.object); });
  return specimen;
}

/// The rows of a frame, split evenly.
Box rows_of(const ObjectFrame& frame, int rank, int n_ranks) {
  return {frame.ny * rank / n_ranks, 0, frame.ny * (rank + 1) / n_ranks, frame.nx};
}

Share make_share(const Comm& comm, const SimulationSetup& setup, const ObjectFrame& given) {
  const Grid& window = setup.sampling.window;
  const bool from_atoms = given.ny == 0;
  Share share;
  const PlacedScan fine = enclose(setup.positions_A, window, 0, given.origin_A);
  const std::vector<Placement>& all = fine.placements;
  share.work.frame = fine.frame;
  const Tiling tiling = make_tiling(all, share.work.frame, window, comm.size(), 0);
  const auto rank = static_cast<std::size_t>(comm.rank());
  share.work.box = tiling.work[rank];
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (tiling.owner[i] != comm.rank()) continue;
    share.positions.push_back(static_cast<Index>(i));
    share.placements.push_back(all[i]);
  }
  if (from_atoms) {
    const Grid& grid = setup.reconstruction;
    const PlacedScan coarse = enclose(setup.positions_A, grid, 0);
    share.truth.frame = coarse.frame;
    share.truth.box = make_tiling(coarse.placements, coarse.frame, grid, comm.size(), 0).owned[rank];
  } else {
    share.truth = {given, rows_of(given, comm.rank(), comm.size())};
  }
  return share;
}

/// The beam on the simulation's window, refused where it does not fit, as for reconstruct (collective).
ComplexImage simulated_probe(const Comm& comm, const RunOptions& options, const SimulationSetup& setup) {
  Experiment experiment;
  experiment.wavelength_A = setup.wavelength_A;
  experiment.window = setup.sampling.window;
  return initial_probe(comm, options, experiment, setup.electrons);
}

/// Computes and writes the patterns in rounds; every rank takes part in every round.
void write_patterns(const Comm& comm, const RunOptions& options, const SimulationSetup& setup, const Share& share,
                    PatternMaker& source, SimulationFile& file, Progress& progress) {
  constexpr std::uint64_t noise_stream = 3;
  constexpr Index reports = 10;
  const Index pixels = setup.sampling.ny * setup.sampling.nx, mine = static_cast<Index>(share.positions.size());
  const Index most = comm.max(mine);
  const auto fits = static_cast<Index>(64 * units::bytes_per_MiB) / (pixels * static_cast<Index>(sizeof(double)));
  const Index a_round = std::max<Index>(1, std::min(fits, (most + reports - 1) / reports));
  std::vector<double> electrons;
  for (Index first = 0; first < most; first += a_round) {
    const Index begin = std::min(first, mine), end = std::min(first + a_round, mine);
    electrons.assign(static_cast<std::size_t>((end - begin) * pixels), 0.0);
    for (Index i = begin; i < end && pending_signal() == 0; ++i) {
      const std::span<double> pattern{electrons.data() + (i - begin) * pixels, static_cast<std::size_t>(pixels)};
      source.expected(i, pattern);
      const Index index = share.positions[static_cast<std::size_t>(i)];
      if (setup.noisy) add_poisson_noise(random_key(options.simulate.seed, noise_stream, index), pattern);
    }
    refuse_if_stopped(comm, not_written);
    file.write_patterns({share.positions.data() + begin, static_cast<std::size_t>(end - begin)}, electrons);
    progress.line(fmt::format("patterns {:3.0f} %", 100.0 * static_cast<double>(std::min(first + a_round, most)) /
                                                        static_cast<double>(most)));
  }
}

/// An output that the run reads would be lost with --force. Root only.
void refuse_inputs(const RunOptions& options, const std::string& run_file) {
  const auto refuse = [&](const std::string& input, const std::string& key) {
    refuse_input_as_output(options.simulate.output, "simulate.output", input, key);
  };
  refuse(run_file, "the run file");
  refuse(options.simulate.atoms, "simulate.atoms");
  if (options.simulate.object) refuse(options.simulate.object->file, "simulate.object");
  if (options.beam.initial) refuse(options.beam.initial->file, "beam.initial");
}

/// A file tells the distance of each two slices in an attribute, which HDF5 bounds to 64 KiB.
void check_slices(const RunOptions& options, Index slices) {
  constexpr Index most = 8000;
  if (slices <= most) return;
  throw InputError(ExitCode::run_file,
                   fmt::format("simulate.slice_thickness_A is {}, which makes {} slices; a file holds at most {}",
                               options.simulate.slice_thickness_A, slices, most),
                   true);
}

/// A given object that no window touches is a mistake of its origin_A or of the scan.
void check_under_scan(const Specimen& specimen, const Share& share) {
  const ObjectFrame object = specimen.own_frame(), &scan = share.work.frame;
  const auto apart = [](double a_A, double a_length_A, double b_A, double b_length_A) {
    return a_A + a_length_A <= b_A || b_A + b_length_A <= a_A;
  };
  const auto length = [](Index n, double pixel_A) { return static_cast<double>(n) * pixel_A; };
  const double ny = length(object.ny, object.dy_A), nx = length(object.nx, object.dx_A);
  const double sy = length(scan.ny, scan.dy_A), sx = length(scan.nx, scan.dx_A);
  if (!apart(object.origin_A.y, ny, scan.origin_A.y, sy) && !apart(object.origin_A.x, nx, scan.origin_A.x, sx)) return;
  throw InputError(
      ExitCode::data_wrong,
      fmt::format("simulate.object lies beside the scan: it begins at ({:.6g}, {:.6g}) A and is {:.6g} x "
                  "{:.6g} A, the scan's windows begin at ({:.6g}, {:.6g}) A and cover {:.6g} x {:.6g} A; check "
                  "simulate.scan.start_A and its origin_A",
                  object.origin_A.y, object.origin_A.x, ny, nx, scan.origin_A.y, scan.origin_A.x, sy, sx),
      true);
}

std::string summary(const RunOptions& options, const SimulationSetup& setup, const Share& share, Index slices) {
  const auto [ny, nx] = options.simulate.scan.shape;
  const Grid& window = setup.sampling.window;
  return fmt::format(
      "{} x {} positions, window {} x {} pixels of {:.4f} x {:.4f} A, {} slices, specimen {} x {} pixels, "
      "{:.6g} electrons a pattern{}",
      ny, nx, window.ny, window.nx, window.dy_A, window.dx_A, slices, share.work.frame.ny, share.work.frame.nx,
      setup.electrons, setup.noisy ? ", Poisson noise" : ", no noise");
}

}  // namespace

int run_simulate(const Comm& comm, const CommandLine& line, RunRecord& record) {
  const std::string text = read_run_file(comm, line.run_file);
  const RunOptions options = parse_run_options(text, line.run_file, line.sets, Command::simulate);
  const Existing existing = line.force ? Existing::replace : Existing::keep;
  Progress progress(comm, "", line.quiet);
  comm.agree([&] {
    if (comm.is_root()) refuse_inputs(options, line.run_file);
  });
  const OutputFile output{options.simulate.output, "simulate.output", existing};
  own_output(comm, output, line.dry_run, record, progress);

  std::unique_ptr<Specimen> specimen = open_given(comm, options);
  const ObjectFrame given = specimen ? specimen->own_frame() : ObjectFrame{};
  check_memory(comm, progress, forecast_scan(options.simulate));
  const SimulationSetup setup = make_setup(options, {given.dy_A, given.dx_A});
  check_band(options.beam, setup.sampling.window, setup.wavelength_A, options.propagation.band_limit.value_or(2.0 / 3));
  const Share share = make_share(comm, setup, given);
  const auto check_sizes = [&](double slices) {
    check_memory(comm, progress, forecast_simulation(options, setup, share.work, share.truth, slices));
    const auto& [scan, pattern] = std::pair{options.simulate.scan.shape, options.simulate.detector.shape};
    check_space(
        comm, output, forecast_file_bytes(setup, share.truth.frame, slices, setup.noisy ? 2 : 4),
        fmt::format("{} x {} patterns of {} x {} pixels take most of it", scan[0], scan[1], pattern[0], pattern[1]));
  };
  check_sizes(1);  // before the potential's own number of slices is known
  if (specimen) check_under_scan(*specimen, share);
  if (!specimen) {
    const std::array<FrameBox, 2> near = {share.work, share.truth};
    specimen = about_key("simulate.atoms", [&] {
      return std::make_unique<AtomSpecimen>(comm, options.simulate.atoms, near, options.simulate.slice_thickness_A,
                                            interaction_rad_per_VA(*options.beam.energy_eV));
    });
  }
  for (const std::string& warning : specimen->warnings(comm)) progress.warn(warning);
  share_fft_plans<double>(
      comm, progress, [&] { make_simulation_plans(options, setup); },
      line.dry_run ? PlanCache::read : PlanCache::write);
  refuse_if_stopped(comm, not_written);
  const ComplexImage probe = simulated_probe(comm, options, setup);
  const std::vector<double> gaps_A = specimen->gaps_A();
  check_slices(options, static_cast<Index>(gaps_A.size()) + 1);
  check_sizes(static_cast<double>(gaps_A.size()) + 1);
  progress.line(summary(options, setup, share, static_cast<Index>(gaps_A.size()) + 1));
  if (line.dry_run) return 0;

  SimulationFile file(comm, options, setup, share.truth.frame, gaps_A, existing);
  progress.line("truth");
  file.write_truth(*specimen, share.truth);
  progress.line("specimen");
  PatternMaker source(options, setup, *specimen, probe, share.work, share.placements, share.positions);
  write_patterns(comm, options, setup, share, source, file, progress);
  record.require_owned();
  file.commit();
  progress.line(fmt::format("wrote {}", options.simulate.output));
  return 0;
}

}  // namespace tessera
