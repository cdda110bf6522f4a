// ranks: 1 2
// The ranges that NVIDIA's tools see of a gradient: this file is the tool, which NVTX finds in the program itself.
#include <nvtx3/nvToolsExt.h>

#include <boost/test/unit_test.hpp>
#include <map>
#include <mutex>

#include "tests/on_fake/small_gradient.hpp"

namespace tessera::testing {

namespace {

/// Ranges that were begun, by name, and how many are not over.
struct Seen {
  std::mutex mutex;
  std::map<std::string, int> begun;
  int open = 0;
};
Seen seen;

int push(const char* name) {
  const std::scoped_lock lock(seen.mutex);
  ++seen.begun[name];
  return seen.open++;
}

int pop() {
  const std::scoped_lock lock(seen.mutex);
  return --seen.open;
}

int attach(NvtxGetExportTableFunc_t exported) {
  const auto* const callbacks = static_cast<const NvtxExportTableCallbacks*>(exported(NVTX_ETID_CALLBACKS));
  NvtxFunctionTable table = nullptr;
  unsigned size = 0;
  if (callbacks == nullptr || callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &table, &size) == 0) return 0;
  *table[NVTX_CBID_CORE_RangePushA] = reinterpret_cast<NvtxFunctionPointer>(&push);
  *table[NVTX_CBID_CORE_RangePop] = reinterpret_cast<NvtxFunctionPointer>(&pop);
  return 1;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_gradient_is_made_of_named_stages) {
  const Comm world(MPI_COMM_WORLD);
  SmallProblem small = two_lanes(DeviceKind::cuda);
  small.regularisers = {{.kind = RegulariserKind::l2, .weight = 0.1}};
  Problem<float> problem = make_problem<float>(small, world);
  seen.begun.clear();
  problem.evaluate();
  const int batches = static_cast<int>(problem.schedule().size());
  const std::map<std::string, int> once{{"prepare", 1},       {"halo refresh", 1}, {"sweep", 1},
                                        {"forward", batches}, {"loss", batches},   {"adjoint", batches},
                                        {"commit", batches},  {"halo add", 1},     {"object gradient", 1},
                                        {"regularisers", 1},  {"global sums", 1}};
  for (const auto& [name, count] : once) BOOST_TEST(seen.begun[name] == count, name << ": " << seen.begun[name]);
  BOOST_TEST((world.size() == 1) == (seen.begun["halo send"] == 0));
  BOOST_TEST(seen.open == 0);
}

}  // namespace tessera::testing

// NVTX's name for the tool that is linked into the program.
extern "C" {
NvtxInitializeInjectionNvtxFunc_t InitializeInjectionNvtx2_fnptr = &tessera::testing::attach;
}
