#pragma once

#include "kernels/halo_pack.hpp"

namespace tessera {

/// Smoothed L1: value = weight (sqrt(u^2 + e^2) - e), slope += weight u / sqrt(u^2 + e^2); all [slice, y, x].
template <class Real>
void l1_penalty(const Lane& lane, double weight, double epsilon, View3<const Real> u, View3<Real> value,
                View3<Real> slope);

/// Isotropic total variation with its own z weight, forward differences, nothing beyond the object (Neumann):
///   value = weight (sqrt(|grad_xy u|^2 + z_weight^2 (d_z u)^2 + e^2) - e).
/// `u` covers the owned box and one pixel around it, cut at the object's border; `value` and `slope` cover `owned`.
/// The slope at a voxel gathers its own term and those of its three lower neighbours, so nothing is sent back.
template <class Real>
void tv_penalty(const Lane& lane, double weight, double epsilon, double z_weight, const BoxedView<const Real>& u,
                const Box& object, const Box& owned, View3<Real> value, View3<Real> slope);

}  // namespace tessera
