#pragma once

#include <memory>
#include <vector>

#include "src/arrays/profile.hpp"

namespace tessera {

/// What the kernels of a problem take: those of its sweeps, whose lanes have a profile each, and those beside them (the
/// object's, the halo's, the regularisers'), which go one after the other.
class Meter {
 public:
  Meter(DeviceKind device, int lanes);

  const std::shared_ptr<Profile>& lane(std::size_t number) const { return lanes_[number]; }
  const std::shared_ptr<Profile>& beside() const { return beside_; }

  /// A sweep is over, and its work is done: on a GPU its kernels' seconds are read now.
  void swept(double seconds);
  /// The same of what was done beside sweeps, which the host waits for.
  void finished();

  Index sweeps() const { return sweeps_; }
  /// From the first launch of each sweep to its end.
  double sweep_seconds() const { return sweep_seconds_; }
  /// Over all lanes.
  KernelTable in_sweeps() const;
  const KernelTable& beside_sweeps() const { return beside_->table(); }

 private:
  DeviceKind device_;
  std::vector<std::shared_ptr<Profile>> lanes_;
  std::shared_ptr<Profile> beside_;
  Index sweeps_ = 0;
  double sweep_seconds_ = 0;
};

}  // namespace tessera
