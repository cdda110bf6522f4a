#pragma once

#include "src/arrays/lane.hpp"
#include "src/arrays/view.hpp"
#include "src/geometry/box.hpp"

namespace tessera {

/// A [plane, y, x] array whose pixel (0,0) is the corner of `box`.
template <class T>
struct BoxedView {
  View3<T> values;
  Box box;
};

/// to = from over `part`, which lies in both boxes. T is float, double, or a Complex of them.
template <class T>
void copy_box(const Lane& lane, const BoxedView<const T>& from, const Box& part, const BoxedView<T>& to);

/// buffer = from over `part`, [plane, y, x] of the part in C order.
template <class T>
void pack_box(const Lane& lane, const BoxedView<const T>& from, const Box& part, T* buffer);

/// to = buffer over `part`.
template <class T>
void unpack_box(const Lane& lane, const T* buffer, const Box& part, const BoxedView<T>& to);

/// to += buffer over `part`: the adjoint of packing.
template <class T>
void add_box(const Lane& lane, const T* buffer, const Box& part, const BoxedView<T>& to);

}  // namespace tessera
