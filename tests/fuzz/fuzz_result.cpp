// Results and truths: HDF5 files of any shapes and types, inspected and compared.
#include <cstdint>

#include "src/workflow/examine/compare.hpp"
#include "src/workflow/examine/inspect.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/made_file.hpp"

using namespace tessera;

namespace {

void add_phases(FuzzedDataProvider& bytes, fuzz::MadeFile& file, const std::string& place) {
  file.add(bytes, place, {{2, 9, 9}, {9, 9}, {1, 9, 8}});
  for (const char* attribute : {"pixel_size_A", "origin_A"}) file.attribute(bytes, place, attribute);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  fuzz::MadeFile result("result");
  add_phases(bytes, result, "/reconstruction/slices/data");
  result.add(bytes, "/reconstruction/positions/data", {{6, 2}});
  if (bytes.ConsumeIntegralInRange(0, 3) == 0) {
    add_phases(bytes, result, "/reconstruction/object/data");
    result.finish();
    fuzz::survives_closed([&] { describe_file(result.path()); });
    return 0;
  }
  fuzz::MadeFile reference("reference");
  for (const char* name : {"/truth/phase_rad", "/truth/slice_phase_rad"}) add_phases(bytes, reference, name);
  reference.add(bytes, "/positions_A", {{6, 2}});
  result.finish();
  reference.finish();
  fuzz::survives_closed(
      [&] { compare(find_phase_stack(OpenFile(result.path())), find_phase_stack(OpenFile(reference.path()))); });
  return 0;
}
