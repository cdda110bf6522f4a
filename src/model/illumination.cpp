#include "src/model/illumination.hpp"

#include <cmath>
#include <complex>

#include "kernels/illuminate.hpp"
#include "kernels/propagate.hpp"
#include "src/model/scaled_table.hpp"

namespace tessera {

namespace {

const PhaseSite& incident(const Instrument& instrument) {
  static const PhaseSite none;
  return instrument.sites.empty() ? none : instrument.sites.front();
}

}  // namespace

template <class Real>
Illumination<Real>::Illumination(const ModelShape& shape, const BandFftPlan<Real>& fft,
                                 const std::vector<double>& band_limit)
    : shape_(shape), fft_(fft), band_limit_(band_limit), factor_(scaled_table<Real>(shape.device, band_limit)) {}

template <class Real>
typename Illumination<Real>::Space Illumination<Real>::make_space() const {
  Space space;
  space.ramp_y = Array<Complex<Real>>(shape_.device, shape_.states * shape_.batch * shape_.window.ny);
  space.ramp_x = Array<Complex<Real>>(shape_.device, shape_.batch * shape_.window.nx);
  return space;
}

template <class Real>
Array<Complex<Real>> Illumination<Real>::transform(const Lane& lane, const std::vector<double>& waves) const {
  std::vector<Complex<Real>> values(waves.size() / 2);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = {static_cast<Real>(waves[2 * i]), static_cast<Real>(waves[2 * i + 1])};
  Array<Complex<Real>> hat = make_array(shape_.device, values);
  const Index count = hat.count() / shape_.window.count();
  fft_.forward(lane, hat.data(), count);
  multiply_table<Real>(lane, fft_.band(), factor_.view(1, shape_.window.ny, shape_.window.nx),
                       hat.view(count, shape_.window.ny, shape_.window.nx));
  if (!fft_.band().all()) clear_outside<Real>(lane, fft_.band(), hat.view(count, shape_.window.ny, shape_.window.nx));
  return hat;
}

/// The factor follows the phase of the instrument; a direction's phase is a tangent.
template <class Real>
void Illumination<Real>::fill(const Lane& lane, const Instrument& from, Tables& to) {
  const std::vector<double>& phase = incident(from).phase;
  if (&to == &now_ && phase != factor_phase_) {
    std::vector<std::complex<double>> factor;
    for (std::size_t i = 0; i < band_limit_.size(); ++i)
      factor.push_back(phase.empty() ? band_limit_[i] : std::polar(band_limit_[i], phase[i]));
    factor_ = scaled_table<Real>(shape_.device, factor);
    factor_phase_ = phase;
  }
  to.probe_hat = transform(lane, from.probe);
  to.basis_hat = transform(lane, from.relaxation_basis);
  to.coefficient = make_array(shape_.device, from.relaxation);
  to.phase = make_array(shape_.device, phase);
  to.slope = make_array(shape_.device, incident(from).slope);
  std::vector<double> log_amplitude;
  const std::vector<double>&of_position = from.log_amplitude, &of_state = from.state_log_amplitude;
  if (!of_position.empty() || !of_state.empty())
    for (Index o = 0; o < shape_.states; ++o)
      for (std::size_t j = 0; j < incident(from).slope.size() / 2; ++j)
        log_amplitude.push_back((of_position.empty() ? 0 : of_position[j]) + (of_state.empty() ? 0 : of_state[o]));
  to.log_amplitude = make_array(shape_.device, log_amplitude);
}

template <class Real>
void Illumination<Real>::begin(const Instrument& wanted, Index positions) {
  const auto sums = [&](Array<Complex<Real>>& bar, const std::vector<double>& reals) {
    const auto count = static_cast<Index>(reals.size() / 2);
    if (bar.count() == count)
      bar.set_zero();
    else
      bar = Array<Complex<Real>>(shape_.device, count);
  };
  sums(probe_hat_bar_, wanted.probe);
  sums(basis_hat_bar_, wanted.relaxation_basis);
  const PhaseSite nothing;
  site_ = SiteSums(shape_.device, incident(wanted), !wanted.log_amplitude.empty(), positions);
  of_state_.clear();
  for (std::size_t o = 0; o < wanted.state_log_amplitude.size(); ++o)
    of_state_.emplace_back(shape_.device, nothing, true, positions);
  of_basis_.clear();
  for (Index l = 0; l < (wanted.relaxation.empty() ? 0 : rank(now_)); ++l)
    of_basis_.emplace_back(shape_.device, nothing, true, positions);
}

template <class Real>
void Illumination<Real>::make_ramps(const Lane& lane, Space& space, Index first, Index n) const {
  const View3<const double> slope{now_.slope.data() + 2 * first, n, 1, 2};
  const Index positions = now_.slope.count() / 2, ny = shape_.window.ny;
  for (Index o = 0; o < shape_.states; ++o) {
    const double* const log = now_.log_amplitude.count() == 0 ? nullptr : now_.log_amplitude.data();
    const View3<const double> amplitude{log == nullptr ? nullptr : log + o * positions + first, n, 1, 1};
    phase_ramps(lane, RampOrder::fourier, slope, amplitude,
                View3<Complex<Real>>{space.ramp_y.data() + o * shape_.batch * ny, n, 1, ny},
                View3<Complex<Real>>{space.ramp_x.data(), n, 1, shape_.window.nx});
  }
}

template <class Real>
Ramps<Real> Illumination<Real>::ramps(const Space& space, Index state, Index n) const {
  const Index ny = shape_.window.ny;
  return {{space.ramp_y.data() + state * shape_.batch * ny, n, 1, ny}, {space.ramp_x.data(), n, 1, shape_.window.nx}};
}

template <class Real>
View3<const Complex<Real>> Illumination<Real>::planes(const Array<Complex<Real>>& all) const {
  return all.view(all.count() / shape_.window.count(), shape_.window.ny, shape_.window.nx);
}

template <class Real>
View3<const Complex<Real>> Illumination<Real>::plane(const Array<Complex<Real>>& all, Index i) const {
  return planes(all).part(i, 1);
}

template <class Real>
View3<const double> Illumination<Real>::coefficients(const Tables& tables, Index first, Index n) const {
  const Index columns = std::max(rank(now_), rank(tables));
  return {tables.coefficient.data() + columns * first, n, 1, columns};
}

template <class Real>
View3<const Complex<Real>> Illumination<Real>::mixed(const Lane& lane, Space& space, Index m, Index first,
                                                     Index n) const {
  if (m > 0 || rank(now_) == 0) return plane(now_.probe_hat, m);
  if (space.mixed.count() == 0) space.mixed = Array<Complex<Real>>(shape_.device, shape_.batch * shape_.window.count());
  const View3<Complex<Real>> to{space.mixed.data(), n, shape_.window.ny, shape_.window.nx};
  mix_waves<Real>(lane, fft_.band(), plane(now_.probe_hat, 0), planes(now_.basis_hat), coefficients(now_, first, n),
                  to);
  return to;
}

template <class Real>
View3<const Complex<Real>> Illumination<Real>::mixed_tangent(const Lane& lane, Space& space, Index m, Index first,
                                                             Index n) const {
  if (m > 0 || rank(now_) == 0) return plane(change_.probe_hat, m);
  if (space.d_mixed.count() == 0)
    space.d_mixed = Array<Complex<Real>>(shape_.device, 2 * shape_.batch * shape_.window.count());
  const Index ny = shape_.window.ny, nx = shape_.window.nx;
  const View3<Complex<Real>> half{space.d_mixed.data(), n, ny, nx};
  const View3<Complex<Real>> whole{space.d_mixed.data() + shape_.batch * ny * nx, n, ny, nx};
  for (Index p = 0; p < n; ++p) {
    mix_waves<Real>(lane, fft_.band(), plane(change_.probe_hat, 0), planes(change_.basis_hat),
                    coefficients(now_, first + p, 1), half.part(p, 1));
    mix_waves<Real>(lane, fft_.band(), half.part(p, 1), planes(now_.basis_hat), coefficients(change_, first + p, 1),
                    whole.part(p, 1));
  }
  return whole;
}

template <class Real>
void Illumination<Real>::forward(const Lane& lane, Space& space, Index first, Index n, BatchWaves<Real>& psi) const {
  make_ramps(lane, space, first, n);
  const Index k = shape_.together();
  for (Index m = 0; m < shape_.modes; ++m) {
    const View3<const Complex<Real>> hat = mixed(lane, space, m, first, n);
    for (Index o = 0; o < shape_.states; ++o) {
      const View3<Complex<Real>> wave = psi.wave(o * shape_.modes + m, n);
      apply_ramps<Real>(lane, fft_.band(), hat, ramps(space, o, n), wave);
      if (k == 1) fft_.inverse(lane, wave.data, n);
    }
  }
  for (Index w = 0; k > 1 && w < shape_.waves(); w += k) fft_.inverse(lane, psi.wave(w, n).data, k * n);
}

template <class Real>
void Illumination<Real>::tangent(const Lane& lane, Space& space, Index first, Index n, BatchWaves<Real>& d_psi) const {
  make_ramps(lane, space, first, n);
  const Index positions = now_.slope.count() / 2;
  for (Index m = 0; m < shape_.modes; ++m) {
    const View3<const Complex<Real>> hat = mixed(lane, space, m, first, n);
    const View3<const Complex<Real>> d_hat = mixed_tangent(lane, space, m, first, n);
    for (Index o = 0; o < shape_.states; ++o) {
      const View3<Complex<Real>> wave = d_psi.wave(o * shape_.modes + m, n);
      apply_ramps<Real>(lane, fft_.band(), d_hat, ramps(space, o, n), wave);
      const double* const log = change_.log_amplitude.count() == 0 ? nullptr : change_.log_amplitude.data();
      const double* const slope = change_.slope.count() == 0 ? nullptr : change_.slope.data() + 2 * first;
      const SiteTangent change{{change_.phase.data(), 1, shape_.window.ny, shape_.window.nx},
                               {slope, n, 1, 2},
                               {log == nullptr ? nullptr : log + o * positions + first, n, 1, 1}};
      add_phase_tangent<Real>(lane, fft_.band(), RampOrder::fourier, {hat, ramps(space, o, n)}, change, wave);
      fft_.inverse(lane, wave.data, n);
    }
  }
}

template <class Real>
typename Illumination<Real>::Spectra Illumination<Real>::spectra(const Lane& lane, Space& space, Index first,
                                                                 Index n) const {
  make_ramps(lane, space, first, n);
  return {planes(now_.probe_hat), ramps(space, 0, n)};
}

template <class Real>
std::size_t Illumination<Real>::bytes() const {
  std::size_t total = factor_.bytes() + probe_hat_bar_.bytes() + basis_hat_bar_.bytes() + site_.bytes() +
                      (band_limit_.size() + factor_phase_.size()) * sizeof(double);
  for (const Tables* tables : {&now_, &change_})
    total += tables->probe_hat.bytes() + tables->basis_hat.bytes() + tables->coefficient.bytes() +
             tables->phase.bytes() + tables->slope.bytes() + tables->log_amplitude.bytes();
  for (const auto* all : {&of_state_, &of_basis_})
    for (const SiteSums& sums : *all) total += sums.bytes();
  return total;
}

template <class Real>
std::size_t Illumination<Real>::space_bytes() const {
  const Index ramps = shape_.batch * (shape_.states * shape_.window.ny + shape_.window.nx);
  const Index mixed = rank(now_) > 0 ? shape_.batch * shape_.window.count() : 0;
  return static_cast<std::size_t>(ramps + mixed) * sizeof(Complex<Real>);
}

template class Illumination<float>;
template class Illumination<double>;

}  // namespace tessera
