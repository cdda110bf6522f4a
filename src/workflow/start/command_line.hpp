#pragma once

#include <string>
#include <vector>

namespace tessera {

/// What was typed after `tessera SUBCOMMAND`.
struct CommandLine {
  std::string run_file;
  std::vector<std::string> sets;  ///< "a.b=c", in the order given
  bool print_config = false;
  bool dry_run = false;
  bool force = false;
  bool quiet = false;
  bool json = false;
  bool check_gradient = false;  ///< checks gradients in the place of solving
  std::string result;           ///< the file of inspect, the first of compare, that of export
  std::string reference;        ///< the second of compare
  std::string to;               ///< of export: the format,
  std::string out;              ///< the new file,
  std::string array;            ///< which array, and
  int bits = 16;                ///< of a PNG
};

}  // namespace tessera
