#include "src/model/object_variables.hpp"

#include <cmath>

#include "kernels/transmission.hpp"

namespace tessera {

template <class Real>
ObjectVariables<Real>::ObjectVariables(Lane lane, Representation representation, Index slices, Index ny, Index nx,
                                       const RepresentationConstants& constants)
    : lane_(std::move(lane)),
      representation_(representation),
      rates_(voxel_rates(representation, constants)),
      slices_(slices),
      ny_(ny),
      nx_(nx),
      values_(lane_.device(), (rates_ ? 1 : 2) * voxels()),
      gradient_(lane_.device(), (rates_ ? 1 : 2) * voxels()) {
  const std::vector<double> zero(static_cast<std::size_t>(voxels()), 0.0);
  set_phase_absorption(zero, zero);
}

template <class Real>
View3<Real> ObjectVariables<Real>::part(Array<Real>& array, Index which) {
  TESSERA_ASSERT(representation_ != Representation::complex_transmission && (which + 1) * voxels() <= reals(), which);
  return {array.data() + which * voxels(), slices_, ny_, nx_};
}

template <class Real>
View3<const Real> ObjectVariables<Real>::part(const Array<Real>& array, Index which) const {
  if ((which + 1) * voxels() > array.count() || voxels() == 0) return {};
  return {array.data() + which * voxels(), slices_, ny_, nx_};
}

template <class Real>
void ObjectVariables<Real>::set_phase_absorption(const std::vector<double>& phase,
                                                 const std::vector<double>& absorption) {
  std::vector<Real> values(static_cast<std::size_t>(reals()));
  for (Index i = 0; i < reals(); ++i) {
    const auto voxel = static_cast<std::size_t>(voxel_of(i));
    if (representation_ == Representation::complex_transmission) {
      const double amplitude = std::exp(-absorption[voxel]);
      values[i] = static_cast<Real>(amplitude * (i % 2 == 0 ? std::cos(phase[voxel]) : std::sin(phase[voxel])));
    } else {
      values[i] = static_cast<Real>(is_absorption(i) ? absorption[voxel] : phase[voxel] / phase_rate());
    }
  }
  values_.upload(values);
}

template <class Real>
void ObjectVariables<Real>::transmission(View3<Complex<Real>> t) const {
  if (voxels() == 0) return;
  if (representation_ == Representation::complex_transmission)
    return copy_bytes(lane_.device(), t.data, values_.data(), values_.bytes());
  if (rates_) return rated_transmission<Real>(lane_, rates_->phase, rates_->absorption, part(values_, 0), t);
  tessera::transmission<Real>(lane_, part(values_, 0), part(values_, 1), t);
}

template <class Real>
void ObjectVariables<Real>::tangent(View3<const Complex<Real>> t, const Array<Real>& direction,
                                    View3<Complex<Real>> d_t) const {
  TESSERA_ASSERT(direction.count() == reals(), direction.count(), reals());
  if (voxels() == 0) return;
  if (representation_ == Representation::complex_transmission)
    return copy_bytes(lane_.device(), d_t.data, direction.data(), direction.bytes());
  if (rates_)
    return rated_transmission_tangent<Real>(lane_, rates_->phase, rates_->absorption, t, part(direction, 0), d_t);
  transmission_tangent<Real>(lane_, t, part(direction, 0), part(direction, 1), d_t);
}

template <class Real>
void ObjectVariables<Real>::adjoint(View3<const Complex<Real>> t, View3<const Complex<Real>> t_bar) {
  if (voxels() == 0) return;
  if (representation_ == Representation::complex_transmission)
    return copy_bytes(lane_.device(), gradient_.data(), t_bar.data, gradient_.bytes());
  if (rates_)
    return rated_transmission_adjoint<Real>(lane_, rates_->phase, rates_->absorption, t, t_bar, part(gradient_, 0));
  transmission_adjoint<Real>(lane_, t, t_bar, part(gradient_, 0), part(gradient_, 1));
}

template class ObjectVariables<float>;
template class ObjectVariables<double>;

}  // namespace tessera
