// What does an active unknown cost, in shares of a gradient of object and probe alone? 6 slices, 4 modes, 128 x 128
// pixels, single precision, one lane. Positions with and without the unknown alternate; the counter is the median
// ratio.

#include <benchmark/benchmark.h>

#include <functional>
#include <random>

#include "src/base/clock.hpp"
#include "src/base/median.hpp"
#include "src/model/data_term.hpp"
#include "src/model/forward_model.hpp"
#include "src/model/probe.hpp"

namespace tessera {
namespace {

constexpr Index n = 128, slices = 6, modes = 4, positions = 4, repetitions = 30;
constexpr double pixel_A = 0.1, wavelength_A = 0.0418, gap_A = 5;

/// Puts an unknown's members into the instrument (values) and into what is wanted (gradients).
using Activate = std::function<void(Instrument& instrument, Instrument& wanted)>;

struct Setting {
  const char* name;
  Activate activate;
};

const std::vector<Setting>& settings() {
  const auto each = [](double value) { return std::vector<double>(2 * positions, value); };
  static const std::vector<Setting> all{
      {"positions", [=](Instrument&, Instrument& wanted) { wanted.sites.front().slope = each(0); }},
      {"dose",
       [](Instrument& instrument, Instrument& wanted) {
         instrument.log_amplitude.assign(positions, 0.05);
         wanted.log_amplitude.assign(positions, 0);
       }},
      {"background",
       [](Instrument& instrument, Instrument& wanted) {
         instrument.background.assign(n * n, 0.1);
         wanted.background.assign(n * n, 0);
       }},
      {"aberrations", [](Instrument&, Instrument& wanted) { wanted.sites.front().phase.assign(n * n, 0); }},
      {"descan",
       [=](Instrument& instrument, Instrument& wanted) {
         instrument.sites.back().slope = each(0.3);
         wanted.sites.back().slope = each(0);
       }},
      {"tilt",
       [](Instrument& instrument, Instrument& wanted) {
         instrument.tan_tilt = {0.001, 0.002};
         wanted.tan_tilt = {0, 0};
       }},
      {"gaps", [](Instrument&, Instrument& wanted) { wanted.gap_A.assign(slices - 1, 0); }},
      {"tilts",
       [=](Instrument& instrument, Instrument& wanted) {
         instrument.tan_tilts = each(0.001);
         wanted.tan_tilts = each(0);
       }},
  };
  return all;
}

/// One model that is run position by position.
class Runner {
 public:
  explicit Runner(const Activate& activate)
      : model_({.shape = {.window = window(), .modes = modes, .slices = slices},
                .propagation = {.wavelength_A = wavelength_A},
                .gaps_A = std::vector<double>(slices - 1, gap_A),
                .detector = {}},
               std::vector<Placement>(positions, {{3, 5}, 0.3, -0.2}), {0, 0, n + 16, n + 16}),
        space_(model_.make_space()),
        data_(DeviceKind::host, measurement(), {}),
        data_space_(data_.make_space(1)) {
    std::mt19937 random(1);
    std::normal_distribution<float> noise(0, 0.1F);
    const View3<Complex<float>> t = model_.transmission();
    for (Index i = 0; i < t.count(); ++i) t.data[i] = {1 + noise(random), noise(random)};
    ComplexImage probe = make_modes(make_probe(window(), wavelength_A, 0.02, {}), window(), static_cast<int>(modes));
    scale_to(probe, 4.0 * n * n);
    Instrument instrument = model_.neutral(), wanted;
    instrument.probe = as_reals(probe);
    wanted.probe.resize(instrument.probe.size());
    wanted.sites.resize(slices + 1);
    if (activate) activate(instrument, wanted);
    model_.prepare(instrument);
    model_.begin(wanted);
  }

  double sweep_us() {
    const double start = thread_now_us();
    for (Index p = 0; p < positions; ++p) {
      const View3<float> mu = model_.expected(space_, p, 1);
      data_.evaluate(space_.lane, data_space_, data_.block(space_.lane, data_space_, p, 1), mu, {sums_.data()});
      model_.adjoint(space_, p, 1, mu);
      model_.commit(space_, p, 1);
    }
    return thread_now_us() - start;
  }

 private:
  static Grid window() { return {.ny = n, .nx = n, .dy_A = pixel_A, .dx_A = pixel_A}; }
  static Measurement measurement() {
    Measurement measured;
    measured.ny = measured.nx = n;
    measured.patterns = Array<std::byte>(DeviceKind::host, 2 * positions * n * n);
    measured.valid.assign(n * n, 1.0);
    return measured;
  }

  ForwardModel<float> model_;
  ForwardModel<float>::Space space_;
  DataTerm<float> data_;
  DataTerm<float>::Space data_space_;
  Array<double> sums_{DeviceKind::host, BlockSums::count};
};

void cost(benchmark::State& state, const Setting& setting) {
  Runner without({}), with(setting.activate);
  without.sweep_us();
  with.sweep_us();
  std::vector<double> ratios;
  for (auto _ : state) {
    const double before = without.sweep_us(), after = with.sweep_us();
    ratios.push_back(after / before);
    state.SetIterationTime(1e-6 * (before + after));
  }
  state.counters["ratio"] = median(ratios);
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const tessera::Setting& setting : tessera::settings())
    benchmark::RegisterBenchmark(setting.name, [&](benchmark::State& state) { tessera::cost(state, setting); })
        ->Iterations(tessera::repetitions)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
