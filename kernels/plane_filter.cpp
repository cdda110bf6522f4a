#include "kernels/plane_filter.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real>
struct MixPlanes {
  double old, factor;
  View3<const double> matrix;
  BoxedView<const Real> in;
  BoxedView<Real> out;
  Moved moved(double points) const {
    const double read = points * static_cast<double>(matrix.nx) / static_cast<double>(matrix.ny);
    return bytes_of<Real> * Moved{read + (old != 0 ? points : 0), points};
  }
  TESSERA_HD void operator()(Index m, Index y, Index x) const {
    const Index in_y = y + out.box.y0 - in.box.y0, in_x = x + out.box.x0 - in.box.x0;
    double sum = 0;
    for (Index s = 0; s < matrix.nx; ++s) sum += matrix(0, m, s) * static_cast<double>(in.values(s, in_y, in_x));
    const double before = old * static_cast<double>(out.values(m, y, x));
    out.values(m, y, x) = static_cast<Real>(before + factor * sum);
  }
};

template <class Real>
struct FilterPlanes {
  View3<const double> taps;
  BoxedView<const Real> in;
  BoxedView<Real> out;
  Moved moved(double points) const { return points * Moved{bytes_of<Real>, bytes_of<Real>}; }
  TESSERA_HD void operator()(Index m, Index y, Index x) const {
    const Index first_y = y + out.box.y0 - in.box.y0 - taps.ny / 2, first_x = x + out.box.x0 - in.box.x0 - taps.nx / 2;
    double sum = 0;
    for (Index j = 0; j < taps.ny; ++j) {
      if (first_y + j < 0 || first_y + j >= in.values.ny) continue;
      for (Index i = 0; i < taps.nx; ++i)
        if (first_x + i >= 0 && first_x + i < in.values.nx)
          sum += taps(m, j, i) * static_cast<double>(in.values(m, first_y + j, first_x + i));
    }
    out.values(m, y, x) = static_cast<Real>(sum);
  }
};

}  // namespace

template <class Real>
void mix_planes(const Lane& lane, double old, double factor, View3<const double> matrix,
                const BoxedView<const Real>& in, const BoxedView<Real>& out) {
  launch(lane, matrix.ny, out.values.ny, out.values.nx, MixPlanes<Real>{old, factor, matrix, in, out});
}

template <class Real>
void filter_planes(const Lane& lane, View3<const double> taps, const BoxedView<const Real>& in,
                   const BoxedView<Real>& out) {
  launch(lane, taps.n, out.values.ny, out.values.nx, FilterPlanes<Real>{taps, in, out});
}

template void mix_planes(const Lane&, double, double, View3<const double>, const BoxedView<const float>&,
                         const BoxedView<float>&);
template void mix_planes(const Lane&, double, double, View3<const double>, const BoxedView<const double>&,
                         const BoxedView<double>&);
template void filter_planes(const Lane&, View3<const double>, const BoxedView<const float>&, const BoxedView<float>&);
template void filter_planes(const Lane&, View3<const double>, const BoxedView<const double>&, const BoxedView<double>&);

}  // namespace tessera
