// Measured data: HDF5 files of any shapes, types and chunks, inspected and loaded as a run would.
#include <mpi.h>

#include <cstdint>
#include <map>
#include <numeric>
#include <string>

#include "src/workflow/examine/inspect.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/options/options.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/made_file.hpp"

using namespace tessera;

namespace {

/// What a run file may say beside the file.
struct Wanted {
  bool positions, mask, part, bin, virtual_detectors, sets, weighted;
};

Wanted wanted_of(FuzzedDataProvider& bytes) {
  const auto bits = bytes.ConsumeIntegral<std::uint8_t>();
  const auto bit = [&](unsigned i) { return (bits >> i & 1U) != 0; };
  const bool detectors = bit(3) && bit(4);
  return {bit(0), bit(1), bit(2), bit(3) && !detectors, detectors, detectors && bit(5), bit(6)};
}

/// Each run file is read once: what one may hold is for other targets.
const RunOptions& options_for(const Wanted& wanted, const std::string& file) {
  static std::map<std::string, RunOptions> read;
  std::string text = "version: 1\nbeam: {energy_keV: 80, semiangle_mrad: 10}\noutput: {directory: out}\n";
  text += "scan: {step_A: 1}\ndata: {file: " + file;
  if (wanted.positions) text += ", positions: /positions_A";
  if (wanted.mask) text += ", mask: /mask";
  if (wanted.part) text += ", subset: {n: [1, 5]}";
  text += "}\ndetector: {pixel_invA: 0.1";
  if (wanted.bin) text += ", bin: 2";
  if (wanted.virtual_detectors) text += ", virtual: {file: " + file + ", dataset: /virtual}";
  if (wanted.sets) text += ", virtual_set: /sets";
  text += wanted.weighted ? "}\nloss: {kind: weighted}\n" : "}\n";
  const auto known = read.find(text);
  if (known != read.end()) return known->second;
  return read.emplace(text, parse_run_options(text, "/fuzz/run.yaml", {}, Command::reconstruct)).first->second;
}

void inspect(FuzzedDataProvider& bytes, fuzz::MadeFile& file) {
  file.add(bytes, "/positions_A", {{16, 2}, {4, 4, 2}, {6, 2}});
  file.add(bytes, "/more/of/it", {});
  for (const char* name : {"energy_keV", "pixel_size_A", "detector_pixel_invA"}) file.attribute(bytes, "/data", name);
  file.finish();
  fuzz::survives_closed([&] { describe_file(file.path()); });
}

void load(const Comm& alone, FuzzedDataProvider& bytes, fuzz::MadeFile& file) {
  const Wanted wanted = wanted_of(bytes);
  if (wanted.positions) file.add(bytes, "/positions_A", {{16, 2}, {4, 4, 2}, {6, 2}});
  if (wanted.mask) file.add(bytes, "/mask", {{8, 8}, {9, 8}});
  if (wanted.virtual_detectors) file.add(bytes, "/virtual", {{3, 8, 8}, {8, 8}, {2, 3, 8, 8}, {3, 9, 8}});
  if (wanted.sets) file.add(bytes, "/sets", {{16}, {4, 4}, {6}});
  file.finish();
  fuzz::survives_closed([&] {
    const RunOptions& options = options_for(wanted, file.path());
    const Experiment experiment = load_experiment(alone, options);
    std::vector<Index> mine(experiment.positions_A.size());
    std::iota(mine.begin(), mine.end(), Index{0});
    load_patterns(alone, options, experiment, raw_pixels(alone, options, experiment), mine, DeviceKind::host);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Comm alone(MPI_COMM_SELF);
  FuzzedDataProvider bytes(data, size);
  fuzz::MadeFile file("data");
  file.add(bytes, "/data", {{4, 4, 8, 8}, {16, 8, 8}, {6, 9, 8}, {16, 3}, {4, 4, 3}});
  if (bytes.ConsumeBool())
    inspect(bytes, file);
  else
    load(alone, bytes, file);
  return 0;
}
