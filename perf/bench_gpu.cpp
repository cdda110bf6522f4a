// What one wave-slice costs on a GPU: one mode through one slice at one position, forward and adjoint, in single
// precision, of whole gradients (Sweep::gradient: probe, slices, detector, Poisson loss, sums into tile and probe),
// beside the four bare FFTs that it contains. `perf/gpu` runs it.
//
//   bench_gpu [--quick] [--batch N] [--lanes N] [--only NxSxM ...]
//
// Prints a table and, as last line, the same as JSON.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "src/base/clock.hpp"
#include "src/base/median.hpp"
#include "src/model/probe.hpp"
#include "src/optimisation/sweep.hpp"

namespace tessera {
namespace {

constexpr double pixel_A = 0.1, wavelength_A = 0.0418, gap_A = 5;
constexpr Index step_px = 6;

struct Shape {
  Index n, slices, modes;
};

struct Settings {
  Index batch = 0;  ///< 0: by the number of pixels
  int lanes = 1;
  Index batch_pixels = Index{1} << 23;
  std::vector<Shape> shapes;
};

/// A raster of about as many positions as give `pixels` pixels of patterns.
std::vector<Placement> raster(Index n, Index pixels) {
  Index side = 1;
  while ((side + 1) * (side + 1) * n * n <= pixels) ++side;
  std::vector<Placement> all;
  for (Index y = 0; y < side; ++y)
    for (Index x = 0; x < side; ++x) all.push_back({{step_px * y, step_px * x}, 0.3, -0.2});
  return all;
}

Measurement measurement(const Grid& window, Index positions) {
  std::mt19937 random(1);
  std::poisson_distribution<int> counts(4);
  std::vector<std::uint16_t> one(static_cast<std::size_t>(window.count()));
  for (std::uint16_t& value : one) value = static_cast<std::uint16_t>(counts(random));
  Measurement measured;
  measured.ny = window.ny;
  measured.nx = window.nx;
  const Index bytes = 2 * window.count();
  measured.patterns = Array<std::byte>(DeviceKind::cuda, positions * bytes);
  for (Index p = 0; p < positions; ++p)
    measured.patterns.upload({reinterpret_cast<const std::byte*>(one.data()), static_cast<std::size_t>(bytes)},
                             p * bytes);
  measured.valid.assign(static_cast<std::size_t>(window.count()), 1.0);
  return measured;
}

/// Seconds of one transform, measured on a batch.
double transform_s(Index n, Index count) {
  const FftPlan<float> fft(DeviceKind::cuda, n, n, count);
  const Lane lane = Lane::beside_others(DeviceKind::cuda);
  Array<Complex<float>> waves(DeviceKind::cuda, count * n * n);
  constexpr int repeats = 20;
  const auto run = [&] {
    for (int i = 0; i < repeats; ++i) {
      fft.forward(lane, waves.data(), count);
      fft.inverse(lane, waves.data(), count);
    }
    gpu::wait(lane.stream());
  };
  run();
  const double start_s = now_s();
  run();
  return (now_s() - start_s) / static_cast<double>(2 * repeats * count);
}

struct Result {
  Shape shape;
  Index positions, batch;
  double wave_slice_us, four_ffts_us, loss;
};

Result measure(const Shape& shape, const Settings& settings) {
  const Grid window{.ny = shape.n, .nx = shape.n, .dy_A = pixel_A, .dx_A = pixel_A};
  const std::vector<Placement> places = raster(shape.n, Index{1} << 26);
  const auto positions = static_cast<Index>(places.size());
  const Index round = 4 * gpu::card(0).multiprocessors;  // as the program does it (choose_batch)
  const Index by_pixels = std::max(round, settings.batch_pixels / (shape.modes * window.count()) / round * round);
  const Index batch = std::clamp<Index>(settings.batch > 0 ? settings.batch : by_pixels, 1, positions);
  const PixelYX last = places.back().corner;
  const ModelShape model_shape{
      .device = DeviceKind::cuda, .window = window, .modes = shape.modes, .slices = shape.slices, .batch = batch};
  ForwardModel<float> model({.shape = model_shape,
                             .propagation = {.wavelength_A = wavelength_A},
                             .gaps_A = std::vector<double>(static_cast<std::size_t>(shape.slices - 1), gap_A),
                             .detector = {},
                             .lanes = settings.lanes},
                            places, {0, 0, last.y + shape.n, last.x + shape.n});
  const DataTerm<float> data(DeviceKind::cuda, measurement(window, positions), {.epsilon = 0.1});
  Sweep<float> sweep(model, data, settings.lanes);
  std::vector<Complex<float>> t(static_cast<std::size_t>(model.transmission().count()), {1, 0});
  copy_bytes(DeviceKind::cuda, model.transmission().data, t.data(), t.size() * sizeof(Complex<float>));
  ComplexImage probe = make_modes(make_probe(window, wavelength_A, 0.02, {}), window, static_cast<int>(shape.modes));
  scale_to(probe, 4.0 * static_cast<double>(window.count()));
  Instrument instrument = model.neutral();
  instrument.probe = as_reals(probe);
  model.prepare(instrument);
  Instrument wanted;
  wanted.probe.resize(instrument.probe.size());
  const Schedule schedule = whole_schedule(positions, batch);
  std::vector<double> seconds;
  double loss = 0;
  for (int i = 0; i < 6; ++i) {
    model.begin(wanted);
    finish(DeviceKind::cuda);
    const double start_s = now_s();
    const SweepSums sums = sweep.gradient(schedule, false, {});
    if (sums.failure) std::rethrow_exception(sums.failure);
    if (i > 0) seconds.push_back(now_s() - start_s);
    loss = sums.loss;
  }
  const auto wave_slices = static_cast<double>(positions * shape.slices * shape.modes);
  return {shape, positions, batch, 1e6 * median(seconds) / wave_slices, 4e6 * transform_s(shape.n, batch * shape.modes),
          loss};
}

Settings settings_of(int argc, char** argv) {
  Settings settings;
  bool quick = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = [&] { return std::atoll(argv[++i]); };
    if (word == "--quick") quick = true;
    if (word == "--batch" && i + 1 < argc) settings.batch = number();
    if (word == "--batch-pixels" && i + 1 < argc) settings.batch_pixels = number();
    if (word == "--lanes" && i + 1 < argc) settings.lanes = static_cast<int>(number());
    long long n = 0, s = 0, m = 0;
    if (word == "--only" && i + 1 < argc && std::sscanf(argv[++i], "%lldx%lldx%lld", &n, &s, &m) == 3)
      settings.shapes.push_back({n, s, m});
  }
  if (!settings.shapes.empty()) return settings;
  for (const Index n : quick ? std::vector<Index>{128} : std::vector<Index>{64, 128, 256, 512})
    for (const Index slices : {1, 6, 12})
      for (const Index modes : {1, 6, 12})
        if (!quick || (slices < 12 && modes < 12)) settings.shapes.push_back({n, slices, modes});
  return settings;
}

int run(int argc, char** argv) {
  const Settings settings = settings_of(argc, argv);
  if (gpu::count() == 0) {
    fmt::print(stderr, "bench_gpu: no GPU: {}\n", gpu::why_none());
    return 1;
  }
  gpu::use(0);
  const gpu::Card card = gpu::card(0);
  fmt::print("{}, compute capability {}.{}, {} multiprocessors\n", card.name, card.major, card.minor,
             card.multiprocessors);
  fmt::print("{:>5} {:>7} {:>6} {:>10} {:>6} {:>14} {:>13} {:>6}\n", "N", "slices", "modes", "positions", "batch",
             "wave-slice us", "four FFTs us", "ratio");
  std::string json;
  for (const Shape& shape : settings.shapes) {
    const Result r = measure(shape, settings);
    fmt::print("{:>5} {:>7} {:>6} {:>10} {:>6} {:>14.3f} {:>13.3f} {:>6.2f}\n", shape.n, shape.slices, shape.modes,
               r.positions, r.batch, r.wave_slice_us, r.four_ffts_us, r.wave_slice_us / r.four_ffts_us);
    std::fflush(stdout);
    json += fmt::format(
        "{}{{\"n\": {}, \"slices\": {}, \"modes\": {}, \"positions\": {}, \"batch\": {}, \"lanes\": {}, "
        "\"wave_slice_us\": {:.4f}, \"four_ffts_us\": {:.4f}, \"loss\": {:.9g}}}",
        json.empty() ? "" : ", ", shape.n, shape.slices, shape.modes, r.positions, r.batch, settings.lanes,
        r.wave_slice_us, r.four_ffts_us, r.loss);
  }
  fmt::print("{{\"card\": \"{}\", \"compute_capability\": \"{}.{}\", \"shapes\": [{}]}}\n", card.name, card.major,
             card.minor, json);
  return 0;
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  try {
    return tessera::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_gpu: {}\n", error.what());
    return 1;
  }
}
