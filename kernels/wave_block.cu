#include "kernels/wave_block.hpp"
#include "kernels/wave_block_cuda.cuh"
#include "src/base/error.hpp"

namespace tessera {

namespace {

/// Calls use.operator()<Block>() with the Block for n x n windows; false when there is none. The numbers of lanes and
/// of blocks on a multiprocessor are those that perf/gpu_wave_block.cu found the fastest on an H100.
template <class Use>
bool with_block(Index n, Index slices, const Use& use) {
  switch (n) {
    case 32:
      return use.template operator()<CudaWaveBlock<32, 4, 8>>(), true;
    case 64:
      return use.template operator()<CudaWaveBlock<64, 8, 2>>(), true;
    case 96:
      return use.template operator()<CudaWaveBlock<96, 4, 2>>(), true;
    case 128:
      if (slices == 1) return use.template operator()<CudaWaveBlock<128, 4, 1, 8>>(), true;
      return use.template operator()<CudaWaveBlock<128, 8, 1>>(), true;
    default:
      return false;
  }
}

template <class Job>
void launch(const Job& job, void* stream) {
  cudaError_t error = cudaSuccess;
  const bool served = with_block(job.shape.n, job.shape.slices, [&]<class Block>() {
    error = launch_wave_block<Block>(job, static_cast<cudaStream_t>(stream));
  });
  if (!served)
    throw InputError(ExitCode::internal, fmt::format("no kernel keeps waves of {0} x {0} pixels on chip", job.shape.n));
  if (error != cudaSuccess)
    throw SystemError(ExitCode::internal,
                      fmt::format("CUDA did not start the multislice kernel for {} positions of {} x {} pixels: {}",
                                  job.shape.positions, job.shape.n, job.shape.n, cudaGetErrorString(error)));
}

}  // namespace

bool wave_block_serves(Index n) {
  int device = 0, available = 0;
  if (cudaGetDevice(&device) != cudaSuccess) return false;
  if (cudaDeviceGetAttribute(&available, cudaDevAttrMaxSharedMemoryPerBlockOptin, device) != cudaSuccess) return false;
  bool fits = false;
  return with_block(n, 1, [&]<class Block>() { fits = Block::shared_bytes <= available; }) && fits;
}

void wave_block_forward(const WaveBlockForward& job, void* stream) { launch(job, stream); }
void wave_block_adjoint(const WaveBlockAdjoint& job, void* stream) { launch(job, stream); }

}  // namespace tessera
