#include "kernels/likelihood.hpp"

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "kernels/launch.hpp"

namespace tessera {

namespace {

/// d - ln(1 + d), where ratio = 1 + d. The two terms are nearly equal for small d; there r = d/(2 + d) helps, as
/// d - 2 r = r d and ln(1 + d) = 2 (r + r^3/3 + r^5/5 + ...). Both ways are always computed: loops stay vector code.
template <class Real>
TESSERA_HD Real excess_over_log(Real d, Real ratio) {
  constexpr Real small = Real{0.5};                            // |r| <= 1/3
  constexpr int terms = std::is_same_v<Real, float> ? 6 : 15;  // so that what is left out is less than rounding
  const Real r = d / (2 + d), square = r * r;
  Real series = 0;
  for (int k = terms; k-- > 0;) series = series * square + Real{1} / static_cast<Real>(2 * k + 3);
  return std::abs(d) < small ? r * (d - 2 * square * series) : d - std::log(ratio);
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

template <class Real, class Stored, LossKind kind, class Pixels>
struct Likelihood {
  View3<const Stored> counts;
  Real electrons, epsilon;
  Pixels fitted;
  View3<const Real> mu;
  View3<Real> value, held_out_value, slope;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real m = mu(p, y, x), n = static_cast<Real>(counts(p, y, x)) * electrons, weight = fitted(p, y, x);
    if constexpr (kind == LossKind::weighted) {
      set(p, y, x, weight, (m - n) * (m - n) / 2);
      slope(p, y, x) = weight * (m - n);
    } else if constexpr (kind == LossKind::gaussian) {
      const Real variance = n > 1 ? n : Real{1};
      set(p, y, x, weight, (m - n) * (m - n) / (2 * variance));
      slope(p, y, x) = weight * (m - n) / variance;
    } else if constexpr (kind == LossKind::poisson) {
      const Real model = m + epsilon, data = n + epsilon;
      set(p, y, x, weight, data * excess_over_log((m - n) / data, model / data));
      slope(p, y, x) = weight * (m - n) / model;
    } else {
      const Real model = std::sqrt(m + epsilon), data = std::sqrt(n + epsilon);
      const Real difference = (m - n) / (model + data);  // of the roots, which alone would cancel
      set(p, y, x, weight, 2 * difference * difference);
      slope(p, y, x) = weight * 2 * difference / model;
    }
  }
  TESSERA_HD void set(Index p, Index y, Index x, Real weight, Real loss) const {
    value(p, y, x) = weight * loss;
    if constexpr (Pixels::splits) held_out_value(p, y, x) = (fitted.valid(0, y, x) - weight) * loss;
  }
};

template <class Real, class Stored, class Pixels>
struct LikelihoodCurvature {
  View3<const Stored> counts;
  Real electrons, epsilon;
  LossKind kind;
  Pixels fitted;
  View3<const Real> mu;
  View3<Real> weight;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real n = static_cast<Real>(counts(p, y, x)) * electrons;
    const Real counted = kind == LossKind::gaussian ? (n > 1 ? n : Real{1}) : mu(p, y, x) + epsilon;
    const Real variance = kind == LossKind::weighted ? Real{1} : counted;
    weight(p, y, x) = fitted(p, y, x) / variance;
  }
};

template <class Real, class Stored, class Pixels>
struct AmplitudeResidual {
  View3<const Stored> counts;
  Real electrons;
  Pixels fitted;
  View3<const Real> mu;
  View3<Real> difference, root;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real data = std::sqrt(static_cast<Real>(counts(p, y, x)) * electrons), weight = fitted(p, y, x);
    difference(p, y, x) = weight * std::abs(std::sqrt(mu(p, y, x)) - data);
    root(p, y, x) = weight * data;
  }
};

template <class Real, class Stored, class Pixels>
struct WeightedResidual {
  View3<const Stored> counts;
  Real electrons;
  Pixels fitted;
  View3<const Real> mu;
  View3<Real> difference, root;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real data = static_cast<Real>(counts(p, y, x)) * electrons, weight = std::sqrt(fitted(p, y, x));
    difference(p, y, x) = weight * std::abs(mu(p, y, x) - data);
    root(p, y, x) = weight * std::abs(data);
  }
};

template <class Real, class Pixels>
struct ExpectedLoss {
  View3<const Real> table;
  Real log_first, log_step;
  Pixels fitted;
  View3<const Real> mu;
  View3<Real> expected;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real m = mu(p, y, x), lowest = std::exp(log_first);
    const Real place = m > lowest ? (std::log(m) - log_first) / log_step : Real{0};
    const Real last = static_cast<Real>(table.nx - 1);
    const Index i = place < last ? static_cast<Index>(place) : table.nx - 2;
    const Real part = place < last ? place - static_cast<Real>(i) : Real{1};
    const Real at = table(0, 0, i) + part * (table(0, 0, i + 1) - table(0, 0, i));
    expected(p, y, x) = fitted(p, y, x) * (m > lowest ? at : at * m / lowest);
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

}  // namespace

template <class Real>
void likelihood(const Lane& lane, const Loss& loss, const StoredPatterns& patterns, View3<const Real> valid,
                View3<const Real> mu, View3<Real> value, View3<Real> held_out_value, View3<Real> slope) {
  const Real electrons = static_cast<Real>(patterns.electrons_per_count);
  const Real epsilon = static_cast<Real>(loss.kind == LossKind::anscombe ? 0.375 : loss.epsilon);
  with_stored(patterns, mu.n, mu.ny, mu.nx, [&]<class Stored>(View3<const Stored> counts) {
    with_fitted(patterns.held_out, valid, [&]<class Pixels>(const Pixels& fitted) {
      const auto run = [&]<LossKind kind>() {
        launch(lane, mu.n, mu.ny, mu.nx,
               Likelihood<Real, Stored, kind, Pixels>{counts, electrons, epsilon, fitted, mu, value, held_out_value,
                                                      slope});
      };
      switch (loss.kind) {
        case LossKind::poisson:
          return run.template operator()<LossKind::poisson>();
        case LossKind::gaussian:
          return run.template operator()<LossKind::gaussian>();
        case LossKind::weighted:
          return run.template operator()<LossKind::weighted>();
        default:
          return run.template operator()<LossKind::amplitude>();
      }
    });
  });
}

template <class Real>
void likelihood_curvature(const Lane& lane, const Loss& loss, const StoredPatterns& patterns, View3<const Real> valid,
                          View3<const Real> mu, View3<Real> weight) {
  const Real epsilon = static_cast<Real>(loss.kind == LossKind::anscombe ? 0.375 : loss.epsilon);
  const Real electrons = static_cast<Real>(patterns.electrons_per_count);
  with_stored(patterns, mu.n, mu.ny, mu.nx, [&]<class Stored>(View3<const Stored> counts) {
    with_fitted(patterns.held_out, valid, [&]<class Pixels>(const Pixels& fitted) {
      launch(lane, mu.n, mu.ny, mu.nx,
             LikelihoodCurvature<Real, Stored, Pixels>{counts, electrons, epsilon, loss.kind, fitted, mu, weight});
    });
  });
}

namespace {

/// difference and root of all pixels by one of the two kernels of R.
template <template <class, class, class> class Residual, class Real>
void residual(const Lane& lane, const StoredPatterns& patterns, View3<const Real> valid, View3<const Real> mu,
              View3<Real> difference, View3<Real> root) {
  const Real electrons = static_cast<Real>(patterns.electrons_per_count);
  with_stored(patterns, mu.n, mu.ny, mu.nx, [&]<class Stored>(View3<const Stored> counts) {
    with_fitted(patterns.held_out, valid, [&]<class Pixels>(const Pixels& fitted) {
      launch(lane, mu.n, mu.ny, mu.nx, Residual<Real, Stored, Pixels>{counts, electrons, fitted, mu, difference, root});
    });
  });
}

}  // namespace

template <class Real>
void amplitude_residual(const Lane& lane, const StoredPatterns& patterns, View3<const Real> valid, View3<const Real> mu,
                        View3<Real> difference, View3<Real> root) {
  residual<AmplitudeResidual>(lane, patterns, valid, mu, difference, root);
}

template <class Real>
void weighted_residual(const Lane& lane, const StoredPatterns& patterns, View3<const Real> valid, View3<const Real> mu,
                       View3<Real> difference, View3<Real> root) {
  residual<WeightedResidual>(lane, patterns, valid, mu, difference, root);
}

template <class Real>
void expected_loss(const Lane& lane, View3<const Real> table, Real log_first, Real log_step,
                   const StoredPatterns& patterns, View3<const Real> valid, View3<const Real> mu,
                   View3<Real> expected) {
  with_fitted(patterns.held_out, valid, [&]<class Pixels>(const Pixels& fitted) {
    launch(lane, mu.n, mu.ny, mu.nx, ExpectedLoss<Real, Pixels>{table, log_first, log_step, fitted, mu, expected});
  });
}

template void likelihood(const Lane&, const Loss&, const StoredPatterns&, View3<const float>, View3<const float>,
                         View3<float>, View3<float>, View3<float>);
template void likelihood(const Lane&, const Loss&, const StoredPatterns&, View3<const double>, View3<const double>,
                         View3<double>, View3<double>, View3<double>);
template void likelihood_curvature(const Lane&, const Loss&, const StoredPatterns&, View3<const float>,
                                   View3<const float>, View3<float>);
template void likelihood_curvature(const Lane&, const Loss&, const StoredPatterns&, View3<const double>,
                                   View3<const double>, View3<double>);
template void amplitude_residual(const Lane&, const StoredPatterns&, View3<const float>, View3<const float>,
                                 View3<float>, View3<float>);
template void amplitude_residual(const Lane&, const StoredPatterns&, View3<const double>, View3<const double>,
                                 View3<double>, View3<double>);
template void weighted_residual(const Lane&, const StoredPatterns&, View3<const float>, View3<const float>,
                                View3<float>, View3<float>);
template void weighted_residual(const Lane&, const StoredPatterns&, View3<const double>, View3<const double>,
                                View3<double>, View3<double>);
template void expected_loss(const Lane&, View3<const float>, float, float, const StoredPatterns&, View3<const float>,
                            View3<const float>, View3<float>);
template void expected_loss(const Lane&, View3<const double>, double, double, const StoredPatterns&,
                            View3<const double>, View3<const double>, View3<double>);

}  // namespace tessera
