#pragma once

#include <string>
#include <vector>

#include "src/optimisation/meter.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// What kernels took in a whole run, summed over ranks and lanes.
struct KernelProfile {
  Index sweeps = 0;  ///< over a rank's positions, curvature and quality included
  double sweep_seconds = 0;
  KernelTable in_sweeps;
  KernelTable beside;  ///< the object's, the halo's and the regularisers'
};

/// On root; empty on the others (collective).
KernelProfile gather_profile(const Comm& comm, const Meter& meter);

/// A table for people, the longest first.
std::vector<std::string> profile_lines(const KernelProfile& profile, int ranks);

}  // namespace tessera
