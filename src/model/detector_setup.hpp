#pragma once

#include <vector>

#include "src/model/propagator.hpp"
#include "src/model/virtual_detectors.hpp"

namespace tessera {

/// How one axis of the window is counted by the detector: `target[i]` is the detector's row that row i of the window
/// (in FFT order) belongs to, -1 where the detector does not reach. `length` rows, each of `bin` rows of the window at
/// most.
struct DetectorAxis {
  std::vector<Index> target;
  Index length = 0;
  Index bin = 1;
};

/// The axis of a detector that has `pixels` of the window's rows, those of the lowest frequencies, and sums `bin` of
/// them from its edge on; rows that are left over there belong to none. Both are in FFT order, the sum that holds
/// frequency zero first. `window` is at least `pixels`.
DetectorAxis detector_axis(Index window, Index pixels, Index bin);

/// The linear part of the detector, D = V B C K: point spread, crop and binning, virtual detectors. Empty parts are the
/// identity.
struct DetectorSetup {
  DetectorAxis rows, columns;
  std::vector<double> live;  ///< [window y, x] 1 or 0: what a sum of pixels leaves out; empty: nothing
  Index psf_radius_px = 0;   ///< taps beyond it are zero; 0: no point spread
  VirtualSets virtual_detectors = nullptr;
  std::vector<Index> set_of = {};  ///< [position] which of several sets it was recorded with; empty: the first
};

/// a_bl: the share of the window's frequencies that pass the band limit and are counted. A sum of n pixels counts for
/// one of them, as if these did not know of each other.
double detected_share(const Grid& window, const Propagation& propagation, const DetectorSetup& detector);

}  // namespace tessera
