#pragma once

#include <numbers>
#include <utility>

#include "src/arrays/complex.hpp"

/// FFTs of a few numbers in registers: sizes and places are known when compiling, so that no number needs an address.
namespace tessera {

/// A number known when compiling, passed as an argument; device code cannot call std::integral_constant's.
template <int I>
struct Constant {
  TESSERA_HD constexpr operator int() const { return I; }
};

/// f(constant 0), f(constant 1), ... f(constant Count - 1)
template <int Count, class Function>
TESSERA_HD constexpr void unrolled(const Function& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) { (f(Constant<I>{}), ...); }
  (std::make_integer_sequence<int, Count>{});
}

/// cos(2 pi k/n), by its series: of an angle below pi.
TESSERA_HD constexpr double cosine_of_turn(int k, int n) {
  const int part = k % n;
  const double angle = 2 * std::numbers::pi * (2 * part > n ? n - part : part) / n;
  double sum = 0, term = 1;
  for (int i = 1; i < 40; ++i) {
    sum += term;
    term *= -angle * angle / ((2 * i - 1) * (2 * i));
  }
  return sum;
}

/// a exp(-2 pi i K/N), with as few operations as the angle needs.
template <int K, int N, class Real>
TESSERA_HD constexpr Complex<Real> turned(Complex<Real> a) {
  if constexpr (2 * K >= N) {
    const Complex<Real> opposite = turned<K - N / 2, N>(a);
    return {-opposite.re, -opposite.im};
  } else if constexpr (K == 0) {
    return a;
  } else if constexpr (4 * K == N) {
    return {a.im, -a.re};
  } else if constexpr (8 * K == N || 8 * K == 3 * N) {
    constexpr auto root = static_cast<Real>(std::numbers::sqrt2 / 2);
    const Real sum = root * (a.re + a.im), rest = root * (a.im - a.re);
    return 8 * K == N ? Complex<Real>{sum, rest} : Complex<Real>{rest, -sum};
  } else {
    constexpr auto cosine = static_cast<Real>(cosine_of_turn(K, N));
    constexpr auto sine = static_cast<Real>(cosine_of_turn(4 * K + 3 * N, 4 * N));  // cos(x - pi/2)
    return {a.re * cosine + a.im * sine, a.im * cosine - a.re * sine};
  }
}

/// The size of the first FFTs that one of `size` numbers is made of; 1 for those that are not made of smaller ones.
TESSERA_HD constexpr int first_factor(int size) {
  if (size <= 4) return 1;
  return size % 3 == 0 ? 3 : size == 8 ? 2 : 4;
}

/// X[k] = sum_j x[j] exp(-2 pi i j k/Size) in place of x, for Size = 2, 3, 4 and their products by 4, 2 or 3. With
/// Size = A B, A the first factor: FFTs of x[b + B a] over a, turned by b k/Size, and FFTs over b (Cooley and Tukey).
template <int Size, class Real>
TESSERA_HD constexpr void small_fft(Complex<Real> (&x)[Size]) {
  if constexpr (Size == 2) {
    const Complex<Real> difference = x[0] - x[1];
    x[0] = x[0] + x[1];
    x[1] = difference;
  } else if constexpr (Size == 3) {
    constexpr auto sine = static_cast<Real>(std::numbers::sqrt3 / 2);
    const Complex<Real> sum = x[1] + x[2], difference = x[1] - x[2];
    const Complex<Real> middle{x[0].re - sum.re / 2, x[0].im - sum.im / 2};
    x[0] = x[0] + sum;
    x[1] = {middle.re + sine * difference.im, middle.im - sine * difference.re};
    x[2] = {middle.re - sine * difference.im, middle.im + sine * difference.re};
  } else if constexpr (Size == 4) {
    const Complex<Real> even = x[0] + x[2], odd = x[1] + x[3], a = x[0] - x[2], b = turned<1, 4>(x[1] - x[3]);
    x[0] = even + odd;
    x[1] = a + b;
    x[2] = even - odd;
    x[3] = a - b;
  } else {
    constexpr int A = first_factor(Size), B = Size / A;
    static_assert(A > 1 && A * B == Size);
    unrolled<B>([&](auto b) {
      Complex<Real> line[A];
      unrolled<A>([&](auto a) { line[a] = x[b + B * a]; });
      small_fft<A>(line);
      unrolled<A>([&](auto k) { x[b + B * k] = turned<b * k % Size, Size>(line[k]); });
    });
    Complex<Real> turned_lines[Size];
    unrolled<Size>([&](auto i) { turned_lines[i] = x[i]; });
    unrolled<A>([&](auto k) {
      Complex<Real> line[B];
      unrolled<B>([&](auto b) { line[b] = turned_lines[b + B * k]; });
      small_fft<B>(line);
      unrolled<B>([&](auto r) { x[k + A * r] = line[r]; });
    });
  }
}

}  // namespace tessera
