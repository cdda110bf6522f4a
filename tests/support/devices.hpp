#pragma once

#include <cstdlib>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "src/arrays/device.hpp"
#include "src/arrays/gpu.hpp"
#include "src/arrays/view.hpp"

namespace tessera {

/// Boost.Test prints the device of a failing case.
inline std::ostream& operator<<(std::ostream& out, DeviceKind device) { return out << name_of(device); }

namespace testing {

/// Every device a test runs on: for loops and for BOOST_DATA_TEST_CASE(name, boost::unit_test::data::make(devices)).
/// Host and debug, and a GPU where there is one; TESSERA_TEST_DEVICE=cuda (or another name) leaves one alone.
inline const std::vector<DeviceKind> devices = [] {
  std::vector<DeviceKind> all{DeviceKind::host, DeviceKind::debug};
  if (gpu::count() > 0) all.push_back(DeviceKind::cuda);
  const char* const only = std::getenv("TESSERA_TEST_DEVICE");
  if (only != nullptr) std::erase_if(all, [&](DeviceKind kind) { return std::string_view(name_of(kind)) != only; });
  if (all.empty()) throw std::runtime_error(std::string("TESSERA_TEST_DEVICE: there is no ") + only);
  return all;
}();

/// One whose memory is not the host's: debug, or the GPU when tests are for it alone.
inline DeviceKind separate_device() { return devices.back() == DeviceKind::host ? DeviceKind::debug : devices.back(); }

/// What a view of a device holds, and the other way round.
template <class T>
std::vector<T> to_host(DeviceKind device, View3<T> view) {
  std::vector<T> values(static_cast<std::size_t>(view.count()));
  copy_bytes(device, values.data(), view.data, values.size() * sizeof(T));
  return values;
}
template <class T>
void from_host(DeviceKind device, const std::vector<T>& values, View3<T> view) {
  copy_bytes(device, view.data, values.data(), values.size() * sizeof(T));
}

}  // namespace testing
}  // namespace tessera
