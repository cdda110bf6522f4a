// How fast are patterns loaded, in units of a plain parallel read of the same bytes? 256 x 256 positions of 32 x 32
// pixels of 16 bits (128 MiB) in row chunks and square chunks, both deflated, and contiguous.
//
// `plain`: every rank reads an equal part of the scan's rows with HDF5 alone, each chunk once, in the order of the
// file, into memory of its own. `loaded`: load_patterns, which also checks and turns the patterns and brings each to
// the rank and the place where it is needed. Wall time of the slowest rank, repetitions interleaved: the median of the
// ratios, and the ratio of the shortest times, which is the one to believe where the machine is not quite idle. The
// files stay in the page cache, so that no disk hides what the processor does. One JSON line per layout:
//
//   mpirun -n 2 build/perf/bench_read_patterns [repetitions [folder]]

#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>

#include "io/h5.hpp"
#include "perf/slowest.hpp"
#include "src/base/median.hpp"
#include "src/workflow/input/load_patterns.hpp"

namespace tessera {
namespace {

constexpr Index scan = 256, window = 32;
const std::vector<Index> shape{scan, scan, window, window};

struct Layout {
  const char* name;
  std::vector<Index> chunk;
};

const std::vector<Layout> layouts{
    {"row chunks", {1, scan, window, window}}, {"square chunks", {16, 16, window, window}}, {"contiguous", {}}};

/// Counts of a disc and a few elsewhere: deflate has something to do.
std::vector<std::uint16_t> make_counts() {
  std::mt19937 random(1);
  std::poisson_distribution<int> bright(20), dark(0.2);
  std::vector<std::uint16_t> few(64 * window * window);
  for (Index i = 0; i < static_cast<Index>(few.size()); ++i) {
    const Index y = i / window % window - window / 2, x = i % window - window / 2;
    few[i] = static_cast<std::uint16_t>(y * y + x * x < 64 ? bright(random) : dark(random));
  }
  std::vector<std::uint16_t> counts(static_cast<std::size_t>(element_count(shape)));
  for (Index p = 0; p < scan * scan; ++p)
    std::copy_n(few.begin() + p * 37 % 64 * window * window, window * window, counts.begin() + p * window * window);
  return counts;
}

void write_file(const std::string& path, const std::vector<Index>& chunk) {
  const H5Id file = checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, path);
  const H5Id creation = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "H5Pcreate");
  if (!chunk.empty()) {
    H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), as_hsize(chunk).data());
    H5Pset_deflate(creation.get(), 4);
  }
  const H5Id dataset = checked(H5Dcreate2(file.get(), "data", H5T_NATIVE_UINT16, make_space(shape).get(), H5P_DEFAULT,
                                          creation.get(), H5P_DEFAULT),
                               H5Dclose, path);
  check_h5(H5Dwrite(dataset.get(), H5T_NATIVE_UINT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, make_counts().data()), path);
}

/// This rank's part of the scan's rows, whole chunks, 16 rows (8 MiB) a call.
void read_plainly(const Comm& comm, const std::string& path) {
  constexpr Index rows = 16;
  const Index first = scan / rows * comm.rank() / comm.size() * rows;
  const Index last = scan / rows * (comm.rank() + 1) / comm.size() * rows;
  const Index row_pixels = scan * window * window;
  const auto counts = std::make_unique_for_overwrite<std::uint16_t[]>((last - first) * row_pixels);
  const H5Id file = open_file_read(path);
  const H5Id dataset = open_dataset(file.get(), path, "/data");
  const H5Id space = make_space(shape);
  const std::vector<Index> count{rows, scan, window, window};
  const H5Id memory = make_space(count);
  for (Index row = first; row < last; row += rows) {
    const std::vector<Index> start{row, 0, 0, 0};
    H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, as_hsize(start).data(), nullptr, as_hsize(count).data(), nullptr);
    check_h5(H5Dread(dataset.get(), H5T_NATIVE_UINT16, memory.get(), space.get(), H5P_DEFAULT,
                     counts.get() + (row - first) * row_pixels),
             path);
  }
}

void measure(const Comm& comm, const Layout& layout, const std::string& path, int repetitions) {
  if (comm.is_root()) write_file(path, layout.chunk);
  comm.barrier();
  RunOptions options;
  options.data.file = path;
  options.data.patterns = "/data";
  options.data.positions.reset();
  options.scan.step_A = {1, 1};
  options.detector.pixel_invA = {0.1, 0.1};
  options.beam.energy_eV = 8e4;
  const Experiment experiment = load_experiment(comm, options);
  const Tiling tiling = make_tiling(experiment.placements, experiment.frame, experiment.window, comm.size(), 0);
  const std::vector<Index> mine = tiling.positions_of(comm.rank(), experiment.placements, experiment.window);
  std::vector<double> plain_s, loaded_s, ratios;
  double amplification = 0;
  for (int i = 0; i < repetitions; ++i) {
    const double plain = slowest_s(comm, [&] { read_plainly(comm, path); });
    const double loaded = slowest_s(comm, [&] {
      amplification =
          load_patterns(comm, options, experiment, raw_pixels(comm, options, experiment), mine, DeviceKind::host)
              .read_cost.amplification();
    });
    plain_s.push_back(plain);
    loaded_s.push_back(loaded);
    ratios.push_back(plain / loaded);
  }
  if (!comm.is_root()) return;
  const double mib = static_cast<double>(element_count(shape) * 2) / (1 << 20);
  std::printf(
      "{\"benchmark\": \"read_patterns\", \"layout\": \"%s\", \"ranks\": %d, \"plain_MiB_s\": %.0f, "
      "\"ratio\": %.3f, \"lowest\": %.3f, \"highest\": %.3f, \"ratio_of_shortest\": %.3f, "
      "\"read_amplification\": %.3f}\n",
      layout.name, comm.size(), mib / *std::ranges::min_element(plain_s), median(ratios),
      *std::ranges::min_element(ratios), *std::ranges::max_element(ratios),
      *std::ranges::min_element(plain_s) / *std::ranges::min_element(loaded_s), amplification);
  std::fflush(stdout);
}

int run(int argc, char* argv[]) {
  const Comm comm(MPI_COMM_WORLD);
  const int repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
  const std::filesystem::path folder = argc > 2 ? argv[2] : std::filesystem::temp_directory_path();
  const std::string path = (folder / "tessera_bench_read_patterns.h5").string();
  for (const Layout& layout : layouts) measure(comm, layout, path, repetitions);
  comm.barrier();
  if (comm.is_root()) std::filesystem::remove(path);
  return 0;
}

}  // namespace
}  // namespace tessera

int main(int argc, char* argv[]) {
  MPI_Init(&argc, &argv);
  const int code = tessera::run(argc, argv);
  MPI_Finalize();
  return code;
}
