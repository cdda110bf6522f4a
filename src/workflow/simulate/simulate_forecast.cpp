#include "src/workflow/simulate/simulate_forecast.hpp"

#include <cmath>
#include <complex>

namespace tessera {
namespace {

constexpr double real = sizeof(double), wave = sizeof(std::complex<double>);

double area(const Box& box) { return static_cast<double>(box.height()) * static_cast<double>(box.width()); }
double area(const Grid& grid) { return static_cast<double>(grid.ny) * static_cast<double>(grid.nx); }

/// The patch of an atom, with tables for some elements.
double patch_bytes(const Grid& grid) {
  constexpr double elements = 4;
  return (2 * atom_half_width_A / grid.dy_A + 1) * (2 * atom_half_width_A / grid.dx_A + 1) * (wave + elements * real);
}

}  // namespace

MemoryNeed forecast_scan(const SimulateOptions& simulate) {
  constexpr double doubles_a_position = 24;  // nominal and true ones, their placements twice, errors as they are made
  const auto [ny, nx] = simulate.scan.shape;
  const double positions = static_cast<double>(ny) * static_cast<double>(nx);
  return {{memory_part(fmt::format("a scan of {} x {} positions, all of which every rank knows,", ny, nx),
                       positions * doubles_a_position * real, {{1, "change simulate.scan.shape"}})}};
}

MemoryNeed forecast_simulation(const RunOptions& options, const SimulationSetup& setup, const FrameBox& work,
                               const FrameBox& truth, double slices) {
  const SimulateOptions& simulate = options.simulate;
  const Grid& window = setup.sampling.window;
  const auto modes = static_cast<double>(options.beam.modes);
  const auto whole = static_cast<Index>(slices);
  const auto kept = static_cast<double>(kept_places(whole, sparse_spacing(whole)));
  const auto [sy, sx] = simulate.scan.shape;
  const double positions = static_cast<double>(sy) * static_cast<double>(sx);
  const ObjectFrame& frame = work.frame;
  const double field = static_cast<double>(frame.ny) * static_cast<double>(frame.nx);
  const MemoryCause thin{slices, fmt::format("{:.0f} slices follow from simulate.slice_thickness_A = {} or from the "
                                             "object's own",
                                             slices, simulate.slice_thickness_A)};
  MemoryNeed need = forecast_scan(simulate);
  need.parts.push_back(memory_part(
      fmt::format("a window of {} x {} pixels", window.ny, window.nx),
      area(window) * wave * ((kept + 3) * modes + slices + 8) + 4 * area(setup.reconstruction) * wave * modes,
      {{1, "make simulate.window_A smaller or simulate.potential_pixel_A larger"},
       thin,
       {modes, fmt::format("beam.modes is {}", options.beam.modes)}}));
  need.parts.push_back(memory_part(
      fmt::format("the specimen of {} x {} pixels in {:.0f} slices", frame.ny, frame.nx, slices),
      2 * slices * area(work.box) * wave + 4 * area(truth.box) * real + area(work.box) * real,
      {{1, "use more nodes or a larger simulate.potential_pixel_A"},
       thin,
       {field / (positions * area(window)),
        "check scan.step_A, simulate.scan.jitter_A and simulate.position_error_A: the scan is far larger than what its "
        "windows cover"}}));
  if (!simulate.atoms.empty())
    need.parts.push_back(memory_part("the potential of one atom",
                                     patch_bytes(window) + patch_bytes(setup.reconstruction),
                                     {{1,
                                       "make simulate.potential_pixel_A larger, or simulate.detector.shape or the "
                                       "detector's pixel smaller"}}));
  return need;
}

double forecast_file_bytes(const SimulationSetup& setup, const ObjectFrame& truth, double slices, double pixel_bytes) {
  const double positions = static_cast<double>(setup.positions_A.size());
  const double pixels = static_cast<double>(setup.sampling.ny) * static_cast<double>(setup.sampling.nx);
  const double plane = static_cast<double>(truth.ny) * static_cast<double>(truth.nx);
  return positions * (pixels * pixel_bytes + 7 * real) + (slices + 1) * plane * sizeof(float);
}

}  // namespace tessera
