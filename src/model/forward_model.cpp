#include "src/model/forward_model.hpp"

#include "kernels/intensity.hpp"
#include "src/arrays/stage.hpp"

namespace tessera {

namespace {

std::vector<PixelYX> corners_in(std::span<const Placement> placements, const Grid& window, const Box& work) {
  std::vector<PixelYX> corners;
  for (const Placement& placement : placements) {
    TESSERA_ASSERT(contains(work, window_box(placement, window)), placement.corner.y, placement.corner.x);
    corners.push_back({placement.corner.y - work.y0, placement.corner.x - work.x0});
  }
  return corners;
}

std::vector<double> slopes_of(std::span<const Placement> placements) {
  std::vector<double> slopes;
  for (const Placement& placement : placements) slopes.insert(slopes.end(), {-placement.fy, -placement.fx});
  return slopes;
}

}  // namespace

template <class Real>
ForwardModel<Real>::ForwardModel(const ModelSetup& setup, std::span<const Placement> placements, const Box& work)
    : setup_(setup),
      work_(work),
      fft_(setup.shape.device, setup.shape.window.ny, setup.shape.window.nx, setup.shape.batch),
      band_fft_(fft_, setup.shape.window.nx, setup.shape.batch, band_of(setup.shape.window, setup.propagation)),
      corners_(corners_in(placements, setup.shape.window, work)),
      corner_(make_array(setup.shape.device, corners_)),
      slope_(slopes_of(placements)),
      illumination_(setup.shape, band_fft_, band_limit_mask(setup.shape.window, setup.propagation)),
      multislice_(setup.shape, band_fft_, setup.propagation, setup.gaps_A, setup.lanes == 1),
      detector_(setup.shape, setup.detector),
      free_space_(setup.shape.window, setup.propagation, setup.gaps_A),
      transmission_(setup.shape.device, setup.shape.planes() * work.count()),
      transmission_bar_(setup.shape.device, setup.shape.planes() * work.count()),
      unitary_(Real{1} / static_cast<Real>(setup.shape.window.count())) {}

template <class Real>
typename ForwardModel<Real>::Space ForwardModel<Real>::make_space() const {
  const ModelShape& shape = setup_.shape;
  return {.lane = Lane::beside_others(shape.device),
          .illumination = illumination_.make_space(),
          .slices = multislice_.make_space(),
          .detector = detector_.make_space(),
          .exit = BatchWaves<Real>(shape),
          .d_wave = {},
          .intensity = Array<Real>(shape.device, shape.batch * shape.window.count()),
          .d_intensity = {}};
}

template <class Real>
Instrument ForwardModel<Real>::neutral() const {
  const ModelShape& shape = setup_.shape;
  Instrument instrument;
  instrument.probe.assign(static_cast<std::size_t>(2 * shape.modes * shape.window.count()), 0.0);
  instrument.sites.resize(static_cast<std::size_t>(shape.slices + 1));
  instrument.sites.front().slope = slope_;
  instrument.gap_A = setup_.gaps_A;
  if (setup_.detector.psf_radius_px > 0) instrument.psf_px = {setup_.psf_px};
  return instrument;
}

template <class Real>
void ForwardModel<Real>::prepare(const Instrument& instrument) {
  now_.gap_A = instrument.gap_A;
  now_.tan_tilt = instrument.tan_tilt;
  now_.tan_tilts = instrument.tan_tilts;
  Instrument expanded = instrument;
  free_space_.expand(expanded);
  illumination_.prepare(Lane(setup_.shape.device), expanded);
  multislice_.prepare(expanded);
  detector_.prepare(expanded);
}

template <class Real>
void ForwardModel<Real>::prepare_tangent(const Instrument& direction) {
  Instrument expanded = direction;
  free_space_.expand_tangent(now_, expanded);
  illumination_.prepare_tangent(Lane(setup_.shape.device), expanded);
  multislice_.prepare_tangent(expanded);
  detector_.prepare_tangent(expanded);
}

template <class Real>
void ForwardModel<Real>::begin(const Instrument& wanted) {
  transmission_bar_.set_zero();
  wanted_ = wanted;
  wanted_.sites.resize(static_cast<std::size_t>(setup_.shape.slices + 1));
  free_space_.want(now_, wanted_, positions());
  illumination_.begin(wanted_, positions());
  multislice_.begin(wanted_, positions());
  detector_.begin(wanted_, positions());
}

template <class Real>
Instrument ForwardModel<Real>::gradient() const {
  Instrument sums = wanted_;
  illumination_.read(Lane(setup_.shape.device), sums);
  multislice_.read(sums);
  detector_.read(sums);
  free_space_.collect(now_, sums);
  return sums;
}

template <class Real>
typename Multislice<Real>::Windows ForwardModel<Real>::windows(Index first, Index n) const {
  return {.tile = transmission_.view(setup_.shape.planes(), work_.height(), work_.width()),
          .in_tile = {.corner = corner_.data() + first, .cover = cover(first, n)},
          .first = first,
          .n = n};
}

/// Made when a batch first comes by: those of one sweep are those of the next.
template <class Real>
WindowCover ForwardModel<Real>::cover(Index first, Index n) const {
  if (setup_.shape.device != DeviceKind::cuda) return {};
  const std::scoped_lock lock(*covers_mutex_);
  WindowCoverArrays& here = covers_[{first, n}];
  if (here.bytes() == 0) {
    const std::vector<PixelYX> corners(corners_.begin() + first, corners_.begin() + first + n);
    here = WindowCoverArrays(setup_.shape.device, corners, setup_.shape.window.ny, setup_.shape.window.nx);
  }
  return here.view();
}

template <class Real>
View3<Real> ForwardModel<Real>::expected(Space& space, Index first, Index n) const {
  TESSERA_ASSERT(n <= setup_.shape.batch && first + n <= positions(), first, n, positions());
  const Stage stage("forward");
  const Grid& window = setup_.shape.window;
  const View3<Real> intensity{space.intensity.data(), n, window.ny, window.nx};
  if (forward_on_chip(space, first, n)) return detector_.forward(space.lane, space.detector, first, intensity);
  illumination_.forward(space.lane, space.illumination, first, n, space.slices.psi[0]);
  multislice_.forward(space.lane, space.slices, windows(first, n), space.exit);
  for (Index w = 0; w < setup_.shape.waves(); w += setup_.shape.together()) {
    const View3<Complex<Real>> waves = space.exit.wave(w, n, setup_.shape.together());
    fft_.forward(space.lane, waves.data, waves.n);
    add_intensity<Real>(space.lane, unitary_, waves, intensity, w > 0);
  }
  return detector_.forward(space.lane, space.detector, first, intensity);
}

template <class Real>
View3<Real> ForwardModel<Real>::tangent(Space& space, Index first, Index n,
                                        View3<const Complex<Real>> d_transmission) const {
  if (space.d_intensity.count() == 0) {
    space.d_wave = BatchWaves<Real>(setup_.shape);
    space.d_intensity = Array<Real>(setup_.shape.device, space.intensity.count());
  }
  const Stage stage("tangent");
  illumination_.tangent(space.lane, space.illumination, first, n, space.d_wave);
  multislice_.tangent(space.lane, space.slices, windows(first, n), d_transmission, space.d_wave);
  const Grid& window = setup_.shape.window;
  const View3<Real> d_intensity{space.d_intensity.data(), n, window.ny, window.nx};
  for (Index w = 0; w < setup_.shape.waves(); ++w) {
    const View3<Complex<Real>> waves = space.d_wave.wave(w, n);
    fft_.forward(space.lane, waves.data, n);
    add_intensity_tangent<Real>(space.lane, unitary_, space.exit.wave(w, n), waves, d_intensity, w > 0);
  }
  return detector_.tangent(space.lane, space.detector, first, {space.intensity.data(), n, window.ny, window.nx},
                           d_intensity);
}

template <class Real>
void ForwardModel<Real>::adjoint(Space& space, Index first, Index n, View3<Real> mu_bar) {
  const Stage stage("adjoint");
  const Grid& window = setup_.shape.window;
  const View3<const Real> intensity_bar =
      detector_.adjoint(space.lane, space.detector, first, {space.intensity.data(), n, window.ny, window.nx}, mu_bar);
  if (adjoint_on_chip(space, first, n, intensity_bar)) return;
  for (Index w = 0; w < setup_.shape.waves(); w += setup_.shape.together()) {
    const View3<Complex<Real>> waves = space.exit.wave(w, n, setup_.shape.together());
    intensity_adjoint<Real>(space.lane, unitary_, intensity_bar, waves);
    fft_.inverse(space.lane, waves.data, waves.n);
  }
  multislice_.adjoint(space.lane, space.slices, windows(first, n), space.exit, transmission_bar());
  illumination_.adjoint(space.lane, space.illumination, first, n, space.exit);
}

template <class Real>
void ForwardModel<Real>::commit(Space& space, Index first, Index n) {
  const Stage stage("commit");
  multislice_.commit(space.lane, space.slices, windows(first, n), transmission_bar());
  illumination_.commit(space.lane, space.illumination, first, n, space.exit);
  detector_.commit(space.lane, space.detector, n);
}

template <class Real>
std::size_t ForwardModel<Real>::bytes() const {
  const ModelShape& shape = setup_.shape;
  const auto patch = static_cast<std::size_t>(shape.batch * shape.window.count());
  const std::size_t space = illumination_.space_bytes() + multislice_.space_bytes() + detector_.space_bytes() +
                            static_cast<std::size_t>(shape.waves()) * patch * sizeof(Complex<Real>) +
                            patch * sizeof(Real);
  return illumination_.bytes() + multislice_.bytes() + detector_.bytes() + transmission_.bytes() +
         transmission_bar_.bytes() + static_cast<std::size_t>(setup_.lanes) * space;
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
