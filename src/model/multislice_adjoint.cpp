#include "kernels/propagate.hpp"
#include "src/model/multislice.hpp"

namespace tessera {

/// `waves` are wave w of the batch and those that go with it.
template <class Real>
void Multislice<Real>::propagate_back(const Lane& lane, Space& space, const Windows& windows, Index gap, Index w,
                                      View3<Complex<Real>> waves) {
  const Index n = windows.n;
  fft_.forward(lane, waves.data, waves.n);
  if (sums_[gap].wants_moments())
    for (Index m = 0; m < waves.n / n; ++m)
      phase_moments<Real>(lane, fft_.band(), RampOrder::fourier, {space.spectrum[gap].wave(w + m, n), {}},
                          waves.part(m * n, n), sums_[gap].moments(windows.first, n));
  if (sums_[gap].wants_density()) {
    // What all positions share is added in their order, later: z_bar waits in the spectrum's place as conj(z) z_bar.
    multiply_conjugate<Real>(lane, fft_.band(), waves, space.spectrum[gap].wave(w, n, waves.n / n));
  }
  multiply_table_adjoint<Real>(lane, fft_.band(), table(propagators_[gap_table_[gap]]), waves);
  if (has_slope(gap)) {
    const Ramps<Real> ramps = ramps_at(lane, space, gap, windows.first, n);
    for (Index m = 0; m < waves.n / n; ++m) multiply_ramps<Real>(lane, ramps, true, waves.part(m * n, n));
  }
  fft_.inverse(lane, waves.data, waves.n);
}

template <class Real>
void Multislice<Real>::exit_adjoint(const Lane& lane, Space& space, const Windows& windows,
                                    BatchWaves<Real>& wave_bar) {
  if (!has_slope(gaps())) return;
  const Ramps<Real> ramps = ramps_at(lane, space, gaps(), windows.first, windows.n);
  for (Index w = 0; w < shape_.waves(); ++w) multiply_ramps<Real>(lane, ramps, true, wave_bar.wave(w, windows.n));
}

template <class Real>
void Multislice<Real>::slice_adjoint(const Lane& lane, Space& space, const Windows& windows, Index state, Index slice,
                                     BatchWaves<Real>& wave_bar, View3<Complex<Real>> tile_bar) {
  const Index plane = state * shape_.slices + slice;
  const auto t = windows_of(windows, windows.tile, space.patches, plane);
  const View3<Complex<Real>> t_bar = patch_of(space.t_bar, straight_ ? 0 : plane, windows.n);
  const Index k = shape_.together(), n = windows.n;
  for (Index m = 0; m < shape_.modes; m += k) {
    const Index w = state * shape_.modes + m;
    const View3<Complex<Real>> waves = wave_bar.wave(w, n, k);
    make_again(lane, space, windows, w, k, slice);
    const View3<const Complex<Real>> psi = entering(space, slice).wave(w, n, k);
    if (straight_ && !filtered_ && m + k == shape_.modes)
      transmit_adjoint_to_tile<Real>(lane, t, k, psi, waves, t_bar, m > 0, windows.in_tile.corner, plane, tile_bar);
    else
      transmit_adjoint<Real>(lane, t, k, psi, waves, t_bar, m > 0);
    // conj(T psi) phi_bar = conj(psi) psi_bar: the moments of the exit, without its waves.
    if (slice == gaps() && sums_[gaps()].wants_moments())
      for (Index i = 0; i < k; ++i)
        phase_moments<Real>(lane, {.ny = psi.ny, .half = psi.ny}, RampOrder::centred, {psi.part(i * n, n), {}},
                            waves.part(i * n, n), sums_[gaps()].moments(windows.first, n));
    if (slice > 0) propagate_back(lane, space, windows, slice - 1, w, waves);
  }
  if (!filtered_) return;
  band_limit(lane, t_bar);  // the mask is real: the filter is its own adjoint
  if (straight_) add_patches<Real>(lane, {t_bar}, windows.in_tile, plane, tile_bar);
}

template <class Real>
void Multislice<Real>::adjoint(const Lane& lane, Space& space, const Windows& windows, BatchWaves<Real>& wave_bar,
                               View3<Complex<Real>> tile_bar) {
  exit_adjoint(lane, space, windows, wave_bar);
  for (Index state = 0; state < shape_.states; ++state)
    for (Index s = shape_.slices - 1; s >= 0; --s) slice_adjoint(lane, space, windows, state, s, wave_bar, tile_bar);
}

template <class Real>
void Multislice<Real>::commit(const Lane& lane, const Space& space, const Windows& windows,
                              View3<Complex<Real>> tile_bar) {
  const Index ny = shape_.window.ny, nx = shape_.window.nx;
  for (Index gap = 0; gap < gaps(); ++gap)
    if (sums_[gap].wants_density())
      for (Index w = 0; w < shape_.waves(); ++w)
        add_imaginary<Real>(lane, fft_.band(), space.spectrum[gap].wave(w, windows.n), sums_[gap].density(ny, nx));
  if (straight_) return;
  const View3<const Complex<Real>> first{space.t_bar.data(), windows.n, ny, nx};
  add_patches<Real>(lane, {first, shape_.batch * ny * nx, shape_.planes()}, windows.in_tile, 0, tile_bar);
}

template void Multislice<float>::adjoint(const Lane&, Space&, const Windows&, BatchWaves<float>&,
                                         View3<Complex<float>>);
template void Multislice<float>::commit(const Lane&, const Space&, const Windows&, View3<Complex<float>>);
template void Multislice<double>::adjoint(const Lane&, Space&, const Windows&, BatchWaves<double>&,
                                          View3<Complex<double>>);
template void Multislice<double>::commit(const Lane&, const Space&, const Windows&, View3<Complex<double>>);

}  // namespace tessera
