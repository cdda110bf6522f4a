#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels/launch.hpp"
#include "kernels/likelihood.hpp"

/// Private to kernels/likelihood*.cpp: the losses of one pixel, and the choice of loss, stored type and weights.
namespace tessera {
namespace {

/// d - ln(1 + d), where ratio = 1 + d > 0. With r = d/(2 + d): ln(1 + d) = 2 (r + r^3/3 + r^5/5 + ...) and
/// d - 2 r = r d, so that nothing cancels where d is small. Elsewhere ratio = 2^k f, f within a root of 2 of 1, and the
/// same series of g = f - 1 serves ln f. No branch and no call: loops stay vector code, and need a third less time than
/// with the library's logarithm.
template <class Real>
TESSERA_HD Real excess_over_log(Real d, Real ratio) {
  constexpr bool single = std::is_same_v<Real, float>;
  using Bits = std::conditional_t<single, std::int32_t, std::int64_t>;
  constexpr int fraction = single ? 23 : 52;
  constexpr Bits root_of_half = single ? Bits{0x3f3504f3} : static_cast<Bits>(0x3fe6a09e667f3bcd);
  constexpr Real small = Real{0.5};       // |r| <= 1/3
  constexpr int terms = single ? 6 : 15;  // so that what is left out is less than rounding
  constexpr Real ln2 = static_cast<Real>(0.69314718055994530942);
  Bits bits;
  std::memcpy(&bits, &ratio, sizeof bits);
  const Bits k = (bits - root_of_half) >> fraction;
  bits -= k * (Bits{1} << fraction);
  Real f;
  std::memcpy(&f, &bits, sizeof f);
  const bool near = std::abs(d) < small;
  const Real g = near ? d : f - 1;
  const Real r = g / (2 + g), square = r * r;
  Real series = 0;
  for (int j = terms; j-- > 0;) series = series * square + Real{1} / static_cast<Real>(2 * j + 3);
  const Real excess = r * (g - 2 * square * series);  // g - ln f
  const Real beyond = ratio - (static_cast<Real>(k) * ln2 + f);
  return near ? excess : excess + beyond;  // a choice: a sum would be reordered, and rounded
}

/// The weights of pixels in the fit when nothing is held out.
template <class Real>
struct AllPixels {
  static constexpr bool splits = false;
  View3<const Real> valid;
  TESSERA_HD Real operator()(Index, Index y, Index x) const { return valid(0, y, x); }
};

template <class Real>
struct FittedPixels {
  static constexpr bool splits = true;
  View3<const Real> valid;
  HeldOut held_out;
  TESSERA_HD Real operator()(Index p, Index y, Index x) const {
    return held_out.holds(p, y * valid.nx + x) ? Real{0} : valid(0, y, x);
  }
};

/// The loss of a pixel, split into what is fitted and what is held out; sets the slope of what is fitted.
template <class Real, class Stored, LossKind kind, class Pixels>
struct LossAt {
  static constexpr bool splits = Pixels::splits;
  struct Terms {
    Real fitted, held_out;
  };
  View3<const Stored> counts;
  Real electrons, epsilon;
  Pixels fitted;
  View3<const Real> mu;
  View3<Real> slope;
  Moved moved(double pixels) const { return pixels * Moved{bytes_of<Stored, Real>, bytes_of<Real>}; }
  TESSERA_HD Terms operator()(Index p, Index y, Index x) const {
    const Real m = mu(p, y, x), n = static_cast<Real>(counts(p, y, x)) * electrons, weight = fitted(p, y, x);
    if constexpr (kind == LossKind::weighted) {
      slope(p, y, x) = weight * (m - n);
      return split(y, x, weight, (m - n) * (m - n) / 2);
    } else if constexpr (kind == LossKind::gaussian) {
      const Real variance = n > 1 ? n : Real{1};
      slope(p, y, x) = weight * (m - n) / variance;
      return split(y, x, weight, (m - n) * (m - n) / (2 * variance));
    } else if constexpr (kind == LossKind::poisson) {
      const Real model = m + epsilon, data = n + epsilon;
      slope(p, y, x) = weight * (m - n) / model;
      return split(y, x, weight, data * excess_over_log((m - n) / data, model / data));
    } else {
      const Real model = std::sqrt(m + epsilon), data = std::sqrt(n + epsilon);
      const Real difference = (m - n) / (model + data);  // of the roots, which alone would cancel
      slope(p, y, x) = weight * 2 * difference / model;
      return split(y, x, weight, 2 * difference * difference);
    }
  }
  TESSERA_HD Terms split(Index y, Index x, Real weight, Real loss) const {
    if constexpr (Pixels::splits)
      return {weight * loss, (fitted.valid(0, y, x) - weight) * loss};
    else
      return {weight * loss, 0};
  }
};

/// Calls run(View3<const Stored>) with the patterns in the type they are stored in.
template <class Run>
void with_stored(const StoredPatterns& patterns, Index n, Index ny, Index nx, const Run& run) {
  with_pixel_type(patterns.type, [&](auto stored) {
    using Stored = decltype(stored);
    run(View3<const Stored>{static_cast<const Stored*>(patterns.data), n, ny, nx});
  });
}

/// Calls run(weights of pixels): without a hash where nothing is held out.
template <class Real, class Run>
void with_fitted(const HeldOut& held_out, View3<const Real> valid, const Run& run) {
  if (held_out.any())
    run(FittedPixels<Real>{valid, held_out});
  else
    run(AllPixels<Real>{valid});
}

/// Calls run(LossAt) for a block of patterns.
template <class Real, class Run>
void with_loss(const Loss& loss, const StoredPatterns& patterns, View3<const Real> valid, View3<const Real> mu,
               View3<Real> slope, const Run& run) {
  const Real electrons = static_cast<Real>(patterns.electrons_per_count);
  const Real epsilon = static_cast<Real>(loss.kind == LossKind::anscombe ? 0.375 : loss.epsilon);
  with_stored(patterns, mu.n, mu.ny, mu.nx, [&]<class Stored>(View3<const Stored> counts) {
    with_fitted(patterns.held_out, valid, [&]<class Pixels>(const Pixels& fitted) {
      const auto of = [&]<LossKind kind>() {
        run(LossAt<Real, Stored, kind, Pixels>{counts, electrons, epsilon, fitted, mu, slope});
      };
      switch (loss.kind) {
        case LossKind::poisson:
          return of.template operator()<LossKind::poisson>();
        case LossKind::gaussian:
          return of.template operator()<LossKind::gaussian>();
        case LossKind::weighted:
          return of.template operator()<LossKind::weighted>();
        default:
          return of.template operator()<LossKind::amplitude>();
      }
    });
  });
}

}  // namespace
}  // namespace tessera
