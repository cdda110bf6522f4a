#pragma once

#include "kernels/halo_pack.hpp"

namespace tessera {

/// Smoothed L1: value = weight c (sqrt(u^2 + e^2) - e), slope += weight c u / sqrt(u^2 + e^2); all [slice, y, x]. An
/// empty view of the voxels' own weights c stands for ones.
template <class Real>
void l1_penalty(const Lane& lane, double weight, double epsilon, View3<const Real> c, View3<const Real> u,
                View3<Real> value, View3<Real> slope);

/// Tikhonov: value = weight/2 u^2, slope += weight u.
template <class Real>
void l2_penalty(const Lane& lane, double weight, View3<const Real> u, View3<Real> value, View3<Real> slope);

/// What differences are multiplied by. Planes are states of `slices` slices each; none is a neighbour across states.
struct DifferenceWeights {
  double y = 1;
  double x = 1;
  double z = 0;
  Index slices = 1;
};

/// Isotropic total variation, forward differences, nothing beyond the object (Neumann):
///   value = weight (sqrt((w_y d_y u)^2 + (w_x d_x u)^2 + (w_z d_z u)^2 + e^2) - e).
/// `u` covers the owned box and at least one pixel around it, cut at the object's border; `value` and `slope` cover
/// `owned`. The slope at a voxel gathers its own term and those of its three lower neighbours: nothing is sent back.
template <class Real>
void tv_penalty(const Lane& lane, double weight, double epsilon, const DifferenceWeights& weights,
                const BoxedView<const Real>& u, const Box& object, const Box& owned, View3<Real> value,
                View3<Real> slope);

/// Squared differences between slices: value = weight/2 (u_{s+1} - u_s)^2 (0 for the last of a state), and its slope.
template <class Real>
void z_penalty(const Lane& lane, double weight, Index slices, View3<const Real> u, View3<Real> value,
               View3<Real> slope);

/// Differences between states of the object, planes [state, slice]: value = weight/2 (u - mean of the states)^2, and
/// the slope weight (u - mean), as the deviations add up to nothing.
template <class Real>
void state_penalty(const Lane& lane, double weight, Index slices, View3<const Real> u, View3<Real> value,
                   View3<Real> slope);

/// value = weight/2 (a - ratio p)^2; both slopes += theirs.
template <class Real>
void ratio_penalty(const Lane& lane, double weight, double ratio, View3<const Real> p, View3<const Real> a,
                   View3<Real> value, View3<Real> p_slope, View3<Real> a_slope);

}  // namespace tessera
