#pragma once

#include "src/base/portable.hpp"

namespace tessera {

/// Where the numbers of an N x N wave lie in the shared memory of a GPU's thread block when they go from one thread to
/// another. `Lanes` threads hold a line: lane t its numbers t + Lanes e, e = 0 .. Elements-1. Each line has N places,
/// and only its own lanes write there. Places are permuted by exclusive or, such that the 16 threads of half a warp
/// always touch 16 different pairs of banks (a pair holds one number, and places 16 apart share it).
template <int N, int Lanes>
struct LinePlaces {
  static constexpr int elements = N / Lanes;
  static constexpr int group = 16 / Lanes;  ///< lines in half a warp
  static_assert((Lanes == 4 || Lanes == 8) && N % (Lanes * Lanes) == 0 && N % 16 == 0);

  /// Between the two halves of a line's FFT, lane t sends its number q to lane u, q = u + Lanes j, whose number
  /// j Lanes + t it becomes: at q Lanes + (t xor u) of the line, with the lines of a group apart.
  TESSERA_HD static constexpr int sent(int line, int lane, int q) {
    return line * N + ((lane + line % group * Lanes) ^ (q % Lanes + q % group * Lanes)) + (q - q % group) * Lanes;
  }
  TESSERA_HD static constexpr int received(int line, int lane, int j, int t) {
    return line * N + ((lane * Lanes) ^ (line % group * Lanes)) + (t ^ lane) + j * Lanes * Lanes;
  }

  /// Transposition: number i of line l becomes number l of line i.
  TESSERA_HD static constexpr int written(int line, int lane, int e) {
    return line * N + ((lane + e % group * Lanes) ^ permuted(line)) + (e - e % group) * Lanes;
  }
  TESSERA_HD static constexpr int read(int line, int lane, int e) {
    return lane * N + (line ^ permuted(lane)) + e * Lanes * N;
  }

 private:
  TESSERA_HD static constexpr int permuted(int line) {
    return Lanes == 8 ? (line & 1) << 3 | (line & 6) : (line & 3) << 2;
  }
};

}  // namespace tessera
