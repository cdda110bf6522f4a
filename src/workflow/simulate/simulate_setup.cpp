#include "src/workflow/simulate/simulate_setup.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "src/base/constants.hpp"
#include "src/base/error.hpp"
#include "src/base/memory_need.hpp"
#include "src/base/units.hpp"
#include "src/model/potential.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/input/probe_fit.hpp"
#include "src/workflow/options/about_key.hpp"
#include "src/workflow/options/calibration.hpp"
#include "src/workflow/simulate/simulate_noise.hpp"

namespace tessera {
namespace {

[[noreturn]] void fail(const std::string& message) { throw InputError(ExitCode::run_file, message, true); }

/// One axis of the simulation window: its length is exactly r detector windows.
Index window_pixels(double window_A, double object_pixel_A, double potential_pixel_A, const char* axis) {
  constexpr double most = 65536;  // one wave of so many pixels each way takes 64 GiB
  const double pixel_A = object_pixel_A > 0 ? object_pixel_A : potential_pixel_A;
  const double pixels = window_A / pixel_A, whole = std::round(pixels);
  if (pixels > most)
    fail(fmt::format(
        "a window of {:.6g} A in pixels of {:.4g} A has {:.6g} along {}, and one wave of {:.6g} x {:.6g} takes "
        "{}; check simulate.window_A, simulate.potential_pixel_A and the detector's pixel",
        window_A, pixel_A, whole, axis, whole, whole, bytes_text(whole * whole * 2 * sizeof(double))));
  if (object_pixel_A <= 0) return fast_even_length(static_cast<Index>(std::ceil(pixels - 1e-3)));
  if (whole < 2 || std::abs(pixels - whole) > 1e-3 * whole) {
    fail(fmt::format(
        "simulate.object: the window of {:.6g} angstrom is {:.4f} of the object's pixels of {:.6g} angstrom "
        "along {}; it must be a whole number",
        window_A, pixels, object_pixel_A, axis));
  }
  return static_cast<Index>(whole);
}

/// The dose must leave something to count, and no more than a pixel can hold.
void check_dose(const RunOptions& options, const SimulationSetup& setup) {
  if (!setup.noisy) return;
  const auto [ny, nx] = options.simulate.scan.shape;
  const double all = setup.electrons * static_cast<double>(ny) * static_cast<double>(nx);
  if (all < 1)
    fail(
        fmt::format("simulate.dose_e_per_A2 is {}: all patterns together would count {:.3g} electrons; it must be at "
                    "least {:.3g}",
                    *options.simulate.dose_e_per_A2, all, *options.simulate.dose_e_per_A2 / all));
  const double most = largest_count(options, setup);
  constexpr double largest = std::numeric_limits<std::uint32_t>::max();
  if (most >= largest)
    fail(
        fmt::format("simulate.dose_e_per_A2 is {}: patterns of {:.3g} electrons, of which a pixel may count {:.3g}; it "
                    "holds at most {:.0f}",
                    *options.simulate.dose_e_per_A2, setup.electrons, most, largest));
}

/// A scan whose positions are moved by many steps is no raster.
void check_moves(const RunOptions& options) {
  constexpr double most_steps = 5;
  const double most_A = most_steps * std::max((*options.scan.step_A)[0], (*options.scan.step_A)[1]);
  const std::pair<const char*, double> keys[] = {{"simulate.scan.jitter_A", options.simulate.scan.jitter_A},
                                                 {"simulate.position_error_A", options.simulate.position_error_A}};
  for (const auto& [key, value_A] : keys)
    if (value_A > most_A)
      fail(fmt::format("{} is {} A; it must be at most {} steps of the scan, {:.4g} A", key, value_A, most_steps,
                       most_A));
}

}  // namespace

double largest_count(const RunOptions& options, const SimulationSetup& setup) {
  constexpr double deviations = 5;
  const Grid& grid = setup.reconstruction;
  const double radius_invA = options.beam.semiangle_rad.value() / setup.wavelength_A;
  const double window_A2 = static_cast<double>(grid.count()) * grid.dy_A * grid.dx_A;
  const double disc_px = pi * radius_invA * radius_invA * window_A2;
  const double beam = disc_px > 8 ? setup.electrons / 2 : setup.electrons;
  const double most = beam * std::exp(deviations * options.simulate.dose_spread) + options.simulate.background_e;
  return most + 2 * deviations * std::sqrt(most);
}

std::vector<PointYX> scan_positions(const SimulateOptions& simulate, const std::array<double, 2>& step_A) {
  constexpr std::uint64_t stream_y = 1, stream_x = 2;
  const auto [ny, nx] = simulate.scan.shape;
  const auto jitter_A = [&](std::uint64_t stream, Index index) {
    return simulate.scan.jitter_A * (2 * uniform(random_key(simulate.seed, stream, index)) - 1);
  };
  std::vector<PointYX> positions_A;
  positions_A.reserve(static_cast<std::size_t>(ny * nx));
  for (Index y = 0, index = 0; y < ny; ++y) {
    for (Index x = 0; x < nx; ++x, ++index) {
      positions_A.push_back(
          {simulate.scan.start_A[0] + static_cast<double>(y) * step_A[0] + jitter_A(stream_y, index),
           simulate.scan.start_A[1] + static_cast<double>(x) * step_A[1] + jitter_A(stream_x, index)});
    }
  }
  return positions_A;
}

SimulationSetup make_setup(const RunOptions& options, const PointYX& object_pixel_A) {
  if (options.beam.initial) fail("beam.initial is not for simulate, which computes the probe from beam.semiangle_mrad");
  const SimulateOptions& simulate = options.simulate;
  check_moves(options);
  SimulationSetup setup;
  setup.wavelength_A = beam_wavelength_A(options.beam);
  setup.nominal_A = setup.positions_A = scan_positions(simulate, *options.scan.step_A);
  turn_about_mean(setup.positions_A, simulate.scan.rotation_rad);
  setup.errors = simulated_errors(simulate);
  for (std::size_t i = 0; i < setup.errors.moved_A.size(); ++i) {
    setup.positions_A[i].y += setup.errors.moved_A[i].y;
    setup.positions_A[i].x += setup.errors.moved_A[i].x;
  }
  setup.noisy = simulate.dose_e_per_A2.has_value();
  if (setup.noisy) {
    setup.electrons = *simulate.dose_e_per_A2 * std::abs((*options.scan.step_A)[0] * (*options.scan.step_A)[1]);
  }
  const std::array<double, 2> dk_invA = detector_step_invA(options, setup.wavelength_A);
  const double window_y_A = simulate.window_A.value_or(1 / dk_invA[0]);
  const double window_x_A = simulate.window_A.value_or(1 / dk_invA[1]);
  DetectorSampling& sampling = setup.sampling;
  sampling.ny = simulate.detector.shape[0];
  sampling.nx = simulate.detector.shape[1];
  about_key("simulate.window_A", [&] {
    sampling.ry = bins_per_pixel(window_y_A, dk_invA[0], "y");
    sampling.rx = bins_per_pixel(window_x_A, dk_invA[1], "x");
  });
  sampling.integrate = simulate.detector.response == DetectorResponse::integrate;
  if (options.detector.psf_px > 0 && sampling.ry != sampling.rx)
    fail(
        "detector.psf_px is the same along y and x, which needs detector pixels and a window with as many bins along y "
        "as along x");
  const double length_y_A = static_cast<double>(sampling.ry) / dk_invA[0];
  const double length_x_A = static_cast<double>(sampling.rx) / dk_invA[1];
  Grid& window = sampling.window;
  window.ny = window_pixels(length_y_A, object_pixel_A.y, simulate.potential_pixel_A, "y");
  window.nx = window_pixels(length_x_A, object_pixel_A.x, simulate.potential_pixel_A, "x");
  window.dy_A = object_pixel_A.y > 0 ? object_pixel_A.y : length_y_A / static_cast<double>(window.ny);
  window.dx_A = object_pixel_A.x > 0 ? object_pixel_A.x : length_x_A / static_cast<double>(window.nx);
  about_key(object_pixel_A.y > 0 ? "simulate.object" : "simulate.potential_pixel_A",
            [&] { check_detector_reach(sampling); });
  setup.reconstruction = {sampling.ny, sampling.nx, 1 / (static_cast<double>(sampling.ny) * dk_invA[0]),
                          1 / (static_cast<double>(sampling.nx) * dk_invA[1])};
  check_angles(setup.reconstruction, setup.wavelength_A);
  check_dose(options, setup);
  return setup;
}

ComplexImage true_probe(const RunOptions& options, const SimulationSetup& setup) {
  const Grid& grid = setup.reconstruction;
  ComplexImage probe =
      first_modes(options.beam, computed_probe(options.beam, grid, setup.wavelength_A), grid, setup.wavelength_A);
  scale_to(probe, setup.electrons);
  return probe;
}

}  // namespace tessera
