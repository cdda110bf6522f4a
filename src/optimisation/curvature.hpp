#pragma once

#include "src/optimisation/problem.hpp"

namespace tessera {

/// The Fisher diagonal of one parameter, sum_jk h_jk (d mu_jk/d value_i)^2 over all ranks, at the present values after
/// `Problem::update` (collective). By one tangent sweep a component where there are few (exact when `every` is 1), else
/// by `probes` sweeps with random signs, whose squares average to it. With `every` > 1 only every so many positions of
/// the whole scan count, scaled up; components of positions are then their mean.
template <class Real>
std::vector<double> parameter_curvature(Problem<Real>& problem, Parameter& parameter, Index every, int probes);

/// The light that each of this rank's voxels sees, times 2 a_bl and the share of pixels that is fitted: [plane, y, x]
/// (collective). It is the Fisher diagonal of a weak object under one mode, and what voxels are scaled by.
template <class Real>
std::vector<double> object_light(Problem<Real>& problem);

/// The Fisher diagonal of this rank's voxels [plane, y, x], at the present values after `Problem::update` (collective):
/// the light, times a factor for each plane that random signs find on a sample of positions. It knows the modes'
/// shares, the mask and the losses.
template <class Real>
std::vector<double> object_curvature(Problem<Real>& problem, Index every, int probes);

/// What all electrons of fitted pixels say of a voxel at the most, 2 sum_j |psi_j|^2, where each contributes: the unit
/// of regularisers' weights. It does not move with band limit, modes or states (collective).
template <class Real>
double penalty_unit(Problem<Real>& problem);

/// The light's counterpart for each real number of the probe: 2 a_bl sum_j |T|^2, with |T| = 1, times the same share.
template <class Real>
double probe_curvature(const Problem<Real>& problem);

/// The median over all ranks of the values at or above `floor` (collective): found by bisection, so that no rank
/// gathers anything and the answer does not depend on their number.
double distributed_median(const Comm& comm, std::span<const double> values, double floor);

}  // namespace tessera
