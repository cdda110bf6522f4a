#pragma once

#include <string>
#include <vector>

namespace tessera {

/// What was typed.
struct CommandLine {
  std::vector<std::string> words;  ///< the whole of it, with the program's name
  std::string run_file;
  std::vector<std::string> sets;  ///< "a.b=c", in the order given
  bool print_config = false;
  bool dry_run = false;
  bool force = false;
  bool quiet = false;
  bool json = false;
  bool preview = false;         ///< of calibrate: what images tell, without trials
  bool check_gradient = false;  ///< checks gradients in the place of solving
  std::string
      result;  ///< the file of inspect, export and history, the first of compare, the folder of report and watch
  std::string reference;  ///< the second of compare
  std::string html;       ///< the page of watch; empty: none
  double every_s = 2;     ///< between two looks of watch
  std::string to;         ///< of export: the format,
  std::string out;        ///< the new file,
  std::string array;      ///< which array, and
  int bits = 16;          ///< of a PNG
};

}  // namespace tessera
