// ranks: 1
// What is known of a machine's memory, what a run needs of it, and which key made it so.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "src/base/machine_memory.hpp"
#include "src/base/memory_need.hpp"
#include "src/workflow/reconstruct/dry_run.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace tessera;
using tessera::testing::TemporaryFolder;

namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory)

BOOST_AUTO_TEST_CASE(the_smallest_limit_of_the_control_groups_counts) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string two = folder.path() + "/two", one = folder.path() + "/one";
  write(two + "/memory.max", "max\n");
  write(two + "/a/memory.max", "2000\n");
  write(two + "/a/b/memory.max", "3000\n");
  BOOST_TEST(cgroup_limit_bytes("0::/a/b\n", two) == 2000);
  BOOST_TEST(cgroup_limit_bytes("0::/a\n", two) == 2000);
  BOOST_TEST(std::isinf(cgroup_limit_bytes("0::/\n", two)));
  BOOST_TEST(std::isinf(cgroup_limit_bytes("0::/elsewhere\n", two)));
  write(one + "/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write(one + "/memory/job/memory.limit_in_bytes", "1000\n");
  BOOST_TEST(cgroup_limit_bytes("5:cpu,memory:/job\n4:cpuset:/\n", one) == 1000);
  BOOST_TEST(std::isinf(cgroup_limit_bytes("5:cpu,memory:/\n", one)));
  BOOST_TEST(std::isinf(cgroup_limit_bytes("", one)));
  BOOST_TEST(std::isinf(cgroup_limit_bytes("nonsense\n", one)));
}

BOOST_AUTO_TEST_CASE(this_machine_has_memory) {
  BOOST_TEST(meminfo_bytes("MemTotal:       100 kB\nMemAvailable:   50 kB\n", "MemAvailable") == 51200);
  BOOST_TEST(std::isinf(meminfo_bytes("MemTotal:       100 kB\n", "MemFree")));
  const MachineMemory machine = machine_memory();
  BOOST_TEST(machine.node_bytes > 1e8);
  BOOST_TEST(machine.available_bytes <= meminfo_bytes("", ""));
  BOOST_TEST(machine.process_bytes > 0);
}

BOOST_AUTO_TEST_CASE(the_largest_part_names_its_largest_cause) {
  const MemoryNeed need{
      {memory_part("patterns", 10, {{1, "many"}}),
       memory_part("the object", 1e40, {{1, "usual"}, {3, "slices"}, {70, "far", ExitCode::data_wrong}})}};
  BOOST_TEST(need.bytes() == 1e40);
  BOOST_TEST(need.largest().what == "the object");
  BOOST_TEST(need.largest().reason == "far");
  BOOST_TEST((need.largest().code == ExitCode::data_wrong));
  BOOST_TEST(bytes_text(3.0 * (1 << 20)) == "3 MiB");
  BOOST_TEST(bytes_text(1.5 * (1 << 30)) == "1.5 GiB");
}

BOOST_AUTO_TEST_CASE(a_sample_holds_the_ends) {
  BOOST_TEST((spread_sample(3, 64) == std::vector<Index>{0, 1, 2}));
  BOOST_TEST((spread_sample(100, 4) == std::vector<Index>{0, 33, 66, 99}));
  BOOST_TEST(spread_sample(1000000, 64).size() == 64U);
  BOOST_TEST(spread_sample(1000000, 64).back() == 999999);
}

BOOST_AUTO_TEST_SUITE_END()
