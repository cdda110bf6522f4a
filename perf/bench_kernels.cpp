// How fast does each kernel of the wave loop move its bytes, and how long is it in units of one FFT of the same wave?
// A kernel far below the bandwidth of a copy of the same footprint is limited by arithmetic or by the compiler.
//
// Every iteration alternates the kernel and the FFT, both over `waves` waves in turn: the footprint of 6 slices and 4
// modes.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <random>

#include "kernels/fft.hpp"
#include "kernels/illuminate.hpp"
#include "kernels/intensity.hpp"
#include "kernels/likelihood.hpp"
#include "kernels/propagate.hpp"
#include "kernels/reduce.hpp"
#include "kernels/transmit.hpp"
#include "src/base/clock.hpp"
#include "src/base/median.hpp"

namespace tessera {
namespace {

constexpr DeviceKind host = DeviceKind::host;
constexpr Index waves = 24, margin = 16, repetitions = 40;
using Wave = View3<Complex<float>>;

/// The buffers of a position: many waves that are kept, one of each that is used again at once.
struct Buffers {
  explicit Buffers(Index size)
      : n(size),
        fft(host, n, n, 1),
        kept(host, waves * n * n),
        bar(host, n * n),
        t_bar(host, n * n),
        table(host, n * n),
        ramp(host, n),
        tile(host, (n + margin) * (n + margin)),
        corner(make_array<PixelYX>(host, {{3, 5}})),
        intensity(host, n * n),
        value(host, n * n),
        valid(host, n * n),
        counts(host, n * n) {
    std::mt19937 random(1);
    std::uniform_real_distribution<float> number(0.9F, 1.1F);
    for (auto* const array : {&kept, &bar, &t_bar, &tile})
      for (Index i = 0; i < array->count(); ++i) array->data()[i] = {number(random), 0.1F * number(random)};
    reset_factors();
    for (Index i = 0; i < n * n; ++i) {
      intensity.data()[i] = number(random);
      valid.data()[i] = 1;
      counts.data()[i] = static_cast<std::uint16_t>(i % 7);
    }
  }
  /// Factors of modulus one, so that repeated products neither overflow nor underflow.
  void reset_factors() {
    for (Index i = 0; i < n * n; ++i) table.data()[i] = {0.6F, 0.8F};
    for (Index i = 0; i < n; ++i) ramp.data()[i] = {0.8F, 0.6F};
    for (Index i = 0; i < tile.count(); ++i) tile.data()[i] = {0.8F, -0.6F};
  }
  Wave wave(Index i) { return {kept.data() + i * n * n, 1, n, n}; }
  Wave one(Array<Complex<float>>& array) const { return {array.data(), 1, n, n}; }
  View3<float> real(Array<float>& array) const { return {array.data(), 1, n, n}; }
  Wave tile_view() { return {tile.data(), 1, n + margin, n + margin}; }
  TransmissionWindows<float> windows() {
    return {.planes = tile_view(), .corner = corner.data(), .first = 0, .stride = 0};
  }
  StoredPatterns patterns() const { return {counts.data(), PixelType::uint16, 1}; }

  Index n;
  Lane lane;
  FftPlan<float> fft;
  FrequencyBand band{.ny = n, .half = n};
  Array<Complex<float>> kept, bar, t_bar, table, ramp, tile;
  Array<PixelYX> corner;
  Array<float> intensity, value, valid;
  Array<std::uint16_t> counts;
};

struct Kernel {
  const char* name;
  double bytes_per_pixel;  ///< read and written once
  std::function<void(Buffers&, Index wave)> run;
};

const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all{
      {"copy", 16, [](Buffers& b, Index i) { std::memcpy(b.bar.data(), b.wave(i).data, b.bar.bytes()); }},
      {"apply_ramps", 16,
       [](Buffers& b, Index i) {
         const View3<const Complex<float>> ramp{b.ramp.data(), 1, 1, b.n};
         apply_ramps<float>(host, b.band, b.one(b.table), {ramp, ramp}, b.wave(i));
       }},
      {"add_through_ramps", 24,
       [](Buffers& b, Index i) {
         const View3<const Complex<float>> ramp{b.ramp.data(), 1, 1, b.n};
         add_through_ramps<float>(host, b.band, b.wave(i), {ramp, ramp}, {}, 0, b.one(b.t_bar));
       }},
      {"transmit", 24,
       [](Buffers& b, Index i) { transmit<float>(host, b.windows(), 1, b.wave(i), b.wave((i + 1) % waves)); }},
      {"transmit_adjoint_first", 40,
       [](Buffers& b, Index i) {
         transmit_adjoint<float>(host, b.windows(), 1, b.wave(i), b.one(b.bar), b.one(b.t_bar), false);
       }},
      {"transmit_adjoint_further", 48,
       [](Buffers& b, Index i) {
         transmit_adjoint<float>(host, b.windows(), 1, b.wave(i), b.one(b.bar), b.one(b.t_bar), true);
       }},
      {"multiply_table", 24,
       [](Buffers& b, Index i) { multiply_table<float>(host, b.band, b.one(b.table), b.wave(i)); }},
      {"multiply_table_adjoint", 24,
       [](Buffers& b, Index i) { multiply_table_adjoint<float>(host, b.band, b.one(b.table), b.wave(i)); }},
      {"add_patches", 24,
       [](Buffers& b, Index i) { add_patches<float>(host, b.wave(i), {.corner = b.corner.data()}, 0, b.tile_view()); }},
      {"add_intensity", 16,
       [](Buffers& b, Index i) { add_intensity<float>(host, 1.0F, b.wave(i), b.real(b.value), true); }},
      {"intensity_adjoint", 20,
       [](Buffers& b, Index i) { intensity_adjoint<float>(host, 0.5F, b.real(b.valid), b.wave(i)); }},
      {"likelihood_poisson", 18,
       [](Buffers& b, Index) {
         likelihood<float>(host, {.kind = LossKind::poisson}, b.patterns(), b.real(b.valid), b.real(b.intensity),
                           b.real(b.value), {}, {reinterpret_cast<float*>(b.bar.data()), 1, b.n, b.n});
       }},
      {"likelihood_poisson_held_out", 22,
       [](Buffers& b, Index name) {
         StoredPatterns patterns = b.patterns();
         patterns.held_out = {.count = 1U << 28, .names = &name};
         likelihood<float>(host, {.kind = LossKind::poisson}, patterns, b.real(b.valid), b.real(b.intensity),
                           b.real(b.value), {reinterpret_cast<float*>(b.t_bar.data()), 1, b.n, b.n},
                           {reinterpret_cast<float*>(b.bar.data()), 1, b.n, b.n});
       }},
      {"likelihood_amplitude", 18,
       [](Buffers& b, Index) {
         likelihood<float>(host, {.kind = LossKind::amplitude}, b.patterns(), b.real(b.valid), b.real(b.intensity),
                           b.real(b.value), {}, {reinterpret_cast<float*>(b.bar.data()), 1, b.n, b.n});
       }},
      {"sum", 4, [](Buffers& b, Index) { benchmark::DoNotOptimize(sum<float>(b.lane, b.real(b.intensity))); }}};
  return all;
}

void measure(benchmark::State& state, const Kernel& kernel) {
  Buffers buffers(state.range(0));
  const Array<Complex<float>> initial = make_array(host, buffers.kept.to_vector());
  const auto refill = [&] {
    buffers.kept.upload({initial.data(), static_cast<std::size_t>(initial.count())});
    buffers.reset_factors();
  };
  const auto timed = [&](const std::function<void(Buffers&, Index)>& run) {
    refill();
    const double start = thread_now_us();
    for (Index i = 0; i < waves; ++i) run(buffers, i);
    return (thread_now_us() - start) / waves;
  };
  const auto transform = [](Buffers& b, Index i) { b.fft.forward(b.wave(i).data, 1); };
  timed(kernel.run);
  std::vector<double> kernel_us, fft_us;
  for (auto _ : state) {
    kernel_us.push_back(timed(kernel.run));
    fft_us.push_back(timed(transform));
    state.SetIterationTime(kernel_us.back() * 1e-6);
  }
  const double us = median(kernel_us);
  state.counters["us"] = us;
  state.counters["GB_per_s"] = kernel.bytes_per_pixel * static_cast<double>(buffers.n * buffers.n) / us * 1e-3;
  state.counters["share_of_fft"] = us / median(fft_us);
  state.counters["fft_us"] = median(fft_us);
}

void register_all() {
  for (const Kernel& kernel : kernels())
    benchmark::RegisterBenchmark(kernel.name, [&kernel](benchmark::State& state) { measure(state, kernel); })
        ->Arg(128)
        ->Arg(256)
        ->Iterations(repetitions)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  tessera::register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
