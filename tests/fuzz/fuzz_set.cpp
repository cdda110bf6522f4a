// What is given with --set: a good run file and one assignment of any bytes.
#include <cstdint>
#include <string>

#include "src/workflow/options/options_table.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

const std::string run_file = R"(
version: 1
data: {file: data.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.05}
beam: {energy_keV: 80, semiangle_mrad: 10}
object: {slices: 2, slice_spacing_A: 5}
regularisers: [{kind: tv, weight: 0.01}]
output: {directory: out}
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tessera;
  const std::string set(reinterpret_cast<const char*>(data), size);
  static const YamlNode tree = parse_yaml(run_file, "run.yaml");  // which the input does not change
  fuzz::survives([&] {
    YamlNode root = tree;
    set_yaml(root, set);
    resolved_yaml(std::move(root), "/fuzz/run.yaml", Command::reconstruct);
  });
  return 0;
}
