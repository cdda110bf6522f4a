#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "src/geometry/atoms.hpp"
#include "src/geometry/scan.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// Half the patch on which the potential of one atom is computed.
inline constexpr double atom_half_width_A = 6;

/// A box of pixels of a frame.
struct FrameBox {
  ObjectFrame frame;
  Box box;
};

/// One slice on the box asked for, [y, x]: its transmission is exp(i phase - absorption).
struct SliceValues {
  std::span<const double> phase_rad;
  std::span<const double> absorption;  ///< empty: none
};
using UseSlice = std::function<void(Index slice, const SliceValues& values)>;

/// What the beam goes through: slices that can be had on any box. A slice's pixel has the same bits whatever the box.
class Specimen {
 public:
  Specimen() = default;
  Specimen(const Specimen&) = delete;
  Specimen& operator=(const Specimen&) = delete;
  virtual ~Specimen() = default;

  /// Distances between neighbouring slices [A], one fewer than slices.
  virtual std::vector<double> gaps_A() const = 0;
  /// Calls `use` for each slice in turn; throws InputError or SystemError on the rank that meets it.
  virtual void slices(const FrameBox& where, const UseSlice& use) const = 0;
  /// The frame of a given object; atoms have none (0 x 0 pixels).
  virtual ObjectFrame own_frame() const { return {}; }
  /// What is unlikely about it, the same on every rank (collective).
  virtual std::vector<std::string> warnings(const Comm&) const { return {}; }
};

/// Slices of the projected potential of atoms, phase = sigma V, each whole atom projected into the slice that holds it.
class AtomSpecimen : public Specimen {
 public:
  /// Atoms of an extended XYZ file that reach the boxes `near` of this rank, read by rank 0 block by block
  /// (collective; throws InputError).
  AtomSpecimen(const Comm& comm, const std::string& file, std::span<const FrameBox> near, double thickness_A,
               double sigma_rad_per_VA);
  std::vector<double> gaps_A() const override;
  void slices(const FrameBox& where, const UseSlice& use) const override;

 private:
  /// Throws InputError when there are none, or two at one point (collective).
  void check_atoms(const Comm& comm, const RegionA& region) const;

  Cell cell_;
  std::vector<Atom> atoms_;  ///< with periodic images, in the order of the file
  double thickness_A_;
  double sigma_rad_per_VA_;
  Index n_slices_ = 1;
};

}  // namespace tessera
