#pragma once

#include "kernels/phase_site.hpp"
#include "src/model/instrument.hpp"

namespace tessera {

/// The gradient of one phase site, summed over a sweep. What nobody asked for is neither held nor computed. Positions
/// have a slot each, so that any lane may fill it; the density is added to in the order of the positions.
class SiteSums {
 public:
  SiteSums() = default;
  /// For the members of `wanted` that are not empty; `amplitudes`: the moments are wanted for the log amplitudes.
  SiteSums(DeviceKind device, const PhaseSite& wanted, bool amplitudes, Index positions)
      : moments_(device, wanted.slope.empty() && !amplitudes ? 0 : 3 * positions),
        density_(device, static_cast<Index>(wanted.phase.size())) {}

  bool wants_moments() const { return moments_.count() > 0; }
  bool wants_density() const { return density_.count() > 0; }
  bool empty() const { return !wants_moments() && !wants_density(); }
  void clear() {
    moments_.set_zero();
    density_.set_zero();
  }

  /// [position, 1, 3] of positions first .. first + n - 1: log amplitude, slope y, slope x.
  View3<double> moments(Index first, Index n) { return {moments_.data() + 3 * first, n, 1, 3}; }
  View3<double> density(Index ny, Index nx) { return density_.view(1, ny, nx); }

  /// Into the members of `gradient` that are not empty.
  void read(PhaseSite& gradient) const {
    if (!gradient.phase.empty()) gradient.phase = density_.to_vector();
    if (gradient.slope.empty()) return;
    const std::vector<double> all = moments_.to_vector();
    for (std::size_t i = 0; i < gradient.slope.size(); ++i) gradient.slope[i] = all[3 * (i / 2) + 1 + i % 2];
  }
  /// The gradients of the log amplitudes [position].
  std::vector<double> log_amplitudes() const {
    std::vector<double> values;
    const std::vector<double> all = moments_.to_vector();
    for (std::size_t i = 0; i < all.size(); i += 3) values.push_back(all[i]);
    return values;
  }
  std::size_t bytes() const { return moments_.bytes() + density_.bytes(); }

 private:
  Array<double> moments_;  ///< [position, 3]
  Array<double> density_;  ///< [y, x]
};

}  // namespace tessera
