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
DataTerm<Real>::DataTerm(const ModelShape& shape, Measurement measurement, const Loss& loss)
    : shape_(shape),
      measurement_(std::move(measurement)),
      loss_(loss),
      valid_(upload_as<Real>(shape.device, measurement_.valid)),
      scratch_(shape.device, shape.batch * shape.window.count()),
      scratch2_(shape.device, shape.batch * shape.window.count()),
      row_sums_(shape.device, shape.batch * shape.window.ny),
      expected_(expected_loss_table(loss)),
      expected_table_(upload_as<Real>(shape.device, expected_.values)) {
  TESSERA_ASSERT(valid_.count() == shape.window.count(), valid_.count(), shape.window.count());
}

template <class Real>
StoredPatterns DataTerm<Real>::patterns(Index first) const {
  const Index bytes = bytes_of(measurement_.type) * shape_.window.count();
  return {measurement_.patterns.data() + first * bytes, measurement_.type, measurement_.electrons_per_count};
}

template <class Real>
double DataTerm<Real>::evaluate(Index first, View3<Real> mu) {
  const View3<Real> value = like(scratch_, mu.n);
  likelihood<Real>(shape_.device, loss_, patterns(first), valid(), mu, value, mu);
  return sum<Real>(shape_.device, value, row_sums_);
}

template <class Real>
FitQuality DataTerm<Real>::quality(Index first, View3<const Real> mu) {
  const View3<Real> a = like(scratch_, mu.n), b = like(scratch2_, mu.n);
  amplitude_residual<Real>(shape_.device, patterns(first), valid(), mu, a, b);
  return {.residual = sum<Real>(shape_.device, a, row_sums_),
          .root = sum<Real>(shape_.device, b, row_sums_),
          .expected_loss = expected(mu)};
}

template <class Real>
double DataTerm<Real>::expected(View3<const Real> mu) {
  const View3<Real> scratch = like(scratch_, mu.n);
  const View3<const Real> values{expected_table_.data(), 1, 1, expected_table_.count()};
  expected_loss<Real>(shape_.device, values, static_cast<Real>(expected_.log_first),
                      static_cast<Real>(expected_.log_step), valid(), mu, scratch);
  return sum<Real>(shape_.device, scratch, row_sums_);
}

template class DataTerm<float>;
template class DataTerm<double>;

}  // namespace tessera
