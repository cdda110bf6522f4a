#include "src/optimisation/meter.hpp"

namespace tessera {

Meter::Meter(DeviceKind device, int lanes) : device_(device), beside_(std::make_shared<Profile>(device)) {
  for (int lane = 0; lane < lanes; ++lane) lanes_.push_back(std::make_shared<Profile>(device));
}

void Meter::swept(double seconds) {
  ++sweeps_;
  sweep_seconds_ += seconds;
  for (const auto& lane : lanes_) lane->collect();
}

void Meter::finished() {
  finish(device_);
  beside_->collect();
}

KernelTable Meter::in_sweeps() const {
  KernelTable sum;
  for (const auto& lane : lanes_)
    for (const auto& [name, kernel] : lane->table()) sum[name] += kernel;
  return sum;
}

}  // namespace tessera
