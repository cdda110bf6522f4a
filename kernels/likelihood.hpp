#pragma once

#include "kernels/held_out.hpp"
#include "kernels/pixel_type.hpp"
#include "src/arrays/lane.hpp"
#include "src/arrays/view.hpp"

namespace tessera {

/// Negative log-likelihoods of counts y given the model mu, in deviance form: zero at mu = y, about 1/2 a pixel at the
/// truth for high counts (Thibault & Guizar-Sicairos, New J. Phys. 14 (2012) 063004).
///   poisson    (mu+e) - (y+e) - (y+e) ln((mu+e)/(y+e))
///   amplitude  2 (sqrt(mu+e) - sqrt(y+e))^2;  anscombe: the same with e = 3/8
///   gaussian   (mu-y)^2 / (2 max(y, 1))
///   weighted   (mu-y)^2 / 2, times a fixed weight: of counts that need not be positive
enum class LossKind { poisson, amplitude, anscombe, gaussian, weighted };

struct Loss {
  LossKind kind = LossKind::poisson;
  double epsilon = 0.1;  ///< e above [electrons]
};

/// Measured patterns of a batch, as stored: [position, y, x], zero frequency at [0,0].
struct StoredPatterns {
  const void* data = nullptr;
  PixelType type = PixelType::uint16;
  double electrons_per_count = 1;
  HeldOut held_out{};
};

// `fitted` below is `valid` [1, y, x], 1 or 0 (for weighted the inverse of a variance or 0), but 0 where the patterns'
// `held_out` holds the pixel.

/// value(p, y, x) = fitted loss(mu, y) and slope = fitted d loss/d mu; held_out_value = (valid - fitted) loss is
/// written when something is held out. `slope` may be `mu`.
template <class Real>
void likelihood(const Lane& lane, const Loss& loss, const StoredPatterns& patterns, View3<const Real> valid,
                View3<const Real> mu, View3<Real> value, View3<Real> held_out_value, View3<Real> slope);

/// The same losses summed over rows part, part + parts, ... of a column x: fitted(p, part, x), and held_out when
/// something is held out, of [position, parts, nx]. For a GPU, which so reads and writes no losses of pixels.
template <class Real>
void likelihood_parts(const Lane& lane, const Loss& loss, const StoredPatterns& patterns, View3<const Real> valid,
                      View3<const Real> mu, View3<double> fitted, View3<double> held_out, View3<Real> slope);

/// weight = fitted h, h = E[d^2 loss/d mu^2]: 1/(mu + e) for poisson, amplitude and anscombe, 1/max(y, 1) for gaussian,
/// 1 for weighted. `weight` may be `mu`.
template <class Real>
void likelihood_curvature(const Lane& lane, const Loss& loss, const StoredPatterns& patterns, View3<const Real> valid,
                          View3<const Real> mu, View3<Real> weight);

/// difference = fitted |sqrt(mu) - sqrt(y)| and root = fitted sqrt(y): the two sums of the R factor.
template <class Real>
void amplitude_residual(const Lane& lane, const StoredPatterns& patterns, View3<const Real> valid, View3<const Real> mu,
                        View3<Real> difference, View3<Real> root);

/// Their counterparts for the weighted loss: difference = sqrt(fitted) |mu - y| and root = sqrt(fitted) |y|.
template <class Real>
void weighted_residual(const Lane& lane, const StoredPatterns& patterns, View3<const Real> valid, View3<const Real> mu,
                       View3<Real> difference, View3<Real> root);

/// expected(p, y, x) = fitted E[loss | mu], from `table` [1, 1, n]: values at mu = first exp(i step), straight lines
/// between them in ln mu; below it falls in proportion to mu, above it is constant.
template <class Real>
void expected_loss(const Lane& lane, View3<const Real> table, Real log_first, Real log_step,
                   const StoredPatterns& patterns, View3<const Real> valid, View3<const Real> mu, View3<Real> expected);

}  // namespace tessera
