#pragma once

#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"

namespace tessera {

// Sums are in double precision, in an order that depends on the shape and the kind of device alone. They stay on the
// device, at `to`, so that a sweep does not wait for each of them.

/// *to = sum of [n, ny, nx] values.
template <class Real>
void sum(const Lane& lane, View3<const Real> values, double* to);

/// *to = sum a(p, y, x) b(p, y, x).
template <class Real>
void sum_product(const Lane& lane, View3<const Real> a, View3<const Real> b, double* to);

/// The same for who needs the value now; the host waits.
template <class Real>
double sum(const Lane& lane, View3<const Real> values);
template <class Real>
double sum_product(const Lane& lane, View3<const Real> a, View3<const Real> b);

/// *to = value.
void set_number(const Lane& lane, double value, double* to);

/// product(p, y, x) = a b; it may be one of them.
template <class Real>
void multiply(const Lane& lane, View3<const Real> a, View3<const Real> b, View3<Real> product);

}  // namespace tessera
