// The multislice model with each wave kept on chip (kernels/wave_block) against the same formulas with cuFFT and one
// kernel for each: first the results, then the times. Exit code 1 when a result differs by more than 1e-5 of its norm.
//
// nvcc -std=c++20 -O3 -arch=sm_90 -cudart static --extended-lambda -I. perf/gpu_wave_block.cu -lcufft -o gpu_wave_block
// builds it alone. An argument chooses one N; --quick takes N = 128 and 64 with fewer slices.
#include <string_view>

#include "perf/gpu_unfused_waves.cuh"

namespace tessera {
namespace {

/// Microseconds of one call, the fewest of three.
template <class Call>
double time_us(const Call& call) {
  cudaEvent_t begin = nullptr, end = nullptr;
  check(cudaEventCreate(&begin), "event");
  check(cudaEventCreate(&end), "event");
  float best_ms = INFINITY;
  for (int i = 0; i < 4; ++i) {
    check(cudaEventRecord(begin), "event");
    call();
    check(cudaEventRecord(end), "event");
    check(cudaEventSynchronize(end), "event");
    float ms = 0;
    check(cudaEventElapsedTime(&ms, begin, end), "event");
    if (i > 0) best_ms = std::min(best_ms, ms);
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return 1000.0 * best_ms;
}

/// Bytes a second of the device's memory.
double bandwidth() {
  int kHz = 0, bits = 0;
  check(cudaDeviceGetAttribute(&kHz, cudaDevAttrMemoryClockRate, 0), "attribute");
  check(cudaDeviceGetAttribute(&bits, cudaDevAttrGlobalMemoryBusWidth, 0), "attribute");
  return 2.0 * 1000 * kHz * bits / 8;
}

struct Reference {
  const Problem& problem;
  const Results& forward;  ///< psi, exit and intensity
  const Results& adjoint;  ///< exit and t_bar
  double forward_us, adjoint_us;
};

/// Whether another run gives the same bits of t_bar (of the sample that is compared).
template <class Forward, class Adjoint>
bool repeats(const Forward& forward, const Adjoint& adjoint, const Device<Complex<float>>& t_bar) {
  const Device<Complex<float>> before(t_bar.count());
  check(cudaMemcpy(before.data(), t_bar.data(), t_bar.count() * sizeof(Complex<float>), cudaMemcpyDeviceToDevice),
        "cudaMemcpy");
  forward();
  adjoint();
  return relative_gap(reinterpret_cast<const float*>(t_bar.data()), reinterpret_cast<const float*>(before.data()),
                      2 * t_bar.count()) == 0;
}

/// One line of the table. The limit is that of three passes over a wave: psi out, psi in, t_bar out.
template <class Block>
bool compare(const Reference& reference, const Results& mine) {
  const Problem& problem = reference.problem;
  const auto forward = [&] { check(launch_wave_block<Block>(forward_job(problem, mine), nullptr), "forward"); };
  const auto adjoint = [&] { check(launch_wave_block<Block>(adjoint_job(problem, mine), nullptr), "adjoint"); };
  mine.forget();
  forward();
  const auto gap = [](const auto& a, const auto& b) {
    return relative_gap(reinterpret_cast<const float*>(a.data()), reinterpret_cast<const float*>(b.data()),
                        a.count() * sizeof(*a.data()) / sizeof(float));
  };
  std::array<double, 5> gaps = {gap(mine.psi, reference.forward.psi), gap(mine.exit, reference.forward.exit),
                                gap(mine.intensity, reference.forward.intensity)};
  adjoint();
  gaps[3] = gap(mine.t_bar, reference.adjoint.t_bar);
  gaps[4] = gap(mine.exit, reference.adjoint.exit);
  bool good = true;
  for (const double g : gaps) good = good && g < 1e-5;  // NaN is bad, too
  good = repeats(forward, adjoint, mine.t_bar) && good;

  const auto& shape = problem.shape;
  const double count = static_cast<double>(shape.positions * shape.modes * shape.slices);
  const double forward_us = time_us(forward) / count, adjoint_us = time_us(adjoint) / count;
  const double limit_us = 3.0 * 8 * problem.n * problem.n / bandwidth() * 1e6;
  std::printf("%4d %3d %3d | %2d %4dx%d %2d | %.3f %.3f %.3f | %5.2f %4.0f | %.0e%s\n", static_cast<int>(problem.n),
              static_cast<int>(shape.slices), static_cast<int>(shape.modes), 0 + Block::elements, 0 + Block::threads,
              0 + Block::blocks_per_sm, 0 + Block::in_flight, forward_us, adjoint_us, forward_us + adjoint_us,
              (reference.forward_us + reference.adjoint_us) / count / (forward_us + adjoint_us),
              100 * limit_us / (forward_us + adjoint_us), *std::max_element(gaps.begin(), gaps.end()),
              good ? "" : " DIFFERS");
  std::fflush(stdout);
  return good;
}

template <class... Blocks>
bool compare_all(Index n, Index slices, Index modes, Index positions) {
  const Problem problem(n, slices, modes, positions);
  const Results forward(problem.shape), adjoint(problem.shape), mine(problem.shape);
  const Unfused unfused(problem);
  unfused.forward(forward_job(problem, forward));
  // The adjoint overwrites the exit spectra: it gets its own.
  const auto run_forward = [&] { unfused.forward(forward_job(problem, adjoint)); };
  const auto run_adjoint = [&] { unfused.adjoint(adjoint_job(problem, adjoint)); };
  const double forward_us = time_us(run_forward), adjoint_us = time_us(run_adjoint);
  run_forward();
  run_adjoint();
  const auto count = static_cast<double>(problem.shape.positions * modes * slices);
  std::printf("%4d %3d %3d | %-18s | %.3f %.3f %.3f |\n", static_cast<int>(n), static_cast<int>(slices),
              static_cast<int>(modes), "unfused", forward_us / count, adjoint_us / count,
              (forward_us + adjoint_us) / count);
  const Reference reference{problem, forward, adjoint, forward_us, adjoint_us};
  bool good = true;
  ((good = compare<Blocks>(reference, mine) && good), ...);
  return good;
}

struct Choice {
  Index n = 0;         ///< only these windows; 0: all
  bool quick = false;  ///< fewer shapes
};

template <class... Blocks>
bool compare_shapes(Index n, const Choice& choice) {
  if (choice.n != 0 && choice.n != n) return true;
  int processors = 0;
  check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, 0), "attribute");
  bool good = true;
  for (const Index slices : {1, 6, 12})
    for (const Index modes : {1, 6})
      if (!choice.quick || slices < 12)
        good = compare_all<Blocks...>(n, slices, modes, processors * (n == 128 ? 4 : 16)) && good;
  return good;
}

void print_head() {
  cudaDeviceProp device{};
  check(cudaGetDeviceProperties(&device, 0), "device");
  std::printf("%s, %d multiprocessors, %.2f TB/s; microseconds per wave-slice\n", device.name,
              device.multiProcessorCount, bandwidth() / 1e12);
  std::printf("numbers: of a thread; flight: of them loaded before the first is used; times: unfused / on chip\n");
  std::printf(
      "   N  sl mod | numbers threads x blocks, flight | forward adjoint both | times %%limit | gap\n");
  std::fflush(stdout);
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  using namespace tessera;
  Choice choice;
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]) == "--quick")
      choice.quick = true;
    else
      choice.n = std::atoi(argv[i]);
  if (choice.n != 0 && choice.n != 32 && choice.n != 64 && choice.n != 96 && choice.n != 128) {
    std::printf("no kernel serves N = %d\n", static_cast<int>(choice.n));
    return 2;
  }
  print_head();
  bool good = compare_shapes<CudaWaveBlock<128, 8, 1>, CudaWaveBlock<128, 4, 1, 8>>(128, choice);
  good = compare_shapes<CudaWaveBlock<64, 8, 2>, CudaWaveBlock<64, 4, 4>>(64, choice) && good;
  if (!choice.quick || choice.n != 0) {
    good = compare_shapes<CudaWaveBlock<96, 4, 2>, CudaWaveBlock<96, 4, 2, 2>>(96, choice) && good;
    good = compare_shapes<CudaWaveBlock<32, 4, 8>, CudaWaveBlock<32, 4, 6, 8>>(32, choice) && good;
  }
  std::printf(good ? "all agree\n" : "SOME DIFFER\n");
  return good ? 0 : 1;
}
