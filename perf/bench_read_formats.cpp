// How fast are files of detectors read, in units of a plain parallel read of the same bytes? 96 x 96 positions: flat
// 16-bit numbers, EMPAD (float, two rows of no use behind each frame), Merlin MIB (16 bits, big-endian, a header before
// each).
//
// `plain`: every rank reads an equal part of the file with pread, 8 MiB a call, into memory of its own. `read`: each
// rank gets the patterns of its tile through PatternReader, and copies them to where they are kept. `loaded`:
// load_patterns, which also checks and turns them. Wall time of the slowest rank, repetitions interleaved: the median
// of the ratios, and the ratio of the shortest times. The files stay in the page cache, so that no disk hides what the
// processor does.
//
//   mpirun -n 2 build/perf/bench_read_formats [repetitions [folder]]

#include <fcntl.h>
#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "io/sources/look.hpp"
#include "perf/slowest.hpp"
#include "src/base/median.hpp"
#include "src/workflow/input/load_patterns.hpp"

namespace tessera {
namespace {

constexpr Index scan = 96;

struct Format {
  const char* name;
  const char* file;
  Index header_bytes, frame_bytes, footer_bytes;
};

const std::vector<Format> formats{{"raw", "frames.dat", 0, 256 * 256 * 2, 0},
                                  {"empad", "scan_x96_y96.raw", 0, 128 * 128 * 4, 1024},
                                  {"mib", "frames.mib", 384, 256 * 256 * 2, 0}};

void write_file(const Format& format, const std::string& path) {
  std::string frame(static_cast<std::size_t>(format.header_bytes + format.frame_bytes + format.footer_bytes), '\0');
  std::strcpy(frame.data(), format.header_bytes > 0 ? "MQ1,000001,00384,01,0256,0256,U16,1x1,01," : "");
  // One count here and there, in each format small numbers.
  const char one[4] = {0, 0, static_cast<char>(0x80), 0x3f};
  for (Index i = 0; i + 4 <= format.frame_bytes; i += 64)
    std::memcpy(frame.data() + format.header_bytes + i, format.footer_bytes > 0 ? one : "\0\1\0\1", 4);
  std::ofstream file(path, std::ios::binary);
  for (Index i = 0; i < scan * scan; ++i) file.write(frame.data(), static_cast<std::streamsize>(frame.size()));
}

void read_plainly(const Comm& comm, const std::string& path) {
  const auto bytes = static_cast<Index>(std::filesystem::file_size(path));
  const Index first = bytes / comm.size() * comm.rank();
  const Index end = comm.rank() + 1 == comm.size() ? bytes : bytes / comm.size() * (comm.rank() + 1);
  const auto memory = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(end - first));
  const int file = open(path.c_str(), O_RDONLY);
  constexpr Index most = Index{8} << 20;
  for (Index at = first; at < end;) {
    const ssize_t got =
        pread(file, memory.get() + (at - first), static_cast<std::size_t>(std::min(most, end - at)), at);
    if (got <= 0) std::abort();
    at += got;
  }
  close(file);
}

void read_patterns(const Comm& comm, const Experiment& experiment, const std::vector<Index>& mine) {
  PatternReader reader(comm, experiment.source);
  const auto bytes = static_cast<std::size_t>(experiment.source.layout.pattern_bytes());
  const auto memory = std::make_unique_for_overwrite<std::byte[]>(mine.size() * bytes);
  std::vector<Index> wanted;
  for (const Index position : mine) wanted.push_back(experiment.pattern_index[static_cast<std::size_t>(position)]);
  reader.read(wanted, [&](std::span<const Index> slots, std::span<const std::byte> patterns) {
    for (std::size_t i = 0; i < slots.size(); ++i)
      std::memcpy(memory.get() + static_cast<std::size_t>(slots[i]) * bytes, patterns.data() + i * bytes, bytes);
  });
}

void measure(const Comm& comm, const Format& format, const std::string& path, int repetitions) {
  if (comm.is_root()) write_file(format, path);
  comm.barrier();
  RunOptions options;
  options.data.file = path;
  options.data.scan_shape = {scan, scan};
  if (std::string(format.name) == "raw") {
    options.data.format = "raw";
    options.data.raw.shape = {256, 256};
    options.data.raw.type = "uint16";
  }
  options.scan.step_A = {1, 1};
  options.detector.pixel_invA = {0.1, 0.1};
  options.beam.energy_eV = 8e4;
  const Experiment experiment = load_experiment(comm, options);
  const Tiling tiling = make_tiling(experiment.placements, experiment.frame, experiment.window, comm.size(), 0);
  const std::vector<Index> mine = tiling.positions_of(comm.rank(), experiment.placements, experiment.window);
  const RawPixels pixels = raw_pixels(comm, options, experiment);
  std::vector<double> plain_s, read_s, loaded_s, read_ratio, loaded_ratio;
  for (int i = 0; i < repetitions; ++i) {
    plain_s.push_back(slowest_s(comm, [&] { read_plainly(comm, path); }));
    read_s.push_back(slowest_s(comm, [&] { read_patterns(comm, experiment, mine); }));
    loaded_s.push_back(
        slowest_s(comm, [&] { load_patterns(comm, options, experiment, pixels, mine, DeviceKind::host); }));
    read_ratio.push_back(plain_s.back() / read_s.back());
    loaded_ratio.push_back(plain_s.back() / loaded_s.back());
  }
  if (!comm.is_root()) return;
  const auto shortest = [](const std::vector<double>& all) { return *std::ranges::min_element(all); };
  const double mib = static_cast<double>(std::filesystem::file_size(path)) / (1 << 20);
  std::printf(
      "{\"benchmark\": \"read_formats\", \"format\": \"%s\", \"ranks\": %d, \"MiB\": %.0f, \"plain_MiB_s\": %.0f, "
      "\"read_ratio\": %.3f, \"read_ratio_of_shortest\": %.3f, \"loaded_ratio\": %.3f, \"loaded_ratio_of_shortest\": "
      "%.3f}\n",
      format.name, comm.size(), mib, mib / shortest(plain_s), median(read_ratio), shortest(plain_s) / shortest(read_s),
      median(loaded_ratio), shortest(plain_s) / shortest(loaded_s));
  std::fflush(stdout);
  std::filesystem::remove(path);
}

int run(int argc, char* argv[]) {
  const Comm comm(MPI_COMM_WORLD);
  const int repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
  const std::filesystem::path folder = argc > 2 ? argv[2] : std::filesystem::temp_directory_path();
  for (const Format& format : formats) measure(comm, format, (folder / format.file).string(), repetitions);
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
