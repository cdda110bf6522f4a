#include "kernels/penalty.hpp"

#include <cmath>

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real>
struct L1Penalty {
  double weight, epsilon;
  View3<const Real> u;
  View3<Real> value, slope;
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const double at = u(s, y, x), root = std::sqrt(at * at + epsilon * epsilon);
    value(s, y, x) = static_cast<Real>(weight * (root - epsilon));
    slope(s, y, x) = static_cast<Real>(slope(s, y, x) + weight * at / root);
  }
};

template <class Real>
struct TvPenalty {
  double weight, epsilon, z_weight;
  BoxedView<const Real> u;
  Box object, owned;
  View3<Real> value, slope;

  /// The three forward differences at object pixel (s, y, x), the z one weighted, and the root of their squares.
  struct Differences {
    double y, x, z, root;
  };
  TESSERA_HD double at(Index s, Index y, Index x) const { return u.values(s, y - u.box.y0, x - u.box.x0); }
  TESSERA_HD Differences differences(Index s, Index y, Index x) const {
    const double here = at(s, y, x);
    const double dy = y + 1 < object.y1 ? at(s, y + 1, x) - here : 0;
    const double dx = x + 1 < object.x1 ? at(s, y, x + 1) - here : 0;
    const double dz = s + 1 < u.values.n ? z_weight * (at(s + 1, y, x) - here) : 0;
    return {dy, dx, dz, std::sqrt(dy * dy + dx * dx + dz * dz + epsilon * epsilon)};
  }
  TESSERA_HD void operator()(Index s, Index row, Index column) const {
    const Index y = owned.y0 + row, x = owned.x0 + column;
    const Differences here = differences(s, y, x);
    double bar = -(here.y + here.x + z_weight * here.z) / here.root;
    if (y > object.y0) {
      const Differences below = differences(s, y - 1, x);
      bar += below.y / below.root;
    }
    if (x > object.x0) {
      const Differences left = differences(s, y, x - 1);
      bar += left.x / left.root;
    }
    if (s > 0) {
      const Differences above = differences(s - 1, y, x);
      bar += z_weight * above.z / above.root;
    }
    value(s, row, column) = static_cast<Real>(weight * (here.root - epsilon));
    slope(s, row, column) = static_cast<Real>(slope(s, row, column) + weight * bar);
  }
};

}  // namespace

template <class Real>
void l1_penalty(const Lane& lane, double weight, double epsilon, View3<const Real> u, View3<Real> value,
                View3<Real> slope) {
  launch(lane, u.n, u.ny, u.nx, L1Penalty<Real>{weight, epsilon, u, value, slope});
}

template <class Real>
void tv_penalty(const Lane& lane, double weight, double epsilon, double z_weight, const BoxedView<const Real>& u,
                const Box& object, const Box& owned, View3<Real> value, View3<Real> slope) {
  launch(lane, value.n, value.ny, value.nx, TvPenalty<Real>{weight, epsilon, z_weight, u, object, owned, value, slope});
}

template void l1_penalty(const Lane&, double, double, View3<const float>, View3<float>, View3<float>);
template void l1_penalty(const Lane&, double, double, View3<const double>, View3<double>, View3<double>);
template void tv_penalty(const Lane&, double, double, double, const BoxedView<const float>&, const Box&, const Box&,
                         View3<float>, View3<float>);
template void tv_penalty(const Lane&, double, double, double, const BoxedView<const double>&, const Box&, const Box&,
                         View3<double>, View3<double>);

}  // namespace tessera
