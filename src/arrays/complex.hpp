#pragma once

#include <complex>

#include "src/base/portable.hpp"

namespace tessera {

/// A complex number with the bytes of std::complex and cufftComplex. Our own, because std::complex cannot be used in
/// device code.
template <class Real>
struct Complex {
  Real re = 0;
  Real im = 0;
};

static_assert(sizeof(Complex<float>) == sizeof(std::complex<float>));
static_assert(sizeof(Complex<double>) == sizeof(std::complex<double>));

template <class Real>
TESSERA_HD constexpr Complex<Real> operator+(Complex<Real> a, Complex<Real> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class Real>
TESSERA_HD constexpr Complex<Real> operator-(Complex<Real> a, Complex<Real> b) {
  return {a.re - b.re, a.im - b.im};
}
template <class Real>
TESSERA_HD constexpr Complex<Real> operator*(Complex<Real> a, Complex<Real> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <class Real>
TESSERA_HD constexpr Complex<Real> operator*(Real a, Complex<Real> b) {
  return {a * b.re, a * b.im};
}
template <class Real>
TESSERA_HD constexpr Complex<Real> conj(Complex<Real> a) {
  return {a.re, -a.im};
}
/// |a|^2
template <class Real>
TESSERA_HD constexpr Real norm(Complex<Real> a) {
  return a.re * a.re + a.im * a.im;
}

}  // namespace tessera
