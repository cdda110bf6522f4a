#include "src/model/illumination.hpp"

#include "kernels/propagate.hpp"
#include "kernels/subpixel_shift.hpp"
#include "src/model/scaled_table.hpp"

namespace tessera {

template <class Real>
Illumination<Real>::Illumination(const ModelShape& shape, const BandFftPlan<Real>& fft,
                                 const std::vector<double>& band_limit)
    : shape_(shape),
      fft_(fft),
      mask_(scaled_table<Real>(shape.device, band_limit)),
      probe_hat_(shape.device, shape.modes * shape.window.count()),
      d_probe_hat_(shape.device, shape.modes * shape.window.count()),
      probe_hat_bar_(shape.device, shape.modes * shape.window.count()),
      ramp_y_(shape.device, shape.batch * shape.window.ny),
      ramp_x_(shape.device, shape.batch * shape.window.nx) {}

template <class Real>
void Illumination<Real>::transform(View3<const Complex<Real>> probe, Array<Complex<Real>>& probe_hat) {
  TESSERA_ASSERT(probe.count() == probe_hat.count(), probe.count(), probe_hat.count());
  probe_hat.upload(std::span(probe.data, static_cast<std::size_t>(probe.count())));
  fft_.forward(probe_hat.data(), shape_.modes);
  multiply_table<Real>(shape_.device, fft_.band(), mask(),
                       probe_hat.view(shape_.modes, shape_.window.ny, shape_.window.nx));
}

template <class Real>
void Illumination<Real>::set_probe(View3<const Complex<Real>> probe) {
  transform(probe, probe_hat_);
}

template <class Real>
void Illumination<Real>::set_probe_tangent(View3<const Complex<Real>> d_probe) {
  transform(d_probe, d_probe_hat_);
}

template <class Real>
void Illumination<Real>::make_ramps(View3<const double> fraction) {
  shift_ramps(shape_.device, fraction, View3<Complex<Real>>{ramp_y_.data(), fraction.n, 1, shape_.window.ny},
              View3<Complex<Real>>{ramp_x_.data(), fraction.n, 1, shape_.window.nx});
}

template <class Real>
View3<const Complex<Real>> Illumination<Real>::mode_of(const Array<Complex<Real>>& all, Index m) const {
  return all.view(shape_.modes, shape_.window.ny, shape_.window.nx).part(m, 1);
}

template <class Real>
void Illumination<Real>::shine(const Array<Complex<Real>>& probe_hat, Index positions, BatchWaves<Real>& psi) {
  const View3<const Complex<Real>> ramp_y{ramp_y_.data(), positions, 1, shape_.window.ny};
  const View3<const Complex<Real>> ramp_x{ramp_x_.data(), positions, 1, shape_.window.nx};
  for (Index m = 0; m < shape_.modes; ++m) {
    const View3<Complex<Real>> waves = psi.mode(m, positions);
    illuminate<Real>(shape_.device, fft_.band(), mode_of(probe_hat, m), ramp_y, ramp_x, waves);
    fft_.inverse(waves.data, positions);
  }
}

template <class Real>
void Illumination<Real>::forward(View3<const double> fraction, BatchWaves<Real>& psi) {
  make_ramps(fraction);
  shine(probe_hat_, fraction.n, psi);
}

template <class Real>
void Illumination<Real>::tangent(View3<const double> fraction, BatchWaves<Real>& d_psi) {
  make_ramps(fraction);
  shine(d_probe_hat_, fraction.n, d_psi);
}

template <class Real>
void Illumination<Real>::adjoint(View3<const double> fraction, BatchWaves<Real>& psi_bar) {
  const Index positions = fraction.n;
  const View3<const Complex<Real>> ramp_y{ramp_y_.data(), positions, 1, shape_.window.ny};
  const View3<const Complex<Real>> ramp_x{ramp_x_.data(), positions, 1, shape_.window.nx};
  for (Index m = 0; m < shape_.modes; ++m) {
    const View3<Complex<Real>> waves = psi_bar.mode(m, positions);
    fft_.forward(waves.data, positions);
    illuminate_adjoint<Real>(shape_.device, fft_.band(), waves, ramp_y, ramp_x,
                             probe_hat_bar_.view(shape_.modes, shape_.window.ny, shape_.window.nx).part(m, 1));
  }
}

template <class Real>
std::vector<Complex<Real>> Illumination<Real>::gradient() const {
  Array<Complex<Real>> bar = make_array(shape_.device, probe_hat_bar_.to_vector());
  multiply_table<Real>(shape_.device, fft_.band(), mask(), bar.view(shape_.modes, shape_.window.ny, shape_.window.nx));
  fft_.inverse(bar.data(), shape_.modes);
  return bar.to_vector();
}

template class Illumination<float>;
template class Illumination<double>;

}  // namespace tessera
