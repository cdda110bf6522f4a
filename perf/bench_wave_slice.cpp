// What does one wave-slice (one mode, one slice, one position; forward and adjoint; single precision, 6 slices, 4
// modes, one core) cost in units of the four 2-D FFTs that it contains?
//
// Every iteration is one interleaved repetition: a few positions through the model, then the same number of bare FFTs
// on buffers of the same size, touched in the same order. The medians over all repetitions are the counters. Loss and
// detector (DataTerm::evaluate) are timed apart.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

#include "src/base/clock.hpp"
#include "src/base/median.hpp"
#include "src/model/data_term.hpp"
#include "src/model/forward_model.hpp"
#include "src/model/probe.hpp"

namespace tessera {
namespace {

constexpr Index slices = 6, modes = 4, raster = 2, repetitions = 40;
constexpr Index positions = raster * raster;
constexpr double pixel_A = 0.1, wavelength_A = 0.0418, gap_A = 5;

void fill(Complex<float>* values, Index count, float offset, std::mt19937& random) {
  std::normal_distribution<float> noise(0, 0.1F);
  for (Index i = 0; i < count; ++i) values[i] = {offset + noise(random), noise(random)};
}

/// The bare FFTs of one position, in the model's order: two per slice on the waves that are kept on the way forward,
/// two per slice on the waves that run backwards.
class Reference {
 public:
  explicit Reference(const ModelShape& shape)
      : fft_(shape.device, shape.window.ny, shape.window.nx, shape.batch), back_(shape) {
    for (Index s = 0; s < slices; ++s) kept_.emplace_back(shape);
  }

  /// Transforms are not normalised: without new values they would overflow.
  void refill(const std::vector<Complex<float>>& values) {
    for (BatchWaves<float>& waves : kept_) std::ranges::copy(values, waves.wave(0, 1).data);
    std::ranges::copy(values, back_.wave(0, 1).data);
  }

  void forward() {
    for (Index m = 0; m < modes; ++m)
      for (BatchWaves<float>& waves : kept_) transform(waves.wave(m, 1));
  }

  void backward() {
    for (Index s = 0; s < slices; ++s)
      for (Index m = 0; m < modes; ++m) transform(back_.wave(m, 1));
  }

 private:
  void transform(View3<Complex<float>> wave) {
    fft_.forward(wave.data, 1);
    fft_.inverse(wave.data, 1);
  }

  FftPlan<float> fft_;
  std::vector<BatchWaves<float>> kept_;
  BatchWaves<float> back_;
};

std::vector<Placement> placements() {
  std::vector<Placement> all;
  for (Index y = 0; y < raster; ++y)
    for (Index x = 0; x < raster; ++x) all.push_back({{7 * y, 5 * x}, 0.3 - 0.1 * static_cast<double>(y), -0.2});
  return all;
}

Measurement measurement(const Grid& window, std::mt19937& random) {
  std::poisson_distribution<int> counts(4);
  std::vector<std::uint16_t> values(static_cast<std::size_t>(positions * window.count()));
  for (std::uint16_t& value : values) value = static_cast<std::uint16_t>(counts(random));
  Measurement measured;
  measured.ny = window.ny;
  measured.nx = window.nx;
  const auto* const bytes = reinterpret_cast<const std::byte*>(values.data());
  measured.patterns = make_array(DeviceKind::host, std::vector<std::byte>(bytes, bytes + 2 * values.size()));
  measured.valid.assign(static_cast<std::size_t>(window.count()), 1.0);
  return measured;
}

std::vector<Complex<float>> in_single(const ComplexImage& image) {
  std::vector<Complex<float>> single;
  single.reserve(image.size());
  for (const auto& value : image)
    single.push_back({static_cast<float>(value.real()), static_cast<float>(value.imag())});
  return single;
}

/// The transforms alone of all positions [us].
double time_ffts(Reference& reference, const std::vector<Complex<float>>& probe) {
  double total_us = 0;
  for (Index p = 0; p < positions; ++p) {
    reference.refill(probe);
    const double start = thread_now_us();
    reference.forward();
    reference.backward();
    total_us += thread_now_us() - start;
  }
  return total_us;
}

void wave_slice(benchmark::State& state, LossKind loss) {
  const Index n = state.range(0);
  const Grid window{.ny = n, .nx = n, .dy_A = pixel_A, .dx_A = pixel_A};
  const ModelShape shape{.device = DeviceKind::host, .window = window, .modes = modes, .slices = slices, .batch = 1};
  const std::vector<Placement> places = placements();
  ForwardModel<float> model({.shape = shape,
                             .propagation = {.wavelength_A = wavelength_A},
                             .gaps_A = std::vector<double>(slices - 1, gap_A),
                             .detector = {}},
                            places, {0, 0, n + 16, n + 16});
  auto space = model.make_space();
  std::mt19937 random(1);
  const DataTerm<float> data(shape.device, measurement(window, random), {.kind = loss, .epsilon = 0.1});
  auto data_space = data.make_space(1);
  Array<double> sums(shape.device, BlockSums::count);
  fill(model.transmission().data, model.transmission().count(), 1, random);
  ComplexImage probe = make_modes(make_probe(window, wavelength_A, 0.02, {}), window, static_cast<int>(modes));
  scale_to(probe, 4.0 * static_cast<double>(window.count()));
  const std::vector<Complex<float>> single = in_single(probe);
  Instrument instrument = model.neutral();
  instrument.probe = as_reals(probe);
  model.prepare(instrument);
  Instrument wanted;
  wanted.probe.resize(instrument.probe.size());
  model.begin(wanted);
  Reference reference(shape);

  std::vector<double> forward, adjoint, losses, fft, ratios;
  const auto repetition = [&] {
    double forward_us = 0, adjoint_us = 0, loss_us = 0;
    for (Index p = 0; p < positions; ++p) {
      const double start = thread_now_us();
      const View3<float> mu = model.expected(space, p, 1);
      const double modelled = thread_now_us();
      data.evaluate(space.lane, data_space, data.block(space.lane, data_space, p, 1), mu, {sums.data()});
      const double compared = thread_now_us();
      model.adjoint(space, p, 1, mu);
      model.commit(space, p, 1);
      forward_us += modelled - start;
      loss_us += compared - modelled;
      adjoint_us += thread_now_us() - compared;
    }
    const double fft_us = time_ffts(reference, single);
    constexpr double wave_slices = positions * slices * modes;
    forward.push_back(forward_us / wave_slices);
    adjoint.push_back(adjoint_us / wave_slices);
    losses.push_back(loss_us / wave_slices);
    fft.push_back(fft_us / wave_slices);
    ratios.push_back((forward_us + adjoint_us) / fft_us);
    return (forward_us + adjoint_us) * 1e-6;
  };
  repetition();
  for (auto* const values : {&forward, &adjoint, &losses, &fft, &ratios}) values->clear();
  for (auto _ : state) state.SetIterationTime(repetition());
  state.counters["ratio"] = median(ratios);
  state.counters["forward_us"] = median(forward);
  state.counters["adjoint_us"] = median(adjoint);
  state.counters["four_ffts_us"] = median(fft);
  state.counters["loss_us"] = median(losses);
  state.counters["loss_over_ffts"] = median(losses) / median(fft);
}

BENCHMARK_CAPTURE(wave_slice, poisson, LossKind::poisson)
    ->Arg(128)
    ->Arg(256)
    ->Iterations(repetitions)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(wave_slice, amplitude, LossKind::amplitude)
    ->Arg(128)
    ->Arg(256)
    ->Iterations(repetitions)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tessera

BENCHMARK_MAIN();
