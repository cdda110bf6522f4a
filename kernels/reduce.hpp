#pragma once

#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"

namespace tessera {

/// Sums [n, ny, nx] in double precision, in an order that depends on the shape alone.
template <class Real>
double sum(const Lane& lane, View3<const Real> values);

/// sum a(p, y, x) b(p, y, x) in double precision, in an order that depends on the shape alone.
template <class Real>
double sum_product(const Lane& lane, View3<const Real> a, View3<const Real> b);

/// squared(p, y, x) = values^2.
template <class Real>
void square(const Lane& lane, View3<const Real> values, View3<Real> squared);

}  // namespace tessera
