#include "src/workflow/simulate/simulate_specimen.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <utility>

#include "src/base/error.hpp"
#include "src/model/potential.hpp"

namespace tessera {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;

/// The box in the coordinates of the atoms, with all that reaches into it.
RegionA region_of(const FrameBox& where) {
  const PointYX reach = PotentialProjector(where.frame, atom_half_width_A).reach_A();
  const auto at = [](double origin_A, Index pixel, double pixel_A) {
    return origin_A + static_cast<double>(pixel) * pixel_A;
  };
  const ObjectFrame& f = where.frame;
  return {at(f.origin_A.y, where.box.y0, f.dy_A) - reach.y, at(f.origin_A.x, where.box.x0, f.dx_A) - reach.x,
          at(f.origin_A.y, where.box.y1, f.dy_A) + reach.y, at(f.origin_A.x, where.box.x1, f.dx_A) + reach.x};
}

RegionA hull(const RegionA& a, const RegionA& b) {
  return {std::min(a.y0_A, b.y0_A), std::min(a.x0_A, b.x0_A), std::max(a.y1_A, b.y1_A), std::max(a.x1_A, b.x1_A)};
}

/// Lines of a text file, which rank 0 reads and every rank gets.
class SharedLines {
 public:
  SharedLines(const Comm& comm, const std::string& file) : comm_(comm) {
    comm_.agree([&] {
      if (!comm_.is_root()) return;
      stream_.open(file);
      if (!stream_) throw InputError(ExitCode::data_missing, fmt::format("simulate.atoms: cannot open '{}'", file));
    });
  }
  /// At most `max_lines` whole lines, about a mebibyte; empty at the end of the file (collective).
  std::string next(Index max_lines) {
    std::string block, line;
    if (comm_.is_root()) {
      for (Index i = 0; i < max_lines && block.size() < block_bytes && std::getline(stream_, line); ++i) {
        block += line + '\n';
      }
    }
    comm_.broadcast(block);
    return block;
  }

 private:
  const Comm& comm_;
  std::ifstream stream_;
};

}  // namespace

AtomSpecimen::AtomSpecimen(const Comm& comm, const std::string& file, std::span<const FrameBox> near,
                           double thickness_A, double sigma_rad_per_VA)
    : thickness_A_(thickness_A), sigma_rad_per_VA_(sigma_rad_per_VA) {
  RegionA region = region_of(near.front());
  for (const FrameBox& where : near.subspan(1)) region = hull(region, region_of(where));
  read(comm, file, region);
  n_slices_ = std::max<Index>(1, static_cast<Index>(std::ceil(cell_.z_A / thickness_A_ - 1e-6)));
}

void AtomSpecimen::read(const Comm& comm, const std::string& file, const RegionA& region) {
  SharedLines lines(comm, file);
  const std::string count = lines.next(1), comment = lines.next(1);
  XyzHeader header;
  comm.agree([&] {
    const auto chomp = [](const std::string& line) { return line.substr(0, line.find('\n')); };
    header = parse_xyz_header(chomp(count), chomp(comment));
  });
  cell_ = header.cell;
  Index line = 3, n_read = 0;
  constexpr Index many = std::numeric_limits<Index>::max();
  for (std::string block = lines.next(many); !block.empty(); block = lines.next(many)) {
    comm.agree([&] {
      const std::vector<Atom> atoms = parse_xyz_atoms(block, header, line);
      n_read += static_cast<Index>(atoms.size());
      for (const Atom& atom : atoms) append_images(atom, cell_, region, atoms_);
    });
    line += std::count(block.begin(), block.end(), '\n');
  }
  if (n_read != header.n_atoms) {
    throw InputError(ExitCode::data_wrong,
                     fmt::format("simulate.atoms: '{}' announces {} atoms and holds {}", file, header.n_atoms, n_read),
                     true);
  }
}

std::vector<double> AtomSpecimen::gaps_A() const {
  return std::vector<double>(static_cast<std::size_t>(n_slices_ - 1), thickness_A_);
}

void AtomSpecimen::slices(const FrameBox& where, const UseSlice& use) const {
  PotentialProjector projector(where.frame, atom_half_width_A);
  std::vector<double> slice_values(static_cast<std::size_t>(where.box.count()));
  for (Index slice = 0; slice < n_slices_; ++slice) {
    std::fill(slice_values.begin(), slice_values.end(), 0.0);
    for (const Atom& atom : atoms_) {
      if (slice_of(atom.z_A, thickness_A_, n_slices_) == slice) projector.add(atom, where.box, slice_values);
    }
    for (double& value : slice_values) value *= sigma_rad_per_VA_;
    use(slice, {slice_values, {}});
  }
}

}  // namespace tessera
