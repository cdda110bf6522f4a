#include "kernels/propagate.hpp"
#include "src/model/multislice.hpp"

namespace tessera {

template <class Real>
SiteTangent Multislice<Real>::change_at(Index site, Index first, Index n) const {
  SiteTangent change;
  if (site >= static_cast<Index>(change_.slope.size())) return change;
  if (change_.phase[site].count() > 0) change.phase = change_.phase[site].view(1, shape_.window.ny, shape_.window.nx);
  if (change_.slope[site].count() > 0) change.slope = {change_.slope[site].data() + 2 * first, n, 1, 2};
  return change;
}

/// The waves behind the exit's ramps are not kept: they are made again.
template <class Real>
void Multislice<Real>::exit_tangent(const Lane& lane, Space& space, const Windows& windows, Index w,
                                    View3<Complex<Real>> d_wave) const {
  const Ramps<Real> ramps = ramps_at(lane, space, gaps(), windows.first, windows.n);
  if (ramps.y.data != nullptr) multiply_ramps<Real>(lane, ramps, false, d_wave);
  const SiteTangent change = change_at(gaps(), windows.first, windows.n);
  if (change.slope.data == nullptr) return;
  if (space.exit.count() == 0) space.exit = Array<Complex<Real>>(shape_.device, shape_.batch * shape_.window.count());
  const View3<Complex<Real>> phi{space.exit.data(), windows.n, shape_.window.ny, shape_.window.nx};
  const Index plane = w / shape_.modes * shape_.slices + gaps();
  transmit<Real>(lane, windows_of(windows, windows.tile, space.patches, plane), 1,
                 entering(space, gaps()).wave(w, windows.n), phi);
  add_phase_tangent<Real>(lane, {.ny = phi.ny, .half = phi.ny}, RampOrder::centred, {phi, ramps}, change, d_wave);
}

template <class Real>
void Multislice<Real>::tangent(const Lane& lane, Space& space, const Windows& windows,
                               View3<const Complex<Real>> d_tile, BatchWaves<Real>& d_wave) const {
  if (filtered_) {
    if (space.d_patches.count() == 0) space.d_patches = Array<Complex<Real>>(shape_.device, space.patches.count());
    filter(lane, windows, d_tile, space.d_patches);
  }
  if (space.exit.count() == 0) space.exit = Array<Complex<Real>>(shape_.device, shape_.batch * shape_.window.count());
  const View3<Complex<Real>> spectrum{space.exit.data(), windows.n, shape_.window.ny, shape_.window.nx};
  for (Index w = 0; w < shape_.waves(); ++w) {
    const Index first_plane = w / shape_.modes * shape_.slices;
    const View3<Complex<Real>> waves = d_wave.wave(w, windows.n);
    for (Index s = 0; s < shape_.slices; ++s) {
      make_again(lane, space, windows, w, 1, s);
      const View3<const Complex<Real>> psi = entering(space, s).wave(w, windows.n);
      transmit_tangent<Real>(lane, windows_of(windows, windows.tile, space.patches, first_plane + s),
                             windows_of(windows, d_tile, space.d_patches, first_plane + s), psi, waves, waves);
      if (s == gaps()) break;
      propagate(lane, space, windows, s, waves);
      const SiteTangent change = change_at(s, windows.first, windows.n);
      if (change.phase.data != nullptr || change.slope.data != nullptr) {
        copy_scaled<Real>(lane, Real{1} / static_cast<Real>(shape_.window.count()),
                          entering(space, s + 1).wave(w, windows.n), spectrum);
        fft_.forward(lane, spectrum.data, windows.n);
        add_phase_tangent<Real>(lane, fft_.band(), RampOrder::fourier, {spectrum, {}}, change, waves);
      }
      fft_.inverse(lane, waves.data, windows.n);
    }
    exit_tangent(lane, space, windows, w, waves);
  }
}

template void Multislice<float>::tangent(const Lane&, Space&, const Windows&, View3<const Complex<float>>,
                                         BatchWaves<float>&) const;
template void Multislice<double>::tangent(const Lane&, Space&, const Windows&, View3<const Complex<double>>,
                                          BatchWaves<double>&) const;

}  // namespace tessera
