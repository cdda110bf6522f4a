#pragma once

#include <functional>

/// What launch.hpp calls in place of a kernel launch.
namespace tessera::fake {

/// Puts `work`, which goes over a kernel's grid on the host, at the end of a stream (nullptr: the default stream). As
/// for a kernel, an error of the launch is told by cudaGetLastError, and one of the work by a later call.
void enqueue(void* stream, std::function<void()> work);

}  // namespace tessera::fake
