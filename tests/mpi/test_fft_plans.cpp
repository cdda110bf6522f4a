// ranks: 1 2 3
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "kernels/fft.hpp"
#include "src/workflow/start/fft_plans.hpp"

namespace tessera::testing {

namespace {

/// The log of sharing the plans that `make_plans` makes, without a cache that would know them.
template <class MakePlans>
std::string log_of_sharing(const Comm& comm, const MakePlans& make_plans) {
  ::setenv("XDG_CACHE_HOME", "/dev/null", 1);
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "tessera_test_fft_plans.log";
  if (comm.is_root()) std::filesystem::remove(file);  // a log is continued
  {
    Progress progress(comm, file.string(), true);
    share_fft_plans<double>(comm, progress, make_plans);
  }
  std::ifstream log(file);
  return {std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(other_ranks_plan_from_wisdom_alone) {
  const Comm comm(MPI_COMM_WORLD);
  const Index before = fft_plans_not_in_wisdom<double>();
  const std::string log = log_of_sharing(comm, [] { const FftPlan<double> plan(DeviceKind::host, 12, 10, 2); });
  if (comm.is_root()) BOOST_TEST(log.find("FFTs") == std::string::npos);
  BOOST_TEST((fft_plans_not_in_wisdom<double>() > before) == comm.is_root());
  const FftPlan<double> again(DeviceKind::host, 12, 10, 2);
  BOOST_TEST((fft_plans_not_in_wisdom<double>() > before) == comm.is_root());
}

/// As on a node of another kind, whose FFTW takes nothing from rank 0.
BOOST_AUTO_TEST_CASE(ranks_that_plan_anew_are_told_of) {
  const Comm comm(MPI_COMM_WORLD);
  const std::string log =
      log_of_sharing(comm, [&] { const FftPlan<double> plan(DeviceKind::host, 14 + comm.rank(), 10, 1); });
  const std::string told = "FFTs: " + std::to_string(comm.size() - 1) + " of " + std::to_string(comm.size());
  if (comm.is_root()) BOOST_TEST((log.find(told) != std::string::npos) == (comm.size() > 1));
}

}  // namespace tessera::testing
