#pragma once

#include "src/parallel/comm.hpp"
#include "src/workflow/options/run_options.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

/// A folder that all ranks share, with patterns (8 or 2 x 4 of them, of 4 x 6 pixels), two sets of three signed
/// detectors, the same as a sparse matrix, segments, and the channels that these make of the patterns.
class CompressedFile {
 public:
  static constexpr Index n = 8, ny = 4, nx = 6, pixels = ny * nx, channels = 3, sets = 2;

  CompressedFile();

  double count(Index p, Index q) const { return counts_[p * pixels + q]; }
  double weight(Index s, Index i, Index q) const { return weights_[(s * channels + i) * pixels + q]; }
  Index set_of(Index p) const { return sets_[p]; }

  /// A run of these patterns and detectors with the weighted loss.
  RunOptions options(const std::string& patterns, const std::string& detectors, bool with_sets) const;
  const Comm comm{MPI_COMM_WORLD};

 private:
  std::string path() const { return folder_.file("data.h5"); }
  void write() const;

  TemporaryFolder folder_{comm};
  std::vector<std::uint16_t> counts_;
  std::vector<double> weights_, entries_;
  std::vector<std::uint32_t> indptr_, indices_;
  std::vector<std::uint8_t> sets_, labels_, mask_;
  std::vector<float> signed_, segments_;
};

}  // namespace tessera::testing
