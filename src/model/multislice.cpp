#include "src/model/multislice.hpp"

#include <algorithm>

#include "kernels/propagate.hpp"
#include "src/model/scaled_table.hpp"

namespace tessera {

template <class Real>
Multislice<Real>::Multislice(const ModelShape& shape, const BandFftPlan<Real>& fft, const Propagation& propagation,
                             const std::vector<double>& gaps_A)
    : shape_(shape), fft_(fft), filtered_(propagation.transmission == TransmissionLimit::patch) {
  TESSERA_ASSERT(static_cast<Index>(gaps_A.size()) == shape.slices - 1, gaps_A.size(), shape.slices);
  std::vector<double> different;
  for (const double gap_A : gaps_A) {
    auto found = std::find(different.begin(), different.end(), gap_A);
    if (found == different.end()) {
      propagators_.push_back(scaled_table<Real>(shape.device, propagator(shape.window, propagation, gap_A)));
      found = different.insert(different.end(), gap_A);
    }
    gap_table_.push_back(found - different.begin());
  }
  for (Index s = 0; s < shape.slices; ++s) psi_.emplace_back(shape);
  const Index patch = shape.batch * shape.window.count();
  t_bar_ = Array<Complex<Real>>(shape.device, patch);
  if (!filtered_) return;
  mask_ = scaled_table<Real>(shape.device, band_limit_mask(shape.window, propagation));
  patches_ = Array<Complex<Real>>(shape.device, shape.slices * patch);
  d_patches_ = Array<Complex<Real>>(shape.device, shape.slices * patch);
  zero_corner_ = Array<PixelYX>(shape.device, shape.batch);
}

template <class Real>
View3<const Complex<Real>> Multislice<Real>::table(const Array<Complex<Real>>& values) const {
  return values.view(1, shape_.window.ny, shape_.window.nx);
}

template <class Real>
TransmissionWindows<Real> Multislice<Real>::windows(View3<const Complex<Real>> tile, const PixelYX* corner,
                                                    Index slice) const {
  if (!filtered_) return {.planes = tile, .corner = corner, .first = slice, .stride = 0};
  return {.planes = tile, .corner = zero_corner_.data(), .first = slice * shape_.batch, .stride = 1};
}

template <class Real>
void Multislice<Real>::band_limit(View3<Complex<Real>> patches) {
  fft_.forward(patches.data, patches.n);
  multiply_table<Real>(shape_.device, fft_.band(), table(mask_), patches);
  fft_.inverse(patches.data, patches.n);
}

template <class Real>
void Multislice<Real>::filter_windows(View3<const Complex<Real>> tile, const PixelYX* corner, Index positions,
                                      Array<Complex<Real>>& patches) {
  for (Index s = 0; s < shape_.slices; ++s) {
    const View3<Complex<Real>> patch = patches.view(shape_.slices * shape_.batch, shape_.window.ny, shape_.window.nx)
                                           .part(s * shape_.batch, positions);
    extract_patches<Real>(shape_.device, {.planes = tile, .corner = corner, .first = s, .stride = 0}, patch);
    band_limit(patch);
  }
}

template <class Real>
void Multislice<Real>::propagate(Index gap, bool adjoint, View3<Complex<Real>> waves) {
  const View3<const Complex<Real>> h = table(propagators_[gap_table_[gap]]);
  fft_.forward(waves.data, waves.n);
  if (adjoint)
    multiply_table_adjoint<Real>(shape_.device, fft_.band(), h, waves);
  else
    multiply_table<Real>(shape_.device, fft_.band(), h, waves);
  fft_.inverse(waves.data, waves.n);
}

template <class Real>
void Multislice<Real>::forward(View3<const Complex<Real>> tile, const PixelYX* corner, Index positions,
                               BatchWaves<Real>& exit) {
  if (filtered_) {
    filter_windows(tile, corner, positions, patches_);
    tile = patches_.view(shape_.slices * shape_.batch, shape_.window.ny, shape_.window.nx);
  }
  for (Index m = 0; m < shape_.modes; ++m)
    for (Index s = 0; s < shape_.slices; ++s) {
      const bool last = s + 1 == shape_.slices;
      const View3<Complex<Real>> phi = (last ? exit : psi_[s + 1]).mode(m, positions);
      transmit<Real>(shape_.device, windows(tile, corner, s), psi_[s].mode(m, positions), phi);
      if (!last) propagate(s, false, phi);
    }
}

template <class Real>
void Multislice<Real>::tangent(View3<const Complex<Real>> tile, View3<const Complex<Real>> d_tile,
                               const PixelYX* corner, Index positions, BatchWaves<Real>& d_wave) {
  if (filtered_) {
    filter_windows(d_tile, corner, positions, d_patches_);
    d_tile = d_patches_.view(shape_.slices * shape_.batch, shape_.window.ny, shape_.window.nx);
    tile = patches_.view(shape_.slices * shape_.batch, shape_.window.ny, shape_.window.nx);
  }
  for (Index m = 0; m < shape_.modes; ++m)
    for (Index s = 0; s < shape_.slices; ++s) {
      const View3<Complex<Real>> waves = d_wave.mode(m, positions);
      transmit_tangent<Real>(shape_.device, windows(tile, corner, s), windows(d_tile, corner, s),
                             psi_[s].mode(m, positions), waves, waves);
      if (s + 1 < shape_.slices) propagate(s, false, waves);
    }
}

template <class Real>
void Multislice<Real>::adjoint(View3<const Complex<Real>> tile, const PixelYX* corner, Index positions,
                               BatchWaves<Real>& wave_bar, View3<Complex<Real>> tile_bar) {
  if (filtered_) tile = patches_.view(shape_.slices * shape_.batch, shape_.window.ny, shape_.window.nx);
  const View3<Complex<Real>> t_bar{t_bar_.data(), positions, shape_.window.ny, shape_.window.nx};
  for (Index s = shape_.slices - 1; s >= 0; --s) {
    for (Index m = 0; m < shape_.modes; ++m) {
      const View3<Complex<Real>> waves = wave_bar.mode(m, positions);
      const auto t = windows(tile, corner, s);
      if (m + 1 == shape_.modes && !filtered_)
        transmit_adjoint_to_tile<Real>(shape_.device, t, psi_[s].mode(m, positions), waves, t_bar, m > 0, corner, s,
                                       tile_bar);
      else
        transmit_adjoint<Real>(shape_.device, t, psi_[s].mode(m, positions), waves, t_bar, m > 0);
      if (s > 0) propagate(s - 1, true, waves);
    }
    if (!filtered_) continue;
    band_limit(t_bar);  // the mask is real: the filter is its own adjoint
    add_patches<Real>(shape_.device, t_bar, corner, s, tile_bar);
  }
}

template <class Real>
std::size_t Multislice<Real>::bytes() const {
  std::size_t total = t_bar_.bytes() + mask_.bytes() + patches_.bytes() + d_patches_.bytes();
  for (const auto& waves : psi_) total += waves.bytes();
  for (const auto& values : propagators_) total += values.bytes();
  return total;
}

template class Multislice<float>;
template class Multislice<double>;

}  // namespace tessera
