#pragma once

#include <boost/test/unit_test.hpp>

#include "src/workflow/options/options.hpp"

/// A good run file, and what is said of what is changed in it.
namespace tessera::testing {

inline const std::string minimal =
    "data: {file: data.h5, positions: /positions_A}\n"
    "detector: {pixel_mrad: 2}\n"
    "beam: {energy_keV: 80, semiangle_mrad: 21.4}\n"
    "output: {directory: out}\n";

inline RunOptions parse(const std::string& text, const std::vector<std::string>& sets = {},
                        Command command = Command::reconstruct) {
  return parse_run_options(text, "/runs/run.yaml", sets, command);
}

/// The message with which a text is refused; every such error ends with the same code on every rank.
inline std::string refusal(const std::string& text, const std::vector<std::string>& sets = {},
                           Command command = Command::reconstruct, ExitCode code = ExitCode::run_file) {
  try {
    parse(text, sets, command);
  } catch (const InputError& error) {
    BOOST_TEST((error.code() == code));
    BOOST_TEST(error.agreed());
    return error.what();
  }
  return "accepted";
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace tessera::testing
