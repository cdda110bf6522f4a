#pragma once

#include <array>
#include <ostream>

#include "src/arrays/device.hpp"

namespace tessera {

/// Boost.Test prints the device of a failing case.
inline std::ostream& operator<<(std::ostream& out, DeviceKind device) {
  return out << (device == DeviceKind::host ? "host" : "debug");
}

namespace testing {

/// Every device a test runs on: for loops and for BOOST_DATA_TEST_CASE(name, boost::unit_test::data::make(devices)).
inline constexpr std::array devices{DeviceKind::host, DeviceKind::debug};

}  // namespace testing
}  // namespace tessera
