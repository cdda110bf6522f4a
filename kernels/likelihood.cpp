#include "kernels/likelihood.hpp"

#include "kernels/launch.hpp"
#include "kernels/loss_terms.hpp"

namespace tessera {

namespace {

/// The losses of all pixels, one by one.
template <class Real, class At>
struct Likelihood {
  At at;
  View3<Real> value, held_out_value;
  Moved moved(double points) const {
    Moved sum = points * Moved{0, At::splits ? bytes_of<Real, Real> : bytes_of<Real>};
    return sum += at.moved(points);
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const auto terms = at(p, y, x);
    value(p, y, x) = terms.fitted;
    if constexpr (At::splits) held_out_value(p, y, x) = terms.held_out;
  }
};

/// Their sums over every so many rows of a column: neighbouring threads read neighbours.
template <class At>
struct LikelihoodParts {
  At at;
  View3<double> fitted, held_out;
  Moved moved(double points) const {
    Moved sum = points * Moved{0, At::splits ? bytes_of<double, double> : bytes_of<double>};
    return sum += at.moved(static_cast<double>(at.mu.count()));
  }
  TESSERA_HD void operator()(Index p, Index part, Index x) const {
    double sum = 0, kept = 0;
    for (Index y = part; y < at.mu.ny; y += fitted.ny) {
      const auto terms = at(p, y, x);
      sum += static_cast<double>(terms.fitted);
      if constexpr (At::splits) kept += static_cast<double>(terms.held_out);
    }
    fitted(p, part, x) = sum;
    if constexpr (At::splits) held_out(p, part, x) = kept;
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
  Moved moved(double points) const { return points * Moved{bytes_of<Stored, Real>, bytes_of<Real>}; }
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
  Moved moved(double points) const { return points * Moved{bytes_of<Stored, Real>, bytes_of<Real, Real>}; }
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
  Moved moved(double points) const { return points * Moved{bytes_of<Stored, Real>, bytes_of<Real, Real>}; }
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
  Moved moved(double points) const { return points * Moved{bytes_of<Real>, bytes_of<Real>}; }
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

}  // namespace

template <class Real>
void likelihood(const Lane& lane, const Loss& loss, const StoredPatterns& patterns, View3<const Real> valid,
                View3<const Real> mu, View3<Real> value, View3<Real> held_out_value, View3<Real> slope) {
  with_loss(loss, patterns, valid, mu, slope, [&]<class At>(const At& at) {
    launch(lane, mu.n, mu.ny, mu.nx, Likelihood<Real, At>{at, value, held_out_value});
  });
}

template <class Real>
void likelihood_parts(const Lane& lane, const Loss& loss, const StoredPatterns& patterns, View3<const Real> valid,
                      View3<const Real> mu, View3<double> fitted, View3<double> held_out, View3<Real> slope) {
  with_loss(loss, patterns, valid, mu, slope, [&]<class At>(const At& at) {
    launch(lane, mu.n, fitted.ny, mu.nx, LikelihoodParts<At>{at, fitted, held_out});
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
template void likelihood_parts(const Lane&, const Loss&, const StoredPatterns&, View3<const float>, View3<const float>,
                               View3<double>, View3<double>, View3<float>);
template void likelihood_parts(const Lane&, const Loss&, const StoredPatterns&, View3<const double>,
                               View3<const double>, View3<double>, View3<double>, View3<double>);
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
