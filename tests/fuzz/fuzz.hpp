#pragma once

#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>

#include "src/base/error.hpp"

namespace tessera::fuzz {

/// What any input may do: nothing, or an error for which a user's exit code stands. Everything else is a fault.
inline void survives(const std::function<void()>& step) {
  try {
    step();
  } catch (const InputError&) {
    return;
  } catch (const std::exception& error) {
    std::cerr << "not an error of the input: " << error.what() << '\n';
    std::abort();
  }
}

}  // namespace tessera::fuzz
