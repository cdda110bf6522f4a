#pragma once

#include "src/arrays/array.hpp"
#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"
#include "src/model/representation.hpp"

namespace tessera {

/// The object's variables on one box of pixels, and how they make the transmission: the only file that knows the
/// representations. Stored as reals: [phase; absorption] each [slice, y, x]; one number a voxel (phase, potential); or
/// (re, im) pairs of T.
template <class Real>
class ObjectVariables {
 public:
  /// Vacuum: zero phase and absorption, T = 1.
  ObjectVariables(Lane lane, Representation representation, Index slices, Index ny, Index nx,
                  const RepresentationConstants& constants = {});

  Representation representation() const { return representation_; }
  Index voxels() const { return slices_ * ny_ * nx_; }
  Index reals() const { return values_.count(); }
  /// The voxel that real number i belongs to.
  Index voxel_of(Index i) const {
    return representation_ == Representation::complex_transmission ? i / 2 : i % voxels();
  }
  bool is_absorption(Index i) const { return representation_ == Representation::phase_absorption && i >= voxels(); }

  std::vector<Real> values() const { return values_.to_vector(); }
  void set_values(const std::vector<Real>& values) { values_.upload(values); }
  std::vector<Real> gradient() const { return gradient_.to_vector(); }

  /// Phase [rad] per unit of the variable `phase()`: 1 but for potentials.
  double phase_rate() const { return rates_ ? rates_->phase : 1; }

  /// [slice, y, x] the variable that the phase is `phase_rate` times; throws when the representation has no such part.
  View3<Real> phase() { return part(values_, 0); }
  View3<Real> absorption() { return part(values_, 1); }
  View3<Real> phase_gradient() { return part(gradient_, 0); }
  View3<Real> absorption_gradient() { return part(gradient_, 1); }

  /// t = T(variables), [slice, y, x].
  void transmission(View3<Complex<Real>> t) const;
  /// The derivative of t along `direction` (as many reals as there are variables).
  void tangent(View3<const Complex<Real>> t, const Array<Real>& direction, View3<Complex<Real>> d_t) const;
  /// Sets the gradient from that of the transmission.
  void adjoint(View3<const Complex<Real>> t, View3<const Complex<Real>> t_bar);

  /// Sets the variables from a phase [rad] and an absorption per voxel.
  void set_phase_absorption(const std::vector<double>& phase, const std::vector<double>& absorption);

  std::size_t bytes() const { return values_.bytes() + gradient_.bytes(); }

 private:
  View3<Real> part(Array<Real>& array, Index which);
  View3<const Real> part(const Array<Real>& array, Index which) const;

  Lane lane_;
  Representation representation_;
  std::optional<VoxelRates> rates_;  ///< where a voxel has one real number
  Index slices_, ny_, nx_;
  Array<Real> values_, gradient_;
};

}  // namespace tessera
