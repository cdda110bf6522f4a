#include "kernels/illuminate.hpp"
#include "kernels/propagate.hpp"
#include "src/model/illumination.hpp"

namespace tessera {

template <class Real>
void Illumination<Real>::adjoint(const Lane& lane, Space& space, Index first, Index n, BatchWaves<Real>& psi_bar) {
  if (nothing_wanted()) return;
  const Index k = shape_.together();
  for (Index w = 0; w < shape_.waves(); w += k) fft_.forward(lane, psi_bar.wave(w, n).data, k * n);
  adjoint_of_spectra(lane, space, first, n, psi_bar);
}

template <class Real>
void Illumination<Real>::adjoint_of_spectra(const Lane& lane, Space& space, Index first, Index n,
                                            const BatchWaves<Real>& psi_bar) {
  if (!site_.wants_moments() && of_state_.empty() && of_basis_.empty()) return;
  for (Index w = 0; w < shape_.waves(); ++w) {
    const Index m = w % shape_.modes, o = w / shape_.modes;
    const View3<const Complex<Real>> bar = psi_bar.wave(w, n);
    const auto add = [&](View3<const Complex<Real>> hat, SiteSums& to) {
      phase_moments<Real>(lane, fft_.band(), RampOrder::fourier, {hat, ramps(space, o, n)}, bar, to.moments(first, n));
    };
    const bool relaxed = m == 0 && rank(now_) > 0;
    const View3<const Complex<Real>> hat =
        relaxed ? View3<const Complex<Real>>{space.mixed.data(), n, shape_.window.ny, shape_.window.nx}
                : plane(now_.probe_hat, m);
    if (site_.wants_moments()) add(hat, site_);
    if (!of_state_.empty()) add(hat, of_state_[o]);
    for (std::size_t l = 0; m == 0 && l < of_basis_.size(); ++l)
      add(plane(now_.basis_hat, static_cast<Index>(l)), of_basis_[l]);
  }
}

template <class Real>
bool Illumination<Real>::nothing_wanted() const {
  return probe_hat_bar_.count() + basis_hat_bar_.count() == 0 && site_.empty() && of_state_.empty() &&
         of_basis_.empty();
}

template <class Real>
void Illumination<Real>::commit(const Lane& lane, const Space& space, Index first, Index n,
                                const BatchWaves<Real>& psi_bar) {
  const Index ny = shape_.window.ny, nx = shape_.window.nx;
  for (Index w = 0; w < shape_.waves(); ++w) {
    const Index m = w % shape_.modes, o = w / shape_.modes;
    const View3<const Complex<Real>> bar = psi_bar.wave(w, n);
    if (probe_hat_bar_.count() > 0)
      add_through_ramps<Real>(lane, fft_.band(), bar, ramps(space, o, n), {}, 0,
                              probe_hat_bar_.view(shape_.modes, ny, nx).part(m, 1));
    for (Index l = 0; m == 0 && l < basis_hat_bar_.count() / shape_.window.count(); ++l)
      add_through_ramps<Real>(lane, fft_.band(), bar, ramps(space, o, n), coefficients(now_, first, n), l,
                              basis_hat_bar_.view(basis_hat_bar_.count() / (ny * nx), ny, nx).part(l, 1));
    if (!site_.wants_density()) continue;
    const bool relaxed = m == 0 && rank(now_) > 0;
    const View3<const Complex<Real>> hat =
        relaxed ? View3<const Complex<Real>>{space.mixed.data(), n, ny, nx} : plane(now_.probe_hat, m);
    add_phase_density<Real>(lane, fft_.band(), {hat, ramps(space, o, n)}, bar, site_.density(ny, nx));
  }
}

template <class Real>
void Illumination<Real>::read(const Lane& lane, Instrument& gradient) const {
  const auto back = [&](const Array<Complex<Real>>& hat_bar, std::vector<double>& reals) {
    if (reals.empty()) return;
    const Index count = hat_bar.count() / shape_.window.count();
    Array<Complex<Real>> bar = make_array(shape_.device, hat_bar.to_vector());
    multiply_table_adjoint<Real>(lane, fft_.band(), factor_.view(1, shape_.window.ny, shape_.window.nx),
                                 bar.view(count, shape_.window.ny, shape_.window.nx));
    fft_.inverse(lane, bar.data(), count);
    const std::vector<Complex<Real>> values = bar.to_vector();
    for (std::size_t i = 0; i < values.size(); ++i) {
      reals[2 * i] = static_cast<double>(values[i].re);
      reals[2 * i + 1] = static_cast<double>(values[i].im);
    }
  };
  back(probe_hat_bar_, gradient.probe);
  back(basis_hat_bar_, gradient.relaxation_basis);
  if (!gradient.sites.empty()) site_.read(gradient.sites.front());
  if (!gradient.log_amplitude.empty()) gradient.log_amplitude = site_.log_amplitudes();
  for (std::size_t o = 0; o < gradient.state_log_amplitude.size(); ++o) {
    gradient.state_log_amplitude[o] = 0;
    for (const double value : of_state_[o].log_amplitudes()) gradient.state_log_amplitude[o] += value;
  }
  for (std::size_t l = 0; l < of_basis_.size(); ++l) {
    const std::vector<double> values = of_basis_[l].log_amplitudes();
    for (std::size_t j = 0; j < values.size(); ++j) gradient.relaxation[j * of_basis_.size() + l] = values[j];
  }
}

template void Illumination<float>::adjoint(const Lane&, Space&, Index, Index, BatchWaves<float>&);
template void Illumination<float>::adjoint_of_spectra(const Lane&, Space&, Index, Index, const BatchWaves<float>&);
template void Illumination<float>::commit(const Lane&, const Space&, Index, Index, const BatchWaves<float>&);
template void Illumination<float>::read(const Lane&, Instrument&) const;
template void Illumination<double>::adjoint(const Lane&, Space&, Index, Index, BatchWaves<double>&);
template void Illumination<double>::adjoint_of_spectra(const Lane&, Space&, Index, Index, const BatchWaves<double>&);
template void Illumination<double>::commit(const Lane&, const Space&, Index, Index, const BatchWaves<double>&);
template void Illumination<double>::read(const Lane&, Instrument&) const;
}  // namespace tessera
