// Reads all patterns of a run file's data as a run does, each rank its own, and writes them as raw numbers for the
// scripts of this folder to compare:
//   mpirun -n 4 dump_patterns run.yaml out.raw [KEY=VALUE ...]
// out.raw.json says shape and type.
#include <fcntl.h>
#include <mpi.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "io/read_patterns.hpp"
#include "io/sources/look.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/options/options.hpp"

namespace tessera {
namespace {

/// A pattern as (ky, kx), element by element.
std::vector<std::byte> as_ky_kx(const SourceDescription& source, const std::byte* frame) {
  const auto bytes = static_cast<std::size_t>(source.layout.pattern_bytes());
  std::vector<std::byte> turned(frame, frame + bytes);
  const Index ny = source.pattern_ny(), nx = source.pattern_nx(), element = bytes_of(source.layout.memory_type);
  for (Index y = 0; y < ny && source.transposed; ++y)
    for (Index x = 0; x < nx; ++x)
      std::copy_n(frame + (x * ny + y) * element, element, turned.begin() + (y * nx + x) * element);
  return turned;
}

int run(const Comm& comm, const std::vector<std::string>& arguments) {
  const std::vector<std::string> sets(arguments.begin() + 2, arguments.end());
  const std::string text = read_run_file(comm, arguments[0]);
  std::string source_bytes;
  comm.agree([&] {
    if (comm.is_root())
      source_bytes = source_text(look_at(source_request(parse_data_options(text, arguments[0], sets))).description);
  });
  comm.broadcast(source_bytes);
  PatternReader reader(comm, source_from_text(source_bytes));
  const SourceDescription& source = reader.source();
  std::vector<Index> mine;
  for (Index i = 0; i < source.map.positions(); ++i)
    if ((7 * i + i / 5) % comm.size() == comm.rank()) mine.push_back(i);
  std::reverse(mine.begin(), mine.end());
  const int out = open(arguments[1].c_str(), O_WRONLY | O_CREAT, 0644);
  const Index bytes = source.layout.pattern_bytes();
  reader.read(mine, [&](std::span<const Index> slots, std::span<const std::byte> patterns) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto turned = as_ky_kx(source, patterns.data() + static_cast<Index>(i) * bytes);
      if (pwrite(out, turned.data(), turned.size(), mine[static_cast<std::size_t>(slots[i])] * bytes) != bytes)
        throw SystemError(ExitCode::cannot_write, "pwrite");
    }
  });
  close(out);
  constexpr const char* names[] = {"uint8", "uint16", "uint32", "float32"};
  if (comm.is_root())
    std::ofstream(arguments[1] + ".json")
        << fmt::format("{{\"shape\": [{}], \"type\": \"{}\", \"format\": \"{}\"}}\n", fmt::join(source.shape(), ", "),
                       names[static_cast<int>(source.layout.memory_type)], source.format);
  return 0;
}

}  // namespace
}  // namespace tessera

int main(int argc, char* argv[]) {
  MPI_Init(&argc, &argv);
  int code = 1;
  {
    const tessera::Comm comm(MPI_COMM_WORLD);
    try {
      code = tessera::run(comm, {argv + 1, argv + argc});
    } catch (const tessera::Error& error) {
      if (comm.is_root()) std::fprintf(stderr, "ERROR: %s\n", error.what());
      code = static_cast<int>(error.code());
      if (!error.agreed()) MPI_Abort(MPI_COMM_WORLD, code);
    }
  }
  MPI_Finalize();
  return code;
}
