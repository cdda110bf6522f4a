#include "src/model/multislice.hpp"

#include <algorithm>
#include <type_traits>

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
      straight_(straight && shape.device != DeviceKind::cuda),
      blocks_serve_(std::is_same_v<Real, float> && shape.device == DeviceKind::cuda && !filtered_ &&
                    shape.states == 1 && shape.kept_every == 1 && shape.window.ny == shape.window.nx &&
                    wave_block_serves(shape.window.nx)),
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
  space.psi = BatchWaves<Real>::several(shape_, shape_.kept());
  space.between.assign(static_cast<std::size_t>(shape_.waves()), 0);
  space.spectrum.resize(static_cast<std::size_t>(gaps()));
  space.t_bar = Array<Complex<Real>>(shape_.device, (straight_ ? 1 : shape_.planes()) * patch);
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
  if (blocks_serve_) turn_propagators();
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

/// Of `k` waves from w on.
template <class Real>
void Multislice<Real>::to_next_slice(const Lane& lane, Space& space, const Windows& windows, Index w, Index k,
                                     Index slice, bool keep_spectrum) const {
  const View3<Complex<Real>> phi = entering(space, slice + 1).wave(w, windows.n, k);
  const Index plane = w / shape_.modes * shape_.slices + slice;
  transmit<Real>(lane, windows_of(windows, windows.tile, space.patches, plane), k,
                 entering(space, slice).wave(w, windows.n, k), phi);
  propagate(lane, space, windows, slice, phi);
  if (keep_spectrum) {
    if (space.spectrum[slice].empty()) space.spectrum[slice] = BatchWaves<Real>(shape_);
    copy_band<Real>(lane, fft_.band(), phi, space.spectrum[slice].wave(w, windows.n, k));
  }
  fft_.inverse(lane, phi.data, phi.n);
}

/// Has what enters `slice` where `entering` looks for it, by the same operations as before: the same bits.
template <class Real>
void Multislice<Real>::make_again(const Lane& lane, Space& space, const Windows& windows, Index w, Index k,
                                  Index slice) const {
  const Index first = slice / shape_.kept_every * shape_.kept_every;
  if (space.between[w] == first) return;
  const Index end = std::min(first + shape_.kept_every, shape_.slices);
  for (Index s = first; s + 1 < end; ++s) to_next_slice(lane, space, windows, w, k, s, false);
  for (Index m = 0; m < k; ++m) space.between[w + m] = first;
}

template <class Real>
void Multislice<Real>::forward(const Lane& lane, Space& space, const Windows& windows, BatchWaves<Real>& exit) const {
  if (filtered_) filter(lane, windows, windows.tile, space.patches);
  const Index k = shape_.together();
  for (Index w = 0; w < shape_.waves(); w += k) {
    for (Index s = 0; s < gaps(); ++s) to_next_slice(lane, space, windows, w, k, s, !sums_[s].empty());
    for (Index m = 0; m < k; ++m) space.between[w + m] = gaps() / shape_.kept_every * shape_.kept_every;
    const Index last_plane = w / shape_.modes * shape_.slices + gaps();
    transmit<Real>(lane, windows_of(windows, windows.tile, space.patches, last_plane), k,
                   entering(space, gaps()).wave(w, windows.n, k), exit.wave(w, windows.n, k));
    if (!has_slope(gaps())) continue;
    const Ramps<Real> ramps = ramps_at(lane, space, gaps(), windows.first, windows.n);
    for (Index m = 0; m < k; ++m) multiply_ramps<Real>(lane, ramps, false, exit.wave(w + m, windows.n));
  }
}

template <class Real>
void Multislice<Real>::read(Instrument& gradient) const {
  for (std::size_t i = 1; i < gradient.sites.size(); ++i) sums_[i - 1].read(gradient.sites[i]);
}

template <class Real>
std::size_t Multislice<Real>::bytes() const {
  std::size_t total = mask_.bytes() + turned_propagators_.bytes() + turned_table_.bytes();
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
  std::size_t total = static_cast<std::size_t>(shape_.kept()) * waves * patch;
  for (Index gap = 0; gap < gaps(); ++gap)
    if (!sums_[gap].empty()) total += waves * patch;
  total += (straight_ ? 1 : planes) * patch;
  return total + (filtered_ ? planes * patch : 0);
}

template class Multislice<float>;
template class Multislice<double>;

}  // namespace tessera
