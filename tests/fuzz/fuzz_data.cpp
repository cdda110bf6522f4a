// Measured data: HDF5 files of any shapes, types and chunks, inspected and loaded as a run would.
#include <mpi.h>
#include <sanitizer/lsan_interface.h>

#include <cstdint>
#include <numeric>

#include "src/workflow/examine/inspect.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/options/options.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/made_file.hpp"

using namespace tessera;

namespace {

RunOptions options_for(FuzzedDataProvider& bytes, const std::string& file) {
  std::string text =
      "version: 1\ndetector: {pixel_invA: 0.1}\nbeam: {energy_keV: 80, semiangle_mrad: 10}\n"
      "output: {directory: out}\nscan: {step_A: 1}\ndata:\n  file: " +
      file + "\n";
  if (bytes.ConsumeBool()) text += "  positions: /positions_A\n";
  if (bytes.ConsumeBool()) text += "  mask: /mask\n";
  return parse_run_options(text, "/fuzz/run.yaml", {}, Command::reconstruct);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const __lsan::ScopedDisabler its_own;  // what MPI keeps until the end is no leak of ours
  MPI_Init(argc, argv);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Comm alone(MPI_COMM_SELF);
  FuzzedDataProvider bytes(data, size);
  fuzz::MadeFile file("data");
  file.add(bytes, "/data", {{4, 4, 8, 8}, {16, 8, 8}, {6, 9, 8}});
  file.add(bytes, "/positions_A", {{16, 2}, {4, 4, 2}, {6, 2}});
  file.add(bytes, "/mask", {{8, 8}, {9, 8}});
  file.add(bytes, "/more/of/it", {});
  for (const char* name : {"energy_keV", "pixel_size_A", "detector_pixel_invA"}) file.attribute(bytes, "/data", name);
  file.close();
  // One of the two, as each opens the file many times.
  if (bytes.ConsumeBool()) {
    fuzz::survives([&] { describe_file(file.path()); });
    return 0;
  }
  fuzz::survives([&] {
    const RunOptions options = options_for(bytes, file.path());
    const Experiment experiment = load_experiment(alone, options);
    std::vector<Index> mine(experiment.positions_A.size());
    std::iota(mine.begin(), mine.end(), Index{0});
    load_patterns(alone, options, experiment, raw_pixels(alone, options, experiment), mine, DeviceKind::host);
  });
  return 0;
}
