#include "src/model/data_term.hpp"

#include <cmath>

#include "kernels/detector.hpp"
#include "kernels/reduce.hpp"

namespace tessera {

namespace {

/// Added to the seed: noise that is simulated from the same one must know nothing of the choice.
constexpr std::uint64_t held_out_stream = 0x68656c646f7574;

template <class Real>
Array<Real> upload_as(DeviceKind device, const std::vector<double>& values) {
  return make_array(device, std::vector<Real>(values.begin(), values.end()));
}

}  // namespace

HeldOut held_out_rule(const HeldOutChoice& choice) {
  return {.count = static_cast<std::uint32_t>(std::ldexp(choice.share, 32)),
          .seed = choice.seed + held_out_stream,
          .pixel_step = choice.whole_patterns ? 0U : 1U};
}

template <class Real>
DataTerm<Real>::DataTerm(DeviceKind device, Measurement measurement, const Loss& loss, const HeldOutChoice& held_out,
                         const std::vector<Index>& names)
    : device_(device),
      measurement_(std::move(measurement)),
      loss_(loss),
      held_out_(held_out_rule(held_out)),
      names_(held_out_.any() ? make_array(device, names) : Array<Index>{}),
      valid_(upload_as<Real>(device, measurement_.valid)),
      expected_(expected_loss_table(loss)),
      expected_table_(upload_as<Real>(device, expected_.values)) {
  TESSERA_ASSERT(valid_.count() == ny() * nx(), valid_.count(), ny(), nx());
  TESSERA_ASSERT(!streamed() || measurement_.patterns.device() == staging_for(device_));
}

template <class Real>
typename DataTerm<Real>::Space DataTerm<Real>::make_space(Index batch) const {
  const Index pixels = batch * ny() * nx();
  return {Array<Real>(device_, pixels), Array<Real>(device_, pixels), Array<double>(device_, part_sums(batch)),
          Array<std::byte>(device_, streamed() ? batch * pattern_bytes() : 0)};
}

template <class Real>
StoredPatterns DataTerm<Real>::block(const Lane& lane, Space& space, Index first, Index n) const {
  HeldOut held_out = held_out_;
  if (held_out.any()) held_out.names = names_.data() + first;
  const std::byte* patterns = measurement_.patterns.data() + first * pattern_bytes();
  if (streamed()) {
    copy_ahead(lane, space.patterns.data(), patterns, static_cast<std::size_t>(n * pattern_bytes()));
    patterns = space.patterns.data();
  }
  return {patterns, measurement_.type, measurement_.electrons_per_count, held_out};
}

template <class Real>
void DataTerm<Real>::evaluate(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<Real> mu,
                              const BlockSums& sums) const {
  if (device_ == DeviceKind::cuda) {
    const View3<double> fitted{space.parts.data(), mu.n, parts(), nx()};
    const View3<double> held_out{fitted.data + fitted.count(), mu.n, parts(), nx()};
    likelihood_parts<Real>(lane, loss_, patterns, valid(), mu, fitted, held_out, mu);
    sum<double>(lane, fitted, sums.at(Sum::loss));
    if (patterns.held_out.any()) sum<double>(lane, held_out, sums.at(Sum::held_out));
    return;
  }
  const View3<Real> value = like(space.a, mu.n), held_out = like(space.b, mu.n);
  likelihood<Real>(lane, loss_, patterns, valid(), mu, value, held_out, mu);
  sum<Real>(lane, value, sums.at(Sum::loss));
  if (patterns.held_out.any()) sum<Real>(lane, held_out, sums.at(Sum::held_out));
}

template <class Real>
void DataTerm<Real>::residual(const Lane& lane, const StoredPatterns& patterns, View3<const Real> mu, View3<Real> a,
                              View3<Real> b) const {
  if (loss_.kind == LossKind::weighted)
    weighted_residual<Real>(lane, patterns, valid(), mu, a, b);
  else
    amplitude_residual<Real>(lane, patterns, valid(), mu, a, b);
}

template <class Real>
void DataTerm<Real>::quality(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<const Real> mu,
                             const BlockSums& sums) const {
  const View3<Real> a = like(space.a, mu.n), b = like(space.b, mu.n);
  residual(lane, patterns, mu, a, b);
  sum<Real>(lane, a, sums.at(Sum::residual));
  sum<Real>(lane, b, sums.at(Sum::root));
  if (patterns.held_out.any()) {
    StoredPatterns others = patterns;
    others.held_out = patterns.held_out.others();
    residual(lane, others, mu, a, b);
    sum<Real>(lane, a, sums.at(Sum::held_out_residual));
    sum<Real>(lane, b, sums.at(Sum::held_out_root));
  }
  expected(lane, space, patterns, mu, sums);
}

template <class Real>
void DataTerm<Real>::expected(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<const Real> mu,
                              const BlockSums& sums) const {
  if (loss_.kind == LossKind::weighted) {
    const double held_out = std::ldexp(static_cast<double>(patterns.held_out.count), -32);
    const double known = (1 - held_out) * static_cast<double>(mu.n) * measurement_.weighted_loss;
    return set_number(lane, known, sums.at(Sum::expected));
  }
  const View3<Real> value = like(space.a, mu.n);
  expected_values(lane, patterns, mu, value);
  sum<Real>(lane, value, sums.at(Sum::expected));
}

template <class Real>
void DataTerm<Real>::expected_values(const Lane& lane, const StoredPatterns& patterns, View3<const Real> mu,
                                     View3<Real> value) const {
  const View3<const Real> values{expected_table_.data(), 1, 1, expected_table_.count()};
  expected_loss<Real>(lane, values, static_cast<Real>(expected_.log_first), static_cast<Real>(expected_.log_step),
                      patterns, valid(), mu, value);
}

template <class Real>
void DataTerm<Real>::residuals(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<const Real> mu,
                               double* loss, double* expected) const {
  const Loss difference{.kind = LossKind::weighted};  // its slope is valid (mu - y), its curvature valid
  const View3<Real> a = like(space.a, mu.n), b = like(space.b, mu.n);
  StoredPatterns all = patterns;
  all.held_out = {};  // so that no loss of what is held out is written
  const auto each = [&](double* to) {
    for (Index p = 0; p < mu.n; ++p) sum<Real>(lane, a.part(p, 1), to + p);
  };
  if (loss_.kind == LossKind::weighted) {
    for (Index p = 0; p < mu.n; ++p) set_number(lane, measurement_.weighted_loss, expected + p);
  } else {
    expected_values(lane, all, mu, a);
    each(expected);
  }
  likelihood<Real>(lane, loss_, all, valid(), mu, a, a, b);
  each(loss);
  likelihood<Real>(lane, difference, all, valid(), mu, a, a, b);
  likelihood_curvature<Real>(lane, difference, all, valid(), mu, a);
  if (loss_.kind != LossKind::weighted) multiply<Real>(lane, a, mu, a);
}

template <class Real>
void DataTerm<Real>::add_residuals(const Lane& lane, Space& space, Index n, View3<double> excess,
                                   View3<double> variance) const {
  add_over_positions<Real>(lane, like(space.b, n), excess);
  add_over_positions<Real>(lane, like(space.a, n), variance);
}

template <class Real>
void DataTerm<Real>::curvature(const Lane& lane, const StoredPatterns& patterns, View3<const Real> mu,
                               View3<Real> weight) const {
  likelihood_curvature<Real>(lane, loss_, patterns, valid(), mu, weight);
}

template <class Real>
FittedAndHeldOut DataTerm<Real>::pixels() const {
  const Index here = ny() * nx();
  Index valid = 0;
  for (const double value : measurement_.valid) valid += value != 0 ? 1 : 0;
  const Index positions = measurement_.patterns.count() / (here * bytes_of(measurement_.type));
  Index held_out = 0;
  if (held_out_.any()) {
    const std::vector<Index> names = names_.to_vector();
    HeldOut rule = held_out_;
    rule.names = names.data();
    for (Index p = 0; p < positions; ++p)
      for (Index i = 0; i < here; ++i) held_out += measurement_.valid[i] != 0 && rule.holds(p, i) ? 1 : 0;
  }
  return {.fitted = static_cast<double>(positions * valid - held_out), .held_out = static_cast<double>(held_out)};
}

template class DataTerm<float>;
template class DataTerm<double>;

}  // namespace tessera
