// ranks: 1
// Memory traffic of a gradient where each formula is a kernel and FFTs are cuFFT's. Counted by what the runtime sees:
// of each launch every page that it reads and every page that it writes, once; of an FFT, which goes over its waves in
// two passes, each number twice read and twice written. What kernels declare for a profile is compared with that.
#include <boost/test/unit_test.hpp>
#include <cstdio>

#include "tests/on_fake/small_gradient.hpp"

namespace tessera::testing {

namespace {

/// What it is at present, rounded up: a kernel that takes more, or one more kernel, is found.
constexpr double most = 223;

/// What has been added to the sums of each kernel by a piece of work.
template <class Work>
std::map<std::string, fake::Touched> touched_by(const Work& work) {
  const std::map<std::string, fake::Touched> before = fake::touched();
  work();
  std::map<std::string, fake::Touched> during = fake::touched();
  for (const auto& [name, earlier] : before) {
    fake::Touched& kernel = during[name];
    kernel.launches -= earlier.launches;
    kernel.read_bytes -= earlier.read_bytes;
    kernel.written_bytes -= earlier.written_bytes;
  }
  std::erase_if(during, [](const auto& each) { return each.second.launches == 0; });
  return during;
}

/// The name that a profile gives to what the runtime calls "kernel Transmit<float>".
std::string name_in_profile(const std::string& seen) {
  if (seen == "cuFFT") return "FFT";
  std::string name = seen.substr(seen.find(' ') + 1);
  if (name.starts_with("InOrder<")) name = name.substr(name.find('<') + 1);
  return name.substr(0, name.find('<'));
}

}  // namespace

BOOST_AUTO_TEST_CASE(bytes_of_a_pixel_and_wave_slice) {
  fake::start({.trace = true});
  const SmallProblem small{.device = DeviceKind::cuda,
                           .band_limit = 2.0 / 3,
                           .window = {.ny = 128, .nx = 128, .dy_A = 0.2, .dx_A = 0.2},
                           .slices = 3,
                           .modes = 2,
                           .batch = 6,
                           .rows = 3,
                           .columns = 4,
                           .profile = true};
  const Comm alone(MPI_COMM_SELF);
  Problem<float> problem = make_problem<float>(small, alone);
  problem.evaluate();  // makes plans and scratch
  const double positions = static_cast<double>(problem.setup().placements.size());
  const double points = positions * static_cast<double>(small.modes * small.slices * small.window.count());
  double total = 0;
  std::map<std::string, double> seen;
  const KernelTable before = problem.meter()->in_sweeps();
  std::printf("bytes of a pixel and wave-slice: read, written, by kernel\n");
  begin_sweep(problem);
  for (const auto& [name, kernel] : touched_by([&] { sweep_once(problem, false); })) {
    const double passes = name == "cuFFT" ? 2 : 1;
    const double read = passes * static_cast<double>(kernel.read_bytes) / points;
    const double written = passes * static_cast<double>(kernel.written_bytes) / points;
    std::printf("%7.2f %7.2f  %llu x %s\n", read, written, static_cast<unsigned long long>(kernel.launches),
                name.c_str());
    total += read + written;
    seen[name_in_profile(name)] += read + written;
  }
  std::printf("%7.2f in all\n", total);
  BOOST_TEST(total <= most);
  for (const auto& [name, kernel] : problem.meter()->in_sweeps()) {
    const auto earlier = before.find(name);
    const Moved was = earlier == before.end() ? Moved{} : earlier->second.moved;
    const double declared = (kernel.moved.read + kernel.moved.written - was.read - was.written) / points;
    // Pages that are touched in part count whole; where windows overlap, the tile's count once.
    BOOST_TEST((declared >= 0.85 * seen[name] - 0.1 && declared <= 1.2 * seen[name] + 0.1),
               name << " declares " << declared << " and moves " << seen[name]);
    seen.erase(name);
  }
  for (const auto& [name, bytes] : seen) BOOST_ERROR(name << " is in no profile");
}

}  // namespace tessera::testing
