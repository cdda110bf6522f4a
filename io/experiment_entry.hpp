#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/h5.hpp"

namespace tessera {

/// What was in the microscope, as NXem wants to know it.
struct SampleEntry {
  std::string name;
  std::string description;
  std::string preparation_date;  ///< ISO 8601
  std::string atom_types;        ///< "Mo, S"
  std::string start_time;        ///< of the measurement, ISO 8601
  bool is_simulation = false;
};

/// How a result was computed; what is empty or negative is not told.
struct Computation {
  std::string command_line;
  std::string folder;
  std::string start_time, end_time;  ///< ISO 8601
  double elapsed_s = -1;
  std::vector<std::string> hosts;
  std::string operating_system, operating_system_version;
  long processes = 1, threads = 1, gpus = 0;
  std::vector<std::string> programs;  ///< "fmt 9.1.0": of program and libraries
};

/// Makes NXcs_profiling with NXcs_computer in the entry `root`, under the name profiling.
void describe_computation(hid_t root, const Computation& computation);

/// Makes the second entry of a result, /experiment: NXem with the sample, and the profiling of the first.
void describe_experiment(hid_t file, hid_t root, const SampleEntry& sample);

}  // namespace tessera
