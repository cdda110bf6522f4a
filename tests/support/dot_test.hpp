#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "src/arrays/complex.hpp"
#include "src/base/index.hpp"

namespace tessera::testing {

/// sum a b of reals, in double precision.
template <class A, class B>
double dot(const A& a, const B& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// Re sum conj(a) b: the inner product under which z_bar = df/dRe z + i df/dIm z is the gradient.
template <class Real>
double dot(std::span<const Complex<Real>> a, std::span<const Complex<Real>> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i].re) * static_cast<double>(b[i].re) +
           static_cast<double>(a[i].im) * static_cast<double>(b[i].im);
  return sum;
}

/// How far two sides of a dot test are apart, relative to them.
inline double relative_gap(double a, double b) {
  return std::abs(a - b) / std::max({std::abs(a), std::abs(b), 1e-300});
}

/// |a - b| / |b| of two lists of reals.
template <class A, class B>
double relative_difference(const A& a, const B& b) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double here = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    difference += here * here;
    norm += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return std::sqrt(difference / std::max(norm, 1e-300));
}

}  // namespace tessera::testing
