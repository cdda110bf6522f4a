#include "src/model/multislice.hpp"

#include <algorithm>

#include "kernels/propagate.hpp"
#include "src/model/scaled_table.hpp"

namespace tessera {

template <class Real>
Multislice<Real>::Multislice(const ModelShape& shape, const BandFftPlan<Real>& fft, const Propagation& propagation,
                             const std::vector<double>& gaps_A, bool straight)
    : shape_(shape),
      fft_(fft),
      propagation_(propagation),
      gaps_A_(gaps_A),
      filtered_(propagation.transmission == TransmissionLimit::patch),
      straight_(straight),
      sums_(static_cast<std::size_t>(shape.slices)) {
  TESSERA_ASSERT(static_cast<Index>(gaps_A.size()) == shape.slices - 1, gaps_A.size(), shape.slices);
  if (!filtered_) return;
  mask_ = scaled_table<Real>(shape.device, band_limit_mask(shape.window, propagation));
  zero_corner_ = Array<PixelYX>(shape.device, shape.batch);
}

template <class Real>
typename Multislice<Real>::Space Multislice<Real>::make_space() const {
  Space space;
  const Index patch = shape_.batch * shape_.window.count();
  for (Index s = 0; s < shape_.slices; ++s) space.psi.emplace_back(shape_);
  space.spectrum.resize(static_cast<std::size_t>(gaps()));
  for (Index i = 0; i < (straight_ ? 1 : shape_.planes()); ++i) space.t_bar.emplace_back(shape_.device, patch);
  if (filtered_) space.patches = Array<Complex<Real>>(shape_.device, shape_.planes() * patch);
  space.ramp_y = Array<Complex<Real>>(shape_.device, shape_.batch * shape_.window.ny);
  space.ramp_x = Array<Complex<Real>>(shape_.device, shape_.batch * shape_.window.nx);
  return space;
}

/// Gaps of equal length and phase share a table. Tables are made anew only when a phase has changed.
template <class Real>
void Multislice<Real>::prepare(const Instrument& instrument) {
  now_ = {};
  std::vector<std::vector<double>> phases(static_cast<std::size_t>(gaps()));
  for (std::size_t i = 1; i < instrument.sites.size(); ++i) {
    now_.slope.push_back(make_array(shape_.device, instrument.sites[i].slope));
    if (i <= phases.size()) phases[i - 1] = instrument.sites[i].phase;
  }
  if (phases == phases_ && !gap_table_.empty()) return;
  propagators_.clear();
  gap_table_.clear();
  for (std::size_t gap = 0; gap < phases.size(); ++gap) {
    std::size_t same = 0;
    while (gaps_A_[same] != gaps_A_[gap] || phases[same] != phases[gap]) ++same;
    if (same < gap) {
      gap_table_.push_back(gap_table_[same]);
      continue;
    }
    gap_table_.push_back(static_cast<Index>(propagators_.size()));
    propagators_.push_back(
        scaled_table<Real>(shape_.device, propagator(shape_.window, propagation_, gaps_A_[gap], phases[gap])));
  }
  phases_ = std::move(phases);
}

template <class Real>
void Multislice<Real>::prepare_tangent(const Instrument& direction) {
  change_ = {};
  for (std::size_t i = 1; i < direction.sites.size(); ++i) {
    change_.slope.push_back(make_array(shape_.device, direction.sites[i].slope));
    change_.phase.push_back(make_array(shape_.device, direction.sites[i].phase));
  }
}

template <class Real>
void Multislice<Real>::begin(const Instrument& wanted, Index positions) {
  for (std::size_t i = 0; i < sums_.size(); ++i)
    sums_[i] = wanted.sites.empty() ? SiteSums{} : SiteSums(shape_.device, wanted.sites[i + 1], false, positions);
}

template <class Real>
View3<const Complex<Real>> Multislice<Real>::table(const Array<Complex<Real>>& values) const {
  return values.view(1, shape_.window.ny, shape_.window.nx);
}

template <class Real>
View3<Complex<Real>> Multislice<Real>::patch_of(Array<Complex<Real>>& patches, Index plane, Index n) const {
  return {patches.data() + plane * shape_.batch * shape_.window.count(), n, shape_.window.ny, shape_.window.nx};
}

template <class Real>
TransmissionWindows<Real> Multislice<Real>::windows_of(const Windows& windows, View3<const Complex<Real>> tile,
                                                       const Array<Complex<Real>>& patches, Index plane) const {
  if (!filtered_) return {.planes = tile, .corner = windows.in_tile.corner, .first = plane, .stride = 0};
  return {.planes = patches.view(shape_.planes() * shape_.batch, shape_.window.ny, shape_.window.nx),
          .corner = zero_corner_.data(),
          .first = plane * shape_.batch,
          .stride = 1};
}

template <class Real>
void Multislice<Real>::band_limit(const Lane& lane, View3<Complex<Real>> patches) const {
  fft_.forward(lane, patches.data, patches.n);
  multiply_table<Real>(lane, fft_.band(), table(mask_), patches);
  fft_.inverse(lane, patches.data, patches.n);
}

template <class Real>
void Multislice<Real>::filter(const Lane& lane, const Windows& windows, View3<const Complex<Real>> tile,
                              Array<Complex<Real>>& patches) const {
  for (Index plane = 0; plane < shape_.planes(); ++plane) {
    const View3<Complex<Real>> patch = patch_of(patches, plane, windows.n);
    extract_patches<Real>(lane, {.planes = tile, .corner = windows.in_tile.corner, .first = plane, .stride = 0}, patch);
    band_limit(lane, patch);
  }
}

template <class Real>
Ramps<Real> Multislice<Real>::ramps_at(const Lane& lane, Space& space, Index site, Index first, Index n) const {
  if (!has_slope(site)) return {};
  const View3<Complex<Real>> y{space.ramp_y.data(), n, 1, shape_.window.ny};
  const View3<Complex<Real>> x{space.ramp_x.data(), n, 1, shape_.window.nx};
  phase_ramps<Real>(lane, site == gaps() ? RampOrder::centred : RampOrder::fourier,
                    {now_.slope[site].data() + 2 * first, n, 1, 2}, {}, y, x);
  return {y, x};
}

template <class Real>
void Multislice<Real>::propagate(const Lane& lane, Space& space, const Windows& windows, Index gap,
                                 View3<Complex<Real>> waves) const {
  fft_.forward(lane, waves.data, waves.n);
  multiply_table<Real>(lane, fft_.band(), table(propagators_[gap_table_[gap]]), waves);
  if (!has_slope(gap)) return;
  const Ramps<Real> ramps = ramps_at(lane, space, gap, windows.first, windows.n);
  for (Index first = 0; first < waves.n; first += windows.n) {
    const View3<Complex<Real>> wave = waves.part(first, windows.n);
    apply_ramps<Real>(lane, fft_.band(), wave, ramps, wave);
  }
}

template <class Real>
void Multislice<Real>::forward(const Lane& lane, Space& space, const Windows& windows, BatchWaves<Real>& exit) const {
  if (filtered_) filter(lane, windows, windows.tile, space.patches);
  const Index k = shape_.together();
  for (Index w = 0; w < shape_.waves(); w += k) {
    const Index first_plane = w / shape_.modes * shape_.slices;
    for (Index s = 0; s < shape_.slices; ++s) {
      const bool last = s + 1 == shape_.slices;
      const View3<Complex<Real>> phi = (last ? exit : space.psi[s + 1]).wave(w, windows.n, k);
      transmit<Real>(lane, windows_of(windows, windows.tile, space.patches, first_plane + s), k,
                     space.psi[s].wave(w, windows.n, k), phi);
      if (last) break;
      propagate(lane, space, windows, s, phi);
      if (!sums_[s].empty()) {
        if (space.spectrum[s].empty()) space.spectrum[s] = BatchWaves<Real>(shape_);
        copy_band<Real>(lane, fft_.band(), phi, space.spectrum[s].wave(w, windows.n, k));
      }
      fft_.inverse(lane, phi.data, phi.n);
    }
    if (!has_slope(gaps())) continue;
    const Ramps<Real> ramps = ramps_at(lane, space, gaps(), windows.first, windows.n);
    for (Index m = 0; m < k; ++m) multiply_ramps<Real>(lane, ramps, false, exit.wave(w + m, windows.n));
  }
}

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
  const View3<Complex<Real>> t_bar = patch_of(space.t_bar[straight_ ? 0 : plane], 0, windows.n);
  const Index k = shape_.together(), n = windows.n;
  for (Index m = 0; m < shape_.modes; m += k) {
    const Index w = state * shape_.modes + m;
    const View3<Complex<Real>> waves = wave_bar.wave(w, n, k);
    const View3<const Complex<Real>> psi = space.psi[slice].wave(w, n, k);
    if (straight_ && !filtered_ && m + k == shape_.modes)
      transmit_adjoint_to_tile<Real>(lane, t, k, psi, waves, t_bar, m > 0, windows.in_tile, plane, tile_bar);
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
  if (straight_) add_patches<Real>(lane, t_bar, windows.in_tile, plane, tile_bar);
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
  for (Index plane = 0; plane < shape_.planes(); ++plane)
    add_patches<Real>(lane, {space.t_bar[plane].data(), windows.n, ny, nx}, windows.in_tile, plane, tile_bar);
}

template <class Real>
void Multislice<Real>::read(Instrument& gradient) const {
  for (std::size_t i = 1; i < gradient.sites.size(); ++i) sums_[i - 1].read(gradient.sites[i]);
}

template <class Real>
std::size_t Multislice<Real>::bytes() const {
  std::size_t total = mask_.bytes();
  for (const auto& values : propagators_) total += values.bytes();
  for (const auto& phase : phases_) total += phase.size() * sizeof(double);
  for (const SiteTables* tables : {&now_, &change_})
    for (const auto* all : {&tables->phase, &tables->slope})
      for (const auto& values : *all) total += values.bytes();
  for (const SiteSums& sums : sums_) total += sums.bytes();
  return total;
}

/// With room for the spectra of all gaps whose sites are wanted.
template <class Real>
std::size_t Multislice<Real>::space_bytes() const {
  const auto patch = static_cast<std::size_t>(shape_.batch * shape_.window.count()) * sizeof(Complex<Real>);
  const auto waves = static_cast<std::size_t>(shape_.waves()), planes = static_cast<std::size_t>(shape_.planes());
  std::size_t total = static_cast<std::size_t>(shape_.slices) * waves * patch;
  for (Index gap = 0; gap < gaps(); ++gap)
    if (!sums_[gap].empty()) total += waves * patch;
  total += (straight_ ? 1 : planes) * patch;
  return total + (filtered_ ? planes * patch : 0);
}

template class Multislice<float>;
template class Multislice<double>;

}  // namespace tessera
