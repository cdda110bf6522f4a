// A program without blocks of threads: no wave is kept on chip.
#include "kernels/wave_block.hpp"
#include "src/base/error.hpp"

namespace tessera {

bool wave_block_serves(Index) { return false; }

void wave_block_forward(const WaveBlockForward& job, void*) {
  throw SystemError(ExitCode::internal, fmt::format("no kernel keeps waves of {} pixels on chip", job.shape.n));
}

void wave_block_adjoint(const WaveBlockAdjoint& job, void*) {
  throw SystemError(ExitCode::internal, fmt::format("no kernel keeps waves of {} pixels on chip", job.shape.n));
}

}  // namespace tessera
