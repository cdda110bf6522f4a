#include "src/model/forward_model.hpp"

#include "kernels/intensity.hpp"

namespace tessera {

namespace {

Array<PixelYX> corners_in(DeviceKind device, std::span<const Placement> placements, const Grid& window,
                          const Box& work) {
  std::vector<PixelYX> corners;
  for (const Placement& placement : placements) {
    TESSERA_ASSERT(contains(work, window_box(placement, window)), placement.corner.y, placement.corner.x);
    corners.push_back({placement.corner.y - work.y0, placement.corner.x - work.x0});
  }
  return make_array(device, corners);
}

Array<double> fractions_of(DeviceKind device, std::span<const Placement> placements) {
  std::vector<double> fractions;
  for (const Placement& placement : placements) fractions.insert(fractions.end(), {placement.fy, placement.fx});
  return make_array(device, fractions);
}

}  // namespace

template <class Real>
ForwardModel<Real>::ForwardModel(const ModelShape& shape, const Propagation& propagation,
                                 const std::vector<double>& gaps_A, std::span<const Placement> placements,
                                 const Box& work)
    : shape_(shape),
      work_(work),
      fft_(shape.device, shape.window.ny, shape.window.nx, shape.batch),
      band_fft_(fft_, shape.window.nx, shape.batch, band_of(shape.window, propagation)),
      corner_(corners_in(shape.device, placements, shape.window, work)),
      fraction_(fractions_of(shape.device, placements)),
      illumination_(shape, band_fft_, band_limit_mask(shape.window, propagation)),
      multislice_(shape, band_fft_, propagation, gaps_A),
      exit_(shape),
      transmission_(shape.device, shape.slices * work.count()),
      transmission_bar_(shape.device, shape.slices * work.count()),
      intensity_(shape.device, shape.batch * shape.window.count()),
      unitary_(Real{1} / static_cast<Real>(shape.window.count())) {}

template <class Real>
void ForwardModel<Real>::clear_gradients() {
  transmission_bar_.set_zero();
  illumination_.clear_gradient();
}

template <class Real>
View3<Real> ForwardModel<Real>::intensities(Index first, Index n) {
  TESSERA_ASSERT(n <= shape_.batch && first + n <= positions(), first, n, positions());
  illumination_.forward(fractions(first, n), multislice_.incident());
  multislice_.forward(transmission(), corner_.data() + first, n, exit_);
  const View3<Real> intensity{intensity_.data(), n, shape_.window.ny, shape_.window.nx};
  for (Index m = 0; m < shape_.modes; ++m) {
    const View3<Complex<Real>> waves = exit_.mode(m, n);
    fft_.forward(waves.data, n);
    add_intensity<Real>(shape_.device, unitary_, waves, intensity, m > 0);
  }
  return intensity;
}

template <class Real>
View3<Real> ForwardModel<Real>::tangent(Index first, Index n, View3<const Complex<Real>> d_probe,
                                        View3<const Complex<Real>> d_transmission) {
  if (d_intensity_.count() == 0) {
    d_wave_ = BatchWaves<Real>(shape_);
    d_intensity_ = Array<Real>(shape_.device, intensity_.count());
  }
  illumination_.set_probe_tangent(d_probe);
  illumination_.tangent(fractions(first, n), d_wave_);
  multislice_.tangent(transmission(), d_transmission, corner_.data() + first, n, d_wave_);
  const View3<Real> d_intensity{d_intensity_.data(), n, shape_.window.ny, shape_.window.nx};
  for (Index m = 0; m < shape_.modes; ++m) {
    const View3<Complex<Real>> waves = d_wave_.mode(m, n);
    fft_.forward(waves.data, n);
    add_intensity_tangent<Real>(shape_.device, unitary_, exit_.mode(m, n), waves, d_intensity, m > 0);
  }
  return d_intensity;
}

template <class Real>
void ForwardModel<Real>::adjoint(Index first, Index n, View3<const Real> intensity_bar) {
  for (Index m = 0; m < shape_.modes; ++m) {
    const View3<Complex<Real>> waves = exit_.mode(m, n);
    intensity_adjoint<Real>(shape_.device, unitary_, intensity_bar, waves);
    fft_.inverse(waves.data, n);
  }
  multislice_.adjoint(transmission(), corner_.data() + first, n, exit_, transmission_bar());
  illumination_.adjoint(fractions(first, n), exit_);
}

template <class Real>
std::size_t ForwardModel<Real>::bytes() const {
  return multislice_.bytes() + exit_.bytes() + transmission_.bytes() + transmission_bar_.bytes() + intensity_.bytes() +
         3 * static_cast<std::size_t>(shape_.modes * shape_.window.count()) * sizeof(Complex<Real>);
}

template <class Real>
void make_fft_plans(const ModelShape& shape, const Propagation& propagation) {
  const FftPlan<Real> far_field(shape.device, shape.window.ny, shape.window.nx, shape.batch);
  const BandFftPlan<Real> between_slices(far_field, shape.window.nx, shape.batch, band_of(shape.window, propagation));
}

template class ForwardModel<float>;
template class ForwardModel<double>;
template void make_fft_plans<float>(const ModelShape&, const Propagation&);
template void make_fft_plans<double>(const ModelShape&, const Propagation&);

}  // namespace tessera
