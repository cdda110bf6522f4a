#include "src/model/data_term.hpp"

#include "kernels/reduce.hpp"

namespace tessera {

namespace {

template <class Real>
Array<Real> upload_as(DeviceKind device, const std::vector<double>& values) {
  return make_array(device, std::vector<Real>(values.begin(), values.end()));
}

}  // namespace

template <class Real>
DataTerm<Real>::DataTerm(DeviceKind device, Measurement measurement, const Loss& loss)
    : device_(device),
      measurement_(std::move(measurement)),
      loss_(loss),
      valid_(upload_as<Real>(device, measurement_.valid)),
      expected_(expected_loss_table(loss)),
      expected_table_(upload_as<Real>(device, expected_.values)) {
  TESSERA_ASSERT(valid_.count() == ny() * nx(), valid_.count(), ny(), nx());
}

template <class Real>
typename DataTerm<Real>::Space DataTerm<Real>::make_space(Index batch) const {
  return {Array<Real>(device_, batch * ny() * nx()), Array<Real>(device_, batch * ny() * nx())};
}

template <class Real>
StoredPatterns DataTerm<Real>::block(Index first, Index) const {
  const Index bytes = bytes_of(measurement_.type) * ny() * nx();
  return {measurement_.patterns.data() + first * bytes, measurement_.type, measurement_.electrons_per_count};
}

template <class Real>
double DataTerm<Real>::evaluate(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<Real> mu) const {
  const View3<Real> value = like(space.a, mu.n);
  likelihood<Real>(lane, loss_, patterns, valid(), mu, value, mu);
  return sum<Real>(lane, value);
}

template <class Real>
FitQuality DataTerm<Real>::quality(const Lane& lane, Space& space, const StoredPatterns& patterns,
                                   View3<const Real> mu) const {
  const View3<Real> a = like(space.a, mu.n), b = like(space.b, mu.n);
  if (loss_.kind == LossKind::weighted)
    weighted_residual<Real>(lane, patterns, valid(), mu, a, b);
  else
    amplitude_residual<Real>(lane, patterns, valid(), mu, a, b);
  return {.residual = sum<Real>(lane, a), .root = sum<Real>(lane, b), .expected_loss = expected(lane, space, mu)};
}

template <class Real>
double DataTerm<Real>::expected(const Lane& lane, Space& space, View3<const Real> mu) const {
  if (loss_.kind == LossKind::weighted) return static_cast<double>(mu.n) * measurement_.weighted_loss;
  const View3<Real> value = like(space.a, mu.n);
  const View3<const Real> values{expected_table_.data(), 1, 1, expected_table_.count()};
  expected_loss<Real>(lane, values, static_cast<Real>(expected_.log_first), static_cast<Real>(expected_.log_step),
                      valid(), mu, value);
  return sum<Real>(lane, value);
}

template <class Real>
void DataTerm<Real>::curvature(const Lane& lane, const StoredPatterns& patterns, View3<const Real> mu,
                               View3<Real> weight) const {
  likelihood_curvature<Real>(lane, loss_, patterns, valid(), mu, weight);
}

template class DataTerm<float>;
template class DataTerm<double>;

}  // namespace tessera
