// ranks: 2 3
// Overlaps that cross from GPU to GPU give what those through the host's memory give, in any order of the devices'
// work; and a wait that is missing before MPI reads is found.
#include <boost/test/unit_test.hpp>

#include "src/model/unknowns/rows.hpp"
#include "src/optimisation/solver.hpp"
#include "src/parallel/gpu_messages.hpp"
#include "tests/fake_cuda/cuda_runtime_api.h"
#include "tests/on_fake/small_gradient.hpp"

namespace {

/// The wait that is left out, counted from 1 and from the last reset; 0: none. And what MPI's calls found, which is
/// taken at once, so that the program goes on.
struct Planted {
  int wait = 0, waits = 0, sends = 0;
  std::vector<std::string> found = {};
};
Planted planted;

int taken(int code) {
  for (const std::string& fault : tessera::fake::take_faults()) planted.found.push_back(fault);
  return code;
}

}  // namespace

// The linker's names. NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
cudaError_t __real_cudaStreamSynchronize(cudaStream_t stream);
int __real_MPI_Isend(const void* buf, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm, MPI_Request* to);
int __real_MPI_Waitall(int count, MPI_Request* requests, MPI_Status* statuses);
int __real_MPI_Testall(int count, MPI_Request* requests, int* flag, MPI_Status* statuses);

cudaError_t __wrap_cudaStreamSynchronize(cudaStream_t stream) {
  if (++planted.waits == planted.wait) return cudaSuccess;
  return __real_cudaStreamSynchronize(stream);
}

int __wrap_MPI_Isend(const void* buf, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm, MPI_Request* to) {
  ++planted.sends;
  return taken(__real_MPI_Isend(buf, count, type, peer, tag, comm, to));
}

int __wrap_MPI_Waitall(int count, MPI_Request* requests, MPI_Status* statuses) {
  return taken(__real_MPI_Waitall(count, requests, statuses));
}

int __wrap_MPI_Testall(int count, MPI_Request* requests, int* flag, MPI_Status* statuses) {
  return taken(__real_MPI_Testall(count, requests, flag, statuses));
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace tessera::testing {

namespace {

SmallProblem everything(DeviceKind device, HaloPath halo) {
  SmallProblem small{.device = device, .states = 2, .batch = 4, .step_A = 0.6, .psf_px = 0.7, .lanes = 2, .halo = halo};
  small.detector.psf_radius_px = 3;
  small.regularisers = {{.kind = RegulariserKind::tv, .weight = 0.1}};  // with a rim, which crosses, too
  for (const UnknownRow& row : unknown_rows())
    if (row.part_of.empty() && !row.always) small.unknowns.push_back(row.name);
  return small;
}

/// The object and the losses of a few iterations of all unknowns.
std::pair<std::vector<double>, std::vector<double>> solved(const SmallProblem& small, const Comm& comm) {
  Problem<double> problem = make_problem<double>(small, comm);
  SolveSettings settings;
  settings.iterations = 3;
  settings.refine["object"] = {};
  for (const Parameter& parameter : problem.parameters()) settings.refine[parameter.row->name] = {1};
  const SolveReport report = solve<double>(problem, settings, [](const Iterate&) {});
  return {gather_object(problem, problem.object().values()), report.loss};
}

}  // namespace

BOOST_AUTO_TEST_CASE(iterates_are_those_of_the_hosts_path) {
  const Comm world(MPI_COMM_WORLD);
  const auto [host, host_loss] = solved(everything(DeviceKind::host, HaloPath::staged), world);
  fake::start({});
  const auto [staged, staged_loss] = solved(everything(DeviceKind::cuda, HaloPath::staged), world);
  BOOST_TEST(fake::counters().messages == 0U);
  BOOST_TEST(relative_difference(staged, host) <= 1e-8);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    fake::start({.seed = seed, .mpi = fake::GpuMpi::takes});
    const auto [direct, loss] = solved(everything(DeviceKind::cuda, HaloPath::direct), world);
    BOOST_TEST(fake::counters().messages > 0U);
    BOOST_TEST(direct == staged, boost::test_tools::per_element());
    BOOST_TEST(loss == staged_loss, boost::test_tools::per_element());
    for (const std::string& fault : fake::take_faults()) BOOST_ERROR("seed " << seed << ": " << fault);
    for (const std::string& leak : fake::leaks()) BOOST_ERROR("seed " << seed << ": a leak: " << leak);
  }
  BOOST_TEST(planted.found.empty());
  fake::start({});
}

BOOST_AUTO_TEST_CASE(a_missing_wait_before_a_message_is_found) {
  const Comm world(MPI_COMM_WORLD);
  SmallProblem small = two_lanes(DeviceKind::cuda);
  small.rows = 4;
  small.halo = HaloPath::direct;
  const auto run = [&](int wait) {
    fake::start({.mpi = fake::GpuMpi::takes});
    planted = {};
    Problem<float> problem = make_problem<float>(small, world);
    planted = {.wait = wait};
    problem.evaluate();
    return planted;
  };
  const Planted good = run(0);
  BOOST_TEST(good.found.empty());
  BOOST_TEST(good.sends > 0);
  int found = 0;
  const auto most = static_cast<int>(world.max(static_cast<Index>(good.waits)));
  for (int wait = 1; wait <= most; ++wait) {
    const Planted with = run(wait);
    if (!with.found.empty() && with.found.front().find("before the host has waited for") != std::string::npos) ++found;
  }
  BOOST_TEST(found == good.sends);
  planted = {};
  fake::start({});
}

BOOST_AUTO_TEST_CASE(what_mpi_says_and_does_is_looked_at) {
  const Comm world(MPI_COMM_WORLD);
  const std::map<fake::GpuMpi, bool> says{{fake::GpuMpi::none, false},
                                          {fake::GpuMpi::takes, true},
                                          {fake::GpuMpi::silent, false},
                                          {fake::GpuMpi::loses, true},
                                          {fake::GpuMpi::refuses, true}};
  for (const auto& [mpi, yes] : says) {
    fake::start({.mpi = mpi});
    BOOST_TEST(mpi_says_it_takes_gpu_memory() == yes);
    if (mpi == fake::GpuMpi::none) continue;  // would crash
    const std::string wrong = try_gpu_messages(world);
    if (mpi == fake::GpuMpi::loses) {
      BOOST_TEST(wrong == "other bytes than those sent arrived in a GPU's memory");
    } else if (mpi == fake::GpuMpi::refuses) {
      BOOST_TEST(wrong == "it refuses a GPU's memory: MPI: MPI_Isend failed: MPI_ERR_BUFFER: invalid buffer pointer");
    } else {
      BOOST_TEST(wrong.empty(), wrong);
    }
    BOOST_TEST(fake::counters().messages == (wrong.empty() ? 2U : 1U));
  }
  BOOST_TEST(fake::take_faults().empty());
  fake::start({});
}

}  // namespace tessera::testing
