#include "src/model/detector_setup.hpp"

#include "src/base/error.hpp"

namespace tessera {

namespace {

bool counts(const DetectorSetup& detector, Index y, Index x, Index nx) {
  if (detector.rows.target[y] < 0 || detector.columns.target[x] < 0) return false;
  return detector.live.empty() || detector.live[y * nx + x] != 0;
}

/// [window y, x] pixels that are summed where this one is, 0 where it is not counted.
std::vector<Index> companions(const Grid& window, const DetectorSetup& detector) {
  std::vector<Index> in_sum(static_cast<std::size_t>(detector.rows.length * detector.columns.length), 0);
  const auto sum_of = [&](Index y, Index x) {
    return detector.rows.target[y] * detector.columns.length + detector.columns.target[x];
  };
  std::vector<Index> found(static_cast<std::size_t>(window.count()), 0);
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x)
      if (counts(detector, y, x, window.nx)) ++in_sum[sum_of(y, x)];
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x)
      if (counts(detector, y, x, window.nx)) found[y * window.nx + x] = in_sum[sum_of(y, x)];
  return found;
}

}  // namespace

DetectorAxis detector_axis(Index window, Index pixels, Index bin) {
  TESSERA_ASSERT(pixels <= window && bin >= 1 && bin <= pixels, window, pixels, bin);
  DetectorAxis axis{
      .target = std::vector<Index>(static_cast<std::size_t>(window), -1), .length = pixels / bin, .bin = bin};
  for (Index from_edge = 0; from_edge < axis.length * bin; ++from_edge) {
    const Index frequency = from_edge - pixels / 2, sum = from_edge / bin - axis.length / 2;
    axis.target[(frequency + window) % window] = (sum + axis.length) % axis.length;
  }
  return axis;
}

double detected_share(const Grid& window, const Propagation& propagation, const DetectorSetup& detector) {
  const std::vector<double> mask = band_limit_mask(window, propagation);
  const std::vector<Index> summed = detector.rows.length > 0
                                        ? companions(window, detector)
                                        : std::vector<Index>(static_cast<std::size_t>(window.count()), 1);
  double passed = 0;
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (summed[i] > 0) passed += mask[i] * mask[i] / static_cast<double>(summed[i]);
  return passed / static_cast<double>(window.count());
}

}  // namespace tessera
