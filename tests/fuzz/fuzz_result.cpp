// Results and truths: HDF5 files of any shapes and types, inspected and compared.
#include <mpi.h>
#include <sanitizer/lsan_interface.h>

#include <cstdint>

#include "src/workflow/examine/compare.hpp"
#include "src/workflow/examine/inspect.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/made_file.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const __lsan::ScopedDisabler its_own;  // what MPI keeps until the end is no leak of ours
  MPI_Init(argc, argv);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  fuzz::MadeFile result("result"), reference("reference");
  for (const char* name : {"slices", "phase", "object"}) {
    const std::string group = std::string("/reconstruction/") + name;
    result.add(bytes, group + "/data", {{2, 9, 9}, {9, 9}, {1, 9, 8}});
    for (const char* attribute : {"pixel_size_A", "origin_A"}) result.attribute(bytes, group + "/data", attribute);
  }
  result.add(bytes, "/reconstruction/positions/data", {{6, 2}});
  for (const char* name : {"/truth/phase_rad", "/truth/slice_phase_rad"}) {
    reference.add(bytes, name, {{2, 9, 9}, {9, 9}});
    for (const char* attribute : {"pixel_size_A", "origin_A"}) reference.attribute(bytes, name, attribute);
  }
  reference.add(bytes, "/positions_A", {{6, 2}});
  result.close();
  reference.close();
  if (bytes.ConsumeBool())
    fuzz::survives([&] { describe_file(result.path()); });
  else
    fuzz::survives([&] { compare(find_phase_stack(result.path()), find_phase_stack(reference.path())); });
  return 0;
}
