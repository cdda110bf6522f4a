#pragma once

#include <string>

namespace tessera {

/// Seconds of a clock that never goes back; only differences mean anything.
double now_s();

/// The processor time of this thread [us]: other programs on the same core do not count.
double thread_now_us();

/// Now, ISO 8601 in UTC.
std::string utc_now();

}  // namespace tessera
