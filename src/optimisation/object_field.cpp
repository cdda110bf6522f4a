#include "src/optimisation/object_field.hpp"

namespace tessera {

template <class Real>
ObjectField<Real>::ObjectField(const Comm& comm, const ExchangePlace& place, Representation representation,
                               Index planes, const Tiling& tiling, const RepresentationConstants& constants)
    : planes_(planes),
      variables_(Lane(place.device, place.profile), representation, planes, tiling.owned[comm.rank()].height(),
                 tiling.owned[comm.rank()].width(), constants),
      owned_t_(place.device, variables_.voxels()),
      owned_t_bar_(place.device, variables_.voxels()),
      exchange_(comm, place, make_overlap_plan(comm.rank(), tiling.owned, tiling.work), planes) {}

template <class Real>
void ObjectField<Real>::follow(const Comm& comm, const Tiling& tiling) {
  exchange_.replan(make_overlap_plan(comm.rank(), tiling.owned, tiling.work));
}

template <class Real>
void ObjectField<Real>::compute() {
  variables_.transmission(owned_t());
}

template <class Real>
void ObjectField<Real>::compute_tangent(const Array<Real>& direction) {
  variables_.tangent(owned_t(), direction, owned_t_bar());
}

template <class Real>
void ObjectField<Real>::refresh_tangent(View3<Complex<Real>> work) {
  exchange_.refresh(owned_t_bar(), work);
}

template class ObjectField<float>;
template class ObjectField<double>;

}  // namespace tessera
