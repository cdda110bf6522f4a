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
  } catch (const Error& error) {
    if (error.code() == ExitCode::data_wrong || error.code() == ExitCode::data_missing ||
        error.code() == ExitCode::run_file || error.code() == ExitCode::usage)
      return;
    std::cerr << "exit code " << static_cast<int>(error.code()) << ": " << error.what() << '\n';
    std::abort();
  } catch (const std::exception& error) {
    std::cerr << "not an error of the input: " << error.what() << '\n';
    std::abort();
  }
}

}  // namespace tessera::fuzz
