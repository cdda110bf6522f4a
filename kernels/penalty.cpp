#include "kernels/penalty.hpp"

#include <cmath>

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real>
struct L1Penalty {
  double weight, epsilon;
  View3<const Real> c, u;
  View3<Real> value, slope;
  Moved moved(double points) const { return points * Moved{(c.data ? 3 : 2) * bytes_of<Real>, bytes_of<Real, Real>}; }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const double at = u(s, y, x), root = std::sqrt(at * at + epsilon * epsilon);
    const double here = c.data ? weight * static_cast<double>(c(s, y, x)) : weight;
    value(s, y, x) = static_cast<Real>(here * (root - epsilon));
    slope(s, y, x) = static_cast<Real>(slope(s, y, x) + here * at / root);
  }
};

template <class Real>
struct L2Penalty {
  double weight;
  View3<const Real> u;
  View3<Real> value, slope;
  Moved moved(double points) const { return points * Moved{bytes_of<Real, Real>, bytes_of<Real, Real>}; }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const double at = u(s, y, x);
    value(s, y, x) = static_cast<Real>(weight / 2 * at * at);
    slope(s, y, x) = static_cast<Real>(slope(s, y, x) + weight * at);
  }
};

template <class Real>
struct ZPenalty {
  double weight;
  Index slices;
  View3<const Real> u;
  View3<Real> value, slope;
  TESSERA_HD double step_from(Index s, Index y, Index x) const {
    return (s + 1) % slices != 0 ? static_cast<double>(u(s + 1, y, x)) - static_cast<double>(u(s, y, x)) : 0;
  }
  Moved moved(double points) const { return points * Moved{bytes_of<Real, Real>, bytes_of<Real, Real>}; }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const double up = step_from(s, y, x), down = s > 0 ? step_from(s - 1, y, x) : 0;
    value(s, y, x) = static_cast<Real>(weight / 2 * up * up);
    slope(s, y, x) = static_cast<Real>(slope(s, y, x) + weight * (down - up));
  }
};

template <class Real>
struct StatePenalty {
  double weight;
  Index slices;
  View3<const Real> u;
  View3<Real> value, slope;
  Moved moved(double points) const { return points * Moved{bytes_of<Real, Real>, bytes_of<Real, Real>}; }
  TESSERA_HD void operator()(Index plane, Index y, Index x) const {
    const Index states = u.n / slices;
    double mean = 0;
    for (Index state = 0; state < states; ++state) mean += u(state * slices + plane % slices, y, x);
    const double apart = u(plane, y, x) - mean / static_cast<double>(states);
    value(plane, y, x) = static_cast<Real>(weight / 2 * apart * apart);
    slope(plane, y, x) += static_cast<Real>(weight * apart);
  }
};

template <class Real>
struct RatioPenalty {
  double weight, ratio;
  View3<const Real> p, a;
  View3<Real> value, p_slope, a_slope;
  Moved moved(double points) const { return points * Moved{4 * bytes_of<Real>, 3 * bytes_of<Real>}; }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const double apart = static_cast<double>(a(s, y, x)) - ratio * static_cast<double>(p(s, y, x));
    value(s, y, x) = static_cast<Real>(weight / 2 * apart * apart);
    p_slope(s, y, x) = static_cast<Real>(p_slope(s, y, x) - weight * ratio * apart);
    a_slope(s, y, x) = static_cast<Real>(a_slope(s, y, x) + weight * apart);
  }
};

template <class Real>
struct TvPenalty {
  double weight, epsilon;
  DifferenceWeights weights;
  BoxedView<const Real> u;
  Box object, owned;
  View3<Real> value, slope;

  /// The three weighted forward differences at object pixel (s, y, x), and the root of their squares.
  struct Differences {
    double y, x, z, root;
  };
  TESSERA_HD double at(Index s, Index y, Index x) const { return u.values(s, y - u.box.y0, x - u.box.x0); }
  TESSERA_HD Differences differences(Index s, Index y, Index x) const {
    const double here = at(s, y, x);
    const double dy = y + 1 < object.y1 ? weights.y * (at(s, y + 1, x) - here) : 0;
    const double dx = x + 1 < object.x1 ? weights.x * (at(s, y, x + 1) - here) : 0;
    const double dz = (s + 1) % weights.slices != 0 ? weights.z * (at(s + 1, y, x) - here) : 0;
    return {dy, dx, dz, std::sqrt(dy * dy + dx * dx + dz * dz + epsilon * epsilon)};
  }
  Moved moved(double points) const { return points * Moved{bytes_of<Real, Real>, bytes_of<Real, Real>}; }
  TESSERA_HD void operator()(Index s, Index row, Index column) const {
    const Index y = owned.y0 + row, x = owned.x0 + column;
    const Differences here = differences(s, y, x);
    double bar = -(weights.y * here.y + weights.x * here.x + weights.z * here.z) / here.root;
    if (y > object.y0) {
      const Differences below = differences(s, y - 1, x);
      bar += weights.y * below.y / below.root;
    }
    if (x > object.x0) {
      const Differences left = differences(s, y, x - 1);
      bar += weights.x * left.x / left.root;
    }
    if (s > 0) {
      const Differences above = differences(s - 1, y, x);
      bar += weights.z * above.z / above.root;
    }
    value(s, row, column) = static_cast<Real>(weight * (here.root - epsilon));
    slope(s, row, column) = static_cast<Real>(slope(s, row, column) + weight * bar);
  }
};

}  // namespace

template <class Real>
void l1_penalty(const Lane& lane, double weight, double epsilon, View3<const Real> c, View3<const Real> u,
                View3<Real> value, View3<Real> slope) {
  launch(lane, u.n, u.ny, u.nx, L1Penalty<Real>{weight, epsilon, c, u, value, slope});
}

template <class Real>
void l2_penalty(const Lane& lane, double weight, View3<const Real> u, View3<Real> value, View3<Real> slope) {
  launch(lane, u.n, u.ny, u.nx, L2Penalty<Real>{weight, u, value, slope});
}

template <class Real>
void tv_penalty(const Lane& lane, double weight, double epsilon, const DifferenceWeights& weights,
                const BoxedView<const Real>& u, const Box& object, const Box& owned, View3<Real> value,
                View3<Real> slope) {
  launch(lane, value.n, value.ny, value.nx, TvPenalty<Real>{weight, epsilon, weights, u, object, owned, value, slope});
}

template <class Real>
void z_penalty(const Lane& lane, double weight, Index slices, View3<const Real> u, View3<Real> value,
               View3<Real> slope) {
  launch(lane, u.n, u.ny, u.nx, ZPenalty<Real>{weight, slices, u, value, slope});
}

template <class Real>
void state_penalty(const Lane& lane, double weight, Index slices, View3<const Real> u, View3<Real> value,
                   View3<Real> slope) {
  launch(lane, u.n, u.ny, u.nx, StatePenalty<Real>{weight, slices, u, value, slope});
}

template <class Real>
void ratio_penalty(const Lane& lane, double weight, double ratio, View3<const Real> p, View3<const Real> a,
                   View3<Real> value, View3<Real> p_slope, View3<Real> a_slope) {
  launch(lane, p.n, p.ny, p.nx, RatioPenalty<Real>{weight, ratio, p, a, value, p_slope, a_slope});
}

template void l1_penalty(const Lane&, double, double, View3<const float>, View3<const float>, View3<float>,
                         View3<float>);
template void l2_penalty(const Lane&, double, View3<const float>, View3<float>, View3<float>);
template void tv_penalty(const Lane&, double, double, const DifferenceWeights&, const BoxedView<const float>&,
                         const Box&, const Box&, View3<float>, View3<float>);
template void z_penalty(const Lane&, double, Index, View3<const float>, View3<float>, View3<float>);
template void state_penalty(const Lane&, double, Index, View3<const float>, View3<float>, View3<float>);
template void ratio_penalty(const Lane&, double, double, View3<const float>, View3<const float>, View3<float>,
                            View3<float>, View3<float>);
template void l1_penalty(const Lane&, double, double, View3<const double>, View3<const double>, View3<double>,
                         View3<double>);
template void l2_penalty(const Lane&, double, View3<const double>, View3<double>, View3<double>);
template void tv_penalty(const Lane&, double, double, const DifferenceWeights&, const BoxedView<const double>&,
                         const Box&, const Box&, View3<double>, View3<double>);
template void z_penalty(const Lane&, double, Index, View3<const double>, View3<double>, View3<double>);
template void state_penalty(const Lane&, double, Index, View3<const double>, View3<double>, View3<double>);
template void ratio_penalty(const Lane&, double, double, View3<const double>, View3<const double>, View3<double>,
                            View3<double>, View3<double>);

}  // namespace tessera
