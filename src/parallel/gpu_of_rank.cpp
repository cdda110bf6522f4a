#include "src/parallel/gpu_of_rank.hpp"

#include "src/arrays/gpu.hpp"

namespace tessera {

std::optional<int> gpu_of_rank(const Comm& comm) {
  if (!gpu::built_in()) return std::nullopt;
  const int rank_on_node = comm.texts_on_node("").rank, cards = gpu::count();
  if (cards == 0) return std::nullopt;
  return rank_on_node % cards;
}

}  // namespace tessera
