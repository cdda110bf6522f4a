#pragma once

#include <algorithm>

#include "kernels/line_places.hpp"
#include "kernels/small_fft.hpp"
#include "kernels/wave_block_steps.hpp"

/// The Block of kernels/wave_block_steps.hpp in CUDA.
namespace tessera {

/// Whether the code is for devices of compute capability 9.0 or more, as an H100 is.
__host__ __device__ constexpr bool for_capability_9() {
#ifdef __CUDA_ARCH__
  return __CUDA_ARCH__ >= 900;
#else
  return false;
#endif
}

/// A wave of N x N numbers in the registers of N x Lanes threads: a thread holds the numbers of one lane of a line
/// (LinePlaces). Lines are the rows of a wave in real space and the columns of its spectrum.
///
/// A line's FFT (Cooley and Tukey, with N = Elements Lanes) is one FFT of `Elements` numbers in the registers of each
/// lane, an exchange between the lanes, and Elements/Lanes FFTs of `Lanes` numbers:
///   X[q + Elements r] = sum_t w_Lanes^(t r) w_N^(t q) sum_k w_Elements^(k q) x[t + Lanes k], w_n = exp(-2 pi i/n).
/// The lanes of a line are in one warp, so that only a transposition waits for the whole block. Per 2-D FFT each number
/// goes through shared memory three times.
///
/// A thread loads `InFlight` numbers before it uses the first: enough of them to keep the memory busy, few enough for
/// the registers.
template <int N, int Lanes, int BlocksPerSm, int InFlight = 4>
class CudaWaveBlock {
 public:
  static constexpr int side = N;
  static constexpr int elements = N / Lanes;
  static constexpr int threads = N * Lanes;
  static constexpr int blocks_per_sm = BlocksPerSm;
  static constexpr int in_flight = InFlight;
  /// of a wave, of the roots of one, and of the threads' indices
  static constexpr int shared_bytes =
      (N * N + N) * static_cast<int>(sizeof(float2)) + threads * static_cast<int>(sizeof(unsigned));
  static_assert(threads <= 1024 && threads % 32 == 0 && elements % in_flight == 0);

  struct Wave {
    Complex<float> value[elements];
  };

  __device__ CudaWaveBlock() {
    for (int i = static_cast<int>(threadIdx.x); i < N; i += threads) {
      double sine = 0, cosine = 0;
      sincospi(-2.0 * (i % Lanes) * (i / Lanes) / N, &sine, &cosine);
      shared()[N * N + i] = {static_cast<float>(cosine), static_cast<float>(sine)};
    }
    indices()[threadIdx.x] = threadIdx.x;
    __syncthreads();
  }

  static __device__ Complex<float> load(const Complex<float>* array, int i) {
    return value_at(reinterpret_cast<const float2*>(array) + i);
  }
  static __device__ void store(Complex<float>* array, int i, Complex<float> value) {
    reinterpret_cast<float2*>(array)[i] = {value.re, value.im};
  }

  /// An address that the compiler must not take apart: it would compute that of each number from the beginning.
  template <class T>
  static __device__ __forceinline__ T* fixed(T* array) {
    std::size_t place = __cvta_generic_to_global(array);
    asm volatile("" : "+l"(place));
    return static_cast<T*>(__cvta_global_to_generic(place));
  }
  static __device__ void store(float* array, int i, float value) { array[i] = value; }

  /// Sent to memory and added there. A thread's stores and reductions of one place are carried out in its own order
  /// (PTX, memory consistency model: coherence follows program order where the same thread writes the same bytes), and
  /// no other thread writes there: the bits do not depend on timing.
  static __device__ void add(Complex<float>* array, int i, Complex<float> value) {
    if constexpr (for_capability_9()) {
      const std::size_t place = __cvta_generic_to_global(array + i);
      asm volatile("red.global.add.v2.f32 [%0], {%1, %2};" ::"l"(place), "f"(value.re), "f"(value.im) : "memory");
    } else {
      atomicAdd(&array[i].re, value.re);
      atomicAdd(&array[i].im, value.im);
    }
  }
  static __device__ void add(float* array, int i, float value) { atomicAdd(array + i, value); }

  /// Which line and lane this thread has. Read from memory where it is needed: the compiler would otherwise keep all
  /// places computed from it through all loops, has no registers for them, and puts numbers of the wave into memory.
  struct Thread {
    int line, lane;
  };
  static __device__ __forceinline__ Thread thread() {
    const unsigned index = *const_cast<const volatile unsigned*>(indices() + threadIdx.x);
    return {static_cast<int>(index / Lanes), static_cast<int>(index % Lanes)};
  }

  template <class Visit>
  __device__ __forceinline__ void each_pixel(Wave& wave, const Visit& visit) const {
    const Thread me = thread();
    each(wave, me.lane, [&](int place, Complex<float>& value) { visit(me.line, place, value); });
  }
  template <class Fetch, class Visit>
  __device__ __forceinline__ void each_pixel(Wave& wave, const Fetch& fetch, const Visit& visit) const {
    const Thread me = thread();
#pragma unroll
    for (int first = 0; first < elements; first += in_flight) {
      decltype(fetch(0, 0)) fetched[in_flight];
#pragma unroll
      for (int i = 0; i < in_flight; ++i) fetched[i] = fetch(me.line, me.lane + Lanes * (first + i));
#pragma unroll
      for (int i = 0; i < in_flight; ++i)
        visit(me.line, me.lane + Lanes * (first + i), wave.value[first + i], fetched[i]);
      __syncwarp();
    }
  }
  template <class Visit>
  __device__ __forceinline__ void each_frequency(Wave& wave, const Visit& visit) const {
    const Thread me = thread();
    each(wave, me.lane, [&](int place, Complex<float>& value) { visit(place, me.line, value); });
  }
  __device__ __forceinline__ void to_spectrum(Wave& wave) const { transform<false>(wave); }
  __device__ __forceinline__ void to_space(Wave& wave) const { transform<true>(wave); }

 private:
  using Places = LinePlaces<N, Lanes>;

  template <class Visit>
  __device__ __forceinline__ void each(Wave& wave, int lane, const Visit& visit) const {
#pragma unroll
    for (int e = 0; e < elements; ++e) {
      visit(lane + Lanes * e, wave.value[e]);
      if (e % in_flight == in_flight - 1) __syncwarp();  // no load is moved over it
    }
  }

  /// Rows or columns, then the others. An inverse FFT is a forward one with real and imaginary parts swapped.
  template <bool Inverse>
  __device__ __forceinline__ void transform(Wave& wave) const {
    if constexpr (Inverse) swap_parts(wave);
    transform_line(wave);
    transpose(wave);
    transform_line(wave);
    if constexpr (Inverse) swap_parts(wave);
  }

  static __device__ __forceinline__ void swap_parts(Wave& wave) {
#pragma unroll
    for (int e = 0; e < elements; ++e) wave.value[e] = {wave.value[e].im, wave.value[e].re};
  }

  __device__ __forceinline__ void transform_line(Wave& wave) const {
    small_fft(wave.value);
    const float2* const twiddle = shared() + N * N + thread().lane;
    // exp(-2 pi i t q/N) as a product of two: a table of all would fill the registers.
#pragma unroll
    for (int b = 1; b < 4; ++b) {
      const Complex<float> w = value_at(twiddle + b * Lanes);
#pragma unroll
      for (int a = 0; a < elements; a += 4) wave.value[a + b] = wave.value[a + b] * w;
    }
#pragma unroll
    for (int a = 4; a < elements; a += 4) {
      const Complex<float> w = value_at(twiddle + a * Lanes);
#pragma unroll
      for (int b = 0; b < 4; ++b) wave.value[a + b] = wave.value[a + b] * w;
    }
    exchange(wave);
    const Wave exchanged = wave;
    unrolled<elements / Lanes>([&](auto j) {
      Complex<float> line[Lanes];
      unrolled<Lanes>([&](auto t) { line[t] = exchanged.value[j * Lanes + t]; });
      small_fft(line);
      unrolled<Lanes>([&](auto r) { wave.value[j + elements / Lanes * r] = line[r]; });
    });
  }

  static __device__ __forceinline__ float2* shared() {
    extern __shared__ float2 wave_block_memory[];
    return wave_block_memory;
  }
  static __device__ __forceinline__ unsigned* indices() { return reinterpret_cast<unsigned*>(shared() + N * N + N); }
  static __device__ __forceinline__ Complex<float> value_at(const float2* place) { return {place->x, place->y}; }
  static __device__ __forceinline__ void put(float2* place, Complex<float> value) { *place = {value.re, value.im}; }

  /// Within the warp that has the line.
  __device__ __forceinline__ void exchange(Wave& wave) const {
    const Thread me = thread();
    __syncwarp();
#pragma unroll
    for (int q = 0; q < elements; ++q) put(shared() + Places::sent(me.line, me.lane, q), wave.value[q]);
    __syncwarp();
#pragma unroll
    for (int j = 0; j < elements / Lanes; ++j)
#pragma unroll
      for (int t = 0; t < Lanes; ++t)
        wave.value[j * Lanes + t] = value_at(shared() + Places::received(me.line, me.lane, j, t));
  }

  /// Rows become columns. No warp writes again before all have read.
  __device__ __forceinline__ void transpose(Wave& wave) const {
    const Thread me = thread();
    __syncwarp();
#pragma unroll
    for (int e = 0; e < elements; ++e) put(shared() + Places::written(me.line, me.lane, e), wave.value[e]);
    __syncthreads();
#pragma unroll
    for (int e = 0; e < elements; ++e) wave.value[e] = value_at(shared() + Places::read(me.line, me.lane, e));
    __syncthreads();
  }
};

__device__ inline void compute_position(const auto& block, const WaveBlockForward& job, Index position) {
  forward_position(block, job, position);
}
__device__ inline void compute_position(const auto& block, const WaveBlockAdjoint& job, Index position) {
  adjoint_position(block, job, position);
}

/// Each block takes every gridDim.x-th position.
template <class Block, class Job>
__global__ void __launch_bounds__(Block::threads, Block::blocks_per_sm) run_wave_block(Job job) {
  const Block block;
  for (Index p = blockIdx.x; p < job.shape.positions; p += gridDim.x) compute_position(block, job, p);
}

/// As many blocks as the device holds at a time, or as there are positions.
template <class Block, class Job>
cudaError_t launch_wave_block(const Job& job, cudaStream_t stream) {
  if (job.shape.positions == 0) return cudaSuccess;
  const auto kernel = run_wave_block<Block, Job>;
  int device = 0, processors = 0;
  cudaError_t error = cudaGetDevice(&device);
  if (error == cudaSuccess) error = cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device);
  if (error == cudaSuccess)
    error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, Block::shared_bytes);
  if (error != cudaSuccess) return error;
  const Index blocks = std::min<Index>(job.shape.positions, static_cast<Index>(processors) * Block::blocks_per_sm);
  kernel<<<static_cast<unsigned>(blocks), Block::threads, Block::shared_bytes, stream>>>(job);
  return cudaGetLastError();
}

}  // namespace tessera
