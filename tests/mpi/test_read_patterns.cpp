// ranks: 1 2 3
// Patterns are read in the order of the file whatever the order of computation: each chunk is decompressed once by all
// ranks together, and each pattern arrives in its slot. A filter of this test counts what HDF5 decompresses.
#include <malloc.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "io/h5.hpp"
#include "io/read_plan.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

constexpr H5Z_filter_t counting_filter = 300;  // from HDF5's range for tests
constexpr Index ky = 128, kx = 128;

Index decompressed_chunks = 0;

/// "Compresses" to a chunk's length and one 16-bit number per pattern or part of one (`values[0]` pixels, all alike),
/// so that files of hundreds of MiB are small and quick.
std::size_t count_chunks(unsigned flags, std::size_t, const unsigned values[], std::size_t, std::size_t* buffer_bytes,
                         void** buffer) {
  const std::size_t pixels = values[0], n = values[1];
  const bool reads = (flags & H5Z_FLAG_REVERSE) != 0;
  const std::size_t bytes = n * sizeof(std::uint16_t) * (reads ? pixels : 1);
  auto* const to = static_cast<std::uint16_t*>(std::malloc(bytes));
  const auto* const from = static_cast<const std::uint16_t*>(*buffer);
  for (std::size_t i = 0; i < n; ++i) {
    if (reads)
      std::fill_n(to + i * pixels, pixels, from[i]);
    else
      to[i] = from[i * pixels];
  }
  decompressed_chunks += reads ? 1 : 0;
  std::free(*buffer);
  *buffer = to;
  *buffer_bytes = bytes;
  return bytes;
}

void register_filter() {
  const H5Z_class2_t filter{H5Z_CLASS_T_VERS, counting_filter, 1, 1, "counting", nullptr, nullptr, count_chunks};
  check_h5(H5Zregister(&filter), "H5Zregister");
}

std::uint16_t count_of(Index pattern) { return static_cast<std::uint16_t>(pattern % 60000 + 1); }

/// Pattern p of a file has count_of(p) in each pixel.
class DataFile {
 public:
  DataFile(const Comm& comm, const std::vector<Index>& shape, const std::vector<Index>& chunk) : folder_(comm) {
    register_filter();
    if (comm.is_root()) write(shape, chunk);
    comm.barrier();
    decompressed_chunks = 0;
  }
  std::string path() const { return folder_.file("data.h5"); }

 private:
  void write(const std::vector<Index>& shape, const std::vector<Index>& chunk) const {
    const H5Id id = checked(H5Fcreate(path().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "create");
    const H5Id creation = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "H5Pcreate");
    if (!chunk.empty()) {
      const Index pixels = chunk[chunk.size() - 2] * chunk.back();
      const unsigned values[] = {static_cast<unsigned>(pixels), static_cast<unsigned>(element_count(chunk) / pixels)};
      H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), as_hsize(chunk).data());
      H5Pset_filter(creation.get(), counting_filter, H5Z_FLAG_MANDATORY, 2, values);
    }
    const H5Id dataset = checked(
        H5Dcreate2(id.get(), "data", H5T_STD_U16LE, make_space(shape).get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
        H5Dclose, "create");
    std::vector<std::uint16_t> values(static_cast<std::size_t>(element_count(shape)));
    const Index pixels = shape[shape.size() - 2] * shape.back();
    for (Index p = 0; p < element_count(shape) / pixels; ++p)
      std::fill_n(values.begin() + p * pixels, pixels, count_of(p));
    check_h5(H5Dwrite(dataset.get(), H5T_NATIVE_UINT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "H5Dwrite");
  }

  TemporaryFolder folder_;
};

RunOptions options_for(const DataFile& file) {
  RunOptions options;
  options.data.file = file.path();
  options.data.patterns = "/data";
  options.data.positions.reset();
  options.scan.step_A = {2, 2};
  options.detector.pixel_invA = {0.05, 0.05};
  options.beam.energy_eV = 8e4;
  return options;
}

/// The positions of this rank in the order of computation, as a reconstruction has them.
std::vector<Index> positions_of(const Comm& comm, const Experiment& experiment) {
  const Tiling tiling = make_tiling(experiment.placements, experiment.frame, experiment.window, comm.size(), 0);
  return tiling.positions_of(comm.rank(), experiment.placements, experiment.window);
}

/// How many of this rank's patterns are not in their slots.
Index misplaced(const Experiment& experiment, const std::vector<Index>& mine, const Measurement& measurement) {
  std::vector<std::uint16_t> pattern(ky * kx);
  Index wrong = 0;
  for (std::size_t slot = 0; slot < mine.size(); ++slot) {
    measurement.patterns.download(std::as_writable_bytes(std::span(pattern)),
                                  static_cast<Index>(slot * pattern.size() * sizeof(std::uint16_t)));
    const std::uint16_t expected = count_of(experiment.pattern_index[mine[slot]]);
    wrong += std::ranges::all_of(pattern, [&](std::uint16_t count) { return count == expected; }) ? 0 : 1;
  }
  return wrong;
}

/// A line of this process's status, such as its largest resident memory.
Index status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  Index kib = 0;
  while (status >> word)
    if (word == name) status >> kib;
  return kib * 1024;
}

struct Case {
  const char* name;
  std::vector<Index> shape, chunk;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

/// 96 x 96 positions of 32 KiB, 288 MiB in all.
const std::vector<Case> cases{{"contiguous", {96, 96, ky, kx}, {}},
                              {"row chunks", {96, 96, ky, kx}, {1, 96, ky, kx}},
                              {"square chunks", {96, 96, ky, kx}, {16, 16, ky, kx}},
                              {"square chunks that do not divide the scan", {96, 96, ky, kx}, {7, 10, ky, kx}},
                              {"chunks larger than a block", {96, 96, ky, kx}, {24, 96, ky, kx}},
                              {"a quarter of the detector in a chunk", {96, 96, ky, kx}, {32, 48, ky / 2, kx / 2}},
                              {"a pattern per chunk", {96, 96, ky, kx}, {1, 1, ky, kx}}};

}  // namespace

BOOST_DATA_TEST_CASE(each_chunk_is_decompressed_once_and_each_pattern_finds_its_slot, data::make(cases), layout) {
  const Comm comm(MPI_COMM_WORLD);
  const DataFile file(comm, layout.shape, layout.chunk);
  const RunOptions options = options_for(file);
  const Experiment experiment = load_experiment(comm, options);
  const std::vector<Index> mine = positions_of(comm, experiment);
  const RawPixels pixels = raw_pixels(comm, options, experiment);
  decompressed_chunks = 0;  // of the look at some patterns
  const LoadedPatterns loaded = load_patterns(comm, options, experiment, pixels, mine, DeviceKind::host);
  BOOST_TEST(misplaced(experiment, mine, loaded.measurement) == 0);
  Index chunks = layout.chunk.empty() ? 0 : 1;
  for (std::size_t axis = 0; axis < layout.chunk.size(); ++axis)
    chunks *= (layout.shape[axis] + layout.chunk[axis] - 1) / layout.chunk[axis];
  BOOST_TEST(comm.sum(decompressed_chunks) == chunks);
  const double taken = layout.chunk.empty() ? 1.0
                                            : static_cast<double>(chunks * element_count(layout.chunk)) /
                                                  static_cast<double>(element_count(layout.shape));
  BOOST_TEST(loaded.read_cost.amplification() == taken, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(!read_warning(loaded.read_cost, "/data").has_value());
}

BOOST_AUTO_TEST_CASE(a_part_of_the_scan_takes_only_the_chunks_that_hold_it) {
  const Comm comm(MPI_COMM_WORLD);
  const DataFile file(comm, {40, 30, ky, kx}, {1, 30, ky, kx});
  RunOptions options = options_for(file);
  options.data.ry = {.start = 1, .stop = {}, .step = 2};
  options.data.rx = {.start = 10, .stop = 20, .step = 1};
  const Experiment experiment = load_experiment(comm, options);
  const std::vector<Index> mine = positions_of(comm, experiment);
  const RawPixels pixels = raw_pixels(comm, options, experiment);
  decompressed_chunks = 0;  // of the look at some patterns
  const LoadedPatterns loaded = load_patterns(comm, options, experiment, pixels, mine, separate_device());
  BOOST_TEST(misplaced(experiment, mine, loaded.measurement) == 0);
  BOOST_TEST(comm.sum(decompressed_chunks) == 20);
  BOOST_TEST(loaded.read_cost.amplification() == 3, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(read_warning(loaded.read_cost, "/data").value().find("not used") != std::string::npos);
}

/// 128 x 128 pixels in sums of 3 x 3: 42 x 42, and two rows and columns are left out.
BOOST_AUTO_TEST_CASE(each_pattern_is_summed_in_its_slot) {
  const Comm comm(MPI_COMM_WORLD);
  const DataFile file(comm, {10, 12, ky, kx}, {3, 12, ky, kx});
  RunOptions options = options_for(file);
  options.detector.bin = 3;
  const Experiment experiment = load_experiment(comm, options);
  const std::vector<Index> mine = positions_of(comm, experiment);
  const RawPixels pixels = raw_pixels(comm, options, experiment);
  decompressed_chunks = 0;  // of the look at some patterns
  const LoadedPatterns loaded = load_patterns(comm, options, experiment, pixels, mine, DeviceKind::host);
  BOOST_REQUIRE((loaded.measurement.ny == 42 && loaded.measurement.nx == 42));
  std::vector<std::uint32_t> sums(mine.size() * 42 * 42);
  loaded.measurement.patterns.download(std::as_writable_bytes(std::span(sums)));
  Index wrong = 0;
  for (std::size_t i = 0; i < sums.size(); ++i)
    wrong += sums[i] == 9U * count_of(experiment.pattern_index[mine[i / (42 * 42)]]) ? 0 : 1;
  BOOST_TEST(wrong == 0);
  double electrons = 0;
  for (Index p = 0; p < 120; ++p) electrons += 126.0 * 126 * count_of(p) / 120;
  BOOST_TEST(loaded.mean_electrons == electrons, boost::test_tools::tolerance(1e-12));
}

/// The address sanitizer keeps what is freed for a while, and tests/run --sanitize says so here.
boost::test_tools::assertion_result frees_at_once(boost::unit_test::test_unit_id /*unit*/) {
  return std::getenv("ASAN_OPTIONS") == nullptr;
}

BOOST_AUTO_TEST_CASE(what_reading_holds_is_foretold, *boost::unit_test::precondition(frees_at_once)) {
  const Comm comm(MPI_COMM_WORLD);
  const std::vector<std::vector<Index>> chunks{
      {64, 64, ky, kx}, {16, 64, ky, kx}, {64, 64, ky / 2, kx / 2}, {1, 64, ky, kx}};
  for (const std::vector<Index>& chunk : chunks) {
    const DataFile file(comm, {64, 64, ky, kx}, chunk);  // 128 MiB
    std::vector<Index> mine;
    for (Index i = comm.rank(); i < 64 * 64; i += comm.size()) mine.push_back(i);
    PatternReader reader(comm, file.path(), "/data");
    const std::size_t before_reading = reader.foretell_bytes(mine);
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
    const Index before = status_bytes("VmRSS:");
    reader.read(mine, [](std::span<const Index>, std::span<const std::byte>) {});
    const double held = static_cast<double>(status_bytes("VmHWM:") - before);
    const double foretold = static_cast<double>(reader.held_bytes()), few = Index{8} << 20;
    BOOST_TEST(before_reading == reader.held_bytes());
    BOOST_TEST(held < foretold + few, element_count(chunk) << ": " << held << " of " << foretold);
    BOOST_TEST(held > 0.8 * foretold - few, element_count(chunk) << ": " << held << " of " << foretold);
  }
}

BOOST_AUTO_TEST_CASE(an_error_of_one_rank_ends_the_read_on_all) {
  const Comm comm(MPI_COMM_WORLD);
  const DataFile file(comm, {30, 30, ky, kx}, {5, 5, ky, kx});
  if (comm.is_root()) std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) / 2);
  comm.barrier();
  const std::string what = [&] {
    try {
      PatternReader reader(comm, file.path(), "/data");
      std::vector<Index> mine;
      for (Index i = comm.rank(); i < 900; i += comm.size()) mine.push_back(i);
      reader.read(mine, [](std::span<const Index>, std::span<const std::byte>) {});
    } catch (const Error& error) {
      BOOST_TEST(error.agreed());
      return std::string(error.what());
    }
    return std::string();
  }();
  BOOST_TEST(!what.empty());
}

BOOST_AUTO_TEST_CASE(of_several_patterns_that_are_refused_the_first_is_named) {
  const Comm comm(MPI_COMM_WORLD);
  const DataFile file(comm, {30, 30, ky, kx}, {2, 30, ky, kx});
  PatternReader reader(comm, file.path(), "/data");
  std::vector<Index> mine;  // every rank needs something of every chunk
  for (Index i = 899 - comm.rank(); i >= 0; i -= comm.size()) mine.push_back(i);
  const auto refuse = [&](std::span<const Index> slots, std::span<const std::byte>) {
    for (const Index slot : slots)
      if (comm.rank() == comm.size() - 1 && mine[slot] >= 100)
        throw InputError(ExitCode::data_wrong, fmt::format("pattern {}!", mine[slot]));
  };
  Index first = 0;
  if (comm.rank() == comm.size() - 1)
    for (const Index i : mine)
      if (i >= 100) first = i;
  first = comm.max(first);
  try {
    reader.read(mine, refuse);
    BOOST_TEST(false);
  } catch (const Error& error) {
    BOOST_TEST(error.agreed());
    BOOST_TEST(std::string(error.what()).find(fmt::format("pattern {}!", first)) != std::string::npos, error.what());
  }
}

}  // namespace tessera::testing
