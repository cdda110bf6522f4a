#include "src/workflow/simulate/simulate_specimen.hpp"

#include <algorithm>
#include <cmath>

#include "io/xyz.hpp"
#include "src/model/potential.hpp"

namespace tessera {
namespace {

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

}  // namespace

AtomSpecimen::AtomSpecimen(const Comm& comm, const std::string& file, std::span<const FrameBox> near,
                           double thickness_A, double sigma_rad_per_VA)
    : thickness_A_(thickness_A), sigma_rad_per_VA_(sigma_rad_per_VA) {
  RegionA region = region_of(near.front());
  for (const FrameBox& where : near.subspan(1)) region = hull(region, region_of(where));
  cell_ = read_xyz(comm, file, [&](const Cell& cell, std::span<const Atom> atoms) {
    for (const Atom& atom : atoms) append_images(atom, cell, region, atoms_);
  });
  check_atoms(comm, region);
  n_slices_ = std::max<Index>(1, static_cast<Index>(std::ceil(cell_.z_A / thickness_A_ - 1e-6)));
}

void AtomSpecimen::check_atoms(const Comm& comm, const RegionA& region) const {
  constexpr double nearest_A = 0.3;  // less than half of what any two nuclei keep
  const Index all = comm.sum(static_cast<Index>(atoms_.size()));
  if (all == 0)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format(
            "no atom lies under the scan, whose windows cover y from {:.6g} to {:.6g} and x from {:.6g} to {:.6g} "
            "A{}; check simulate.scan.start_A, scan.step_A and the atoms' unit",
            region.y0_A, region.y1_A, region.x0_A, region.x1_A, comm.size() > 1 ? " on rank 0" : ""),
        true);
  comm.agree([&] {
    if (const auto pair = too_near(atoms_, nearest_A)) {
      const Atom &a = atoms_[pair->first], &b = atoms_[pair->second];
      throw InputError(
          ExitCode::data_wrong,
          fmt::format("atoms of Z = {} and {} lie at one point, ({:.4g}, {:.4g}, {:.4g}) and ({:.4g}, {:.4g}, "
                      "{:.4g}) A in y, x, z; no two may be nearer than {} A, images in a periodic cell "
                      "included",
                      a.Z, b.Z, a.y_A, a.x_A, a.z_A, b.y_A, b.x_A, b.z_A, nearest_A));
    }
  });
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
