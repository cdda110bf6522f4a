#include "kernels/halo_pack.hpp"

#include "kernels/launch.hpp"
#include "src/arrays/complex.hpp"

namespace tessera {

namespace {

template <class T>
struct Copy {
  BoxedView<const T> from;
  Box part;
  BoxedView<T> to;
  Moved moved(double points) const { return points * Moved{bytes_of<T>, bytes_of<T>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    to.values(p, part.y0 - to.box.y0 + y, part.x0 - to.box.x0 + x) =
        from.values(p, part.y0 - from.box.y0 + y, part.x0 - from.box.x0 + x);
  }
};

template <class T>
struct Pack {
  BoxedView<const T> from;
  Box part;
  T* buffer;
  Moved moved(double points) const { return points * Moved{bytes_of<T>, bytes_of<T>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    buffer[(p * part.height() + y) * part.width() + x] =
        from.values(p, part.y0 - from.box.y0 + y, part.x0 - from.box.x0 + x);
  }
};

template <class T, bool add>
struct Unpack {
  const T* buffer;
  Box part;
  BoxedView<T> to;
  Moved moved(double points) const { return points * Moved{add ? bytes_of<T, T> : bytes_of<T>, bytes_of<T>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    T& target = to.values(p, part.y0 - to.box.y0 + y, part.x0 - to.box.x0 + x);
    const T value = buffer[(p * part.height() + y) * part.width() + x];
    if constexpr (add)
      target = target + value;
    else
      target = value;
  }
};

}  // namespace

template <class T>
void copy_box(const Lane& lane, const BoxedView<const T>& from, const Box& part, const BoxedView<T>& to) {
  launch(lane, from.values.n, part.height(), part.width(), Copy<T>{.from = from, .part = part, .to = to});
}

template <class T>
void pack_box(const Lane& lane, const BoxedView<const T>& from, const Box& part, T* buffer) {
  launch(lane, from.values.n, part.height(), part.width(), Pack<T>{.from = from, .part = part, .buffer = buffer});
}

template <class T>
void unpack_box(const Lane& lane, const T* buffer, const Box& part, const BoxedView<T>& to) {
  launch(lane, to.values.n, part.height(), part.width(), Unpack<T, false>{.buffer = buffer, .part = part, .to = to});
}

template <class T>
void add_box(const Lane& lane, const T* buffer, const Box& part, const BoxedView<T>& to) {
  launch(lane, to.values.n, part.height(), part.width(), Unpack<T, true>{.buffer = buffer, .part = part, .to = to});
}

template void copy_box(const Lane&, const BoxedView<const float>&, const Box&, const BoxedView<float>&);
template void copy_box(const Lane&, const BoxedView<const double>&, const Box&, const BoxedView<double>&);
template void copy_box(const Lane&, const BoxedView<const Complex<float>>&, const Box&,
                       const BoxedView<Complex<float>>&);
template void copy_box(const Lane&, const BoxedView<const Complex<double>>&, const Box&,
                       const BoxedView<Complex<double>>&);
template void pack_box(const Lane&, const BoxedView<const float>&, const Box&, float*);
template void pack_box(const Lane&, const BoxedView<const double>&, const Box&, double*);
template void pack_box(const Lane&, const BoxedView<const Complex<float>>&, const Box&, Complex<float>*);
template void pack_box(const Lane&, const BoxedView<const Complex<double>>&, const Box&, Complex<double>*);
template void unpack_box(const Lane&, const float*, const Box&, const BoxedView<float>&);
template void unpack_box(const Lane&, const double*, const Box&, const BoxedView<double>&);
template void unpack_box(const Lane&, const Complex<float>*, const Box&, const BoxedView<Complex<float>>&);
template void unpack_box(const Lane&, const Complex<double>*, const Box&, const BoxedView<Complex<double>>&);
template void add_box(const Lane&, const float*, const Box&, const BoxedView<float>&);
template void add_box(const Lane&, const double*, const Box&, const BoxedView<double>&);
template void add_box(const Lane&, const Complex<float>*, const Box&, const BoxedView<Complex<float>>&);
template void add_box(const Lane&, const Complex<double>*, const Box&, const BoxedView<Complex<double>>&);

}  // namespace tessera
