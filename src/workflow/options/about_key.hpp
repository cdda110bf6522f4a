#pragma once

#include <string>
#include <utility>

#include "src/base/error.hpp"

namespace tessera {

/// What `body` returns. Models, analysis and files know no keys: what they say of wrong input leaves with `key` in
/// front as an InputError of the same code. Known by its code, as an error that the ranks agree on has lost its type.
template <class Body>
decltype(auto) about_key(const std::string& key, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const Error& error) {
    const ExitCode code = error.code();
    if (code != ExitCode::run_file && code != ExitCode::data_wrong && code != ExitCode::data_missing) throw;
    throw InputError(code, key + ": " + error.what(), error.agreed());
  }
}

}  // namespace tessera
