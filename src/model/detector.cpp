#include "src/model/detector.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/reduce.hpp"

namespace tessera {

namespace {

/// For each of the detector's rows the window's rows that it counts, `bin` places each, -1 where there are fewer.
std::vector<Index> sources_of(const DetectorAxis& axis) {
  std::vector<Index> sources(static_cast<std::size_t>(axis.length * axis.bin), -1);
  std::vector<Index> found(static_cast<std::size_t>(axis.length), 0);
  for (std::size_t i = 0; i < axis.target.size(); ++i) {
    const Index row = axis.target[i];
    if (row < 0) continue;
    TESSERA_ASSERT(found[row] < axis.bin, row, axis.bin);
    sources[row * axis.bin + found[row]++] = static_cast<Index>(i);
  }
  return sources;
}

/// Weights of a Gaussian sampled in real space, k_r proportional to exp(-r^2/(2 s^2)), sum 1; and dk/ds = k (r^2 -
/// <r^2>)/s^3. Sampled there they are never negative, as a Gaussian's Fourier transform would make them.
struct GaussianTaps {
  std::vector<double> weight, slope;
  GaussianTaps(double sigma_px, Index radius) {
    double sum = 0, second = 0;
    for (Index r = -radius; r <= radius; ++r) {
      const double distance = static_cast<double>(r);
      weight.push_back(sigma_px > 0 ? std::exp(-distance * distance / (2 * sigma_px * sigma_px)) : r == 0 ? 1 : 0);
      sum += weight.back();
    }
    for (double& value : weight) value /= sum;
    for (Index r = -radius; r <= radius; ++r) second += weight[r + radius] * static_cast<double>(r * r);
    for (Index r = -radius; r <= radius; ++r)
      slope.push_back(sigma_px > 0 ? weight[r + radius] * (static_cast<double>(r * r) - second) / std::pow(sigma_px, 3)
                                   : 0);
  }
};

template <class Real>
Array<Real> as_array(DeviceKind device, const std::vector<double>& values) {
  return make_array(device, std::vector<Real>(values.begin(), values.end()));
}

}  // namespace

template <class Real>
Detector<Real>::Detector(const ModelShape& shape, const DetectorSetup& setup)
    : shape_(shape), setup_(setup), matrix_(setup.virtual_detectors != nullptr) {
  if (maps()) {
    row_sources_ = make_array(shape.device, sources_of(setup.rows));
    row_target_ = make_array(shape.device, setup.rows.target);
    column_sources_ = make_array(shape.device, sources_of(setup.columns));
    column_target_ = make_array(shape.device, setup.columns.target);
    live_ = as_array<Real>(shape.device, setup.live);
  }
  if (!matrix_) return;
  const auto add = [&](const VirtualDetectors& from, std::vector<Matrix>& to) {
    to.push_back({make_array(shape.device, from.start), make_array(shape.device, from.pixel),
                  as_array<Real>(shape.device, from.weight)});
  };
  for (const VirtualDetectors& set : *setup.virtual_detectors) {
    TESSERA_ASSERT(set.channels == nx(), set.channels, nx());
    add(set, forward_);
    add(transpose(set, pixels_ny() * pixels_nx()), transposed_);
  }
}

/// A device pays for several sets by a launch for each position in the place of one for the batch; a host, which takes
/// one position at a time, by the memory of the sets alone.
template <class Real>
void Detector<Real>::multiply(const Lane& lane, const std::vector<Matrix>& sets, Index first, View3<const Real> in,
                              View3<Real> out) const {
  if (sets.size() == 1) return apply_rows<Real>(lane, sets.front().rows(), in, out);
  for (Index p = 0; p < in.n; ++p)
    apply_rows<Real>(lane, sets[setup_.set_of[first + p]].rows(), in.part(p, 1), out.part(p, 1));
}

template <class Real>
typename Detector<Real>::Space Detector<Real>::make_space() const {
  Space space;
  const Grid& window = shape_.window;
  const Index r = setup_.psf_radius_px;
  if (blurs()) {
    space.padded = Array<Real>(shape_.device, shape_.batch * (window.ny + 2 * r) * (2 * window.nx + 2 * r));
    space.blurred = Array<Real>(shape_.device, 3 * shape_.batch * window.count());
  }
  // One more window: where pixels are spread back to.
  if (maps()) space.pixels = Array<Real>(shape_.device, shape_.batch * (pixels_ny() * pixels_nx() + window.count()));
  if (matrix_) space.channels = Array<Real>(shape_.device, shape_.batch * (nx() + pixels_ny() * pixels_nx()));
  return space;
}

template <class Real>
void Detector<Real>::prepare(const Instrument& instrument) {
  background_ = as_array<Real>(shape_.device, instrument.background);
  if (!blurs()) return;
  TESSERA_ASSERT(instrument.psf_px.size() == 1, instrument.psf_px.size());
  const GaussianTaps gaussian(instrument.psf_px[0], setup_.psf_radius_px);
  taps_ = as_array<Real>(shape_.device, gaussian.weight);
  d_taps_ = as_array<Real>(shape_.device, gaussian.slope);
}

template <class Real>
void Detector<Real>::prepare_tangent(const Instrument& direction) {
  d_background_ = as_array<Real>(shape_.device, direction.background);
  d_psf_px_ = direction.psf_px.empty() ? 0 : direction.psf_px[0];
}

template <class Real>
void Detector<Real>::begin(const Instrument& wanted, Index positions) {
  background_bar_ = Array<double>(shape_.device, static_cast<Index>(wanted.background.size()));
  psf_bar_ = Array<double>(shape_.device, wanted.psf_px.empty() ? 0 : positions);
}

template <class Real>
Taps<Real> Detector<Real>::taps(const Array<Real>& y, const Array<Real>& x) const {
  return {y.data(), x.data(), setup_.psf_radius_px};
}

template <class Real>
View3<Real> Detector<Real>::from_blurred(const Lane& lane, Space& space, Index first, View3<Real> blurred) const {
  View3<Real> pixels = blurred;
  if (maps()) {
    pixels = {space.pixels.data(), blurred.n, pixels_ny(), pixels_nx()};
    sum_pixels<Real>(lane, {row_sources_.data(), row_target_.data(), setup_.rows.bin},
                     {column_sources_.data(), column_target_.data(), setup_.columns.bin}, live_.data(), blurred,
                     pixels);
  }
  if (!matrix_) return pixels;
  const View3<Real> channels{space.channels.data(), blurred.n, 1, nx()};
  multiply(lane, forward_, first, pixels, channels);
  return channels;
}

template <class Real>
View3<Real> Detector<Real>::apply(const Lane& lane, Space& space, Index first, View3<Real> intensity) const {
  if (!blurs()) return from_blurred(lane, space, first, intensity);
  const View3<Real> blurred{space.blurred.data(), intensity.n, intensity.ny, intensity.nx};
  blur<Real>(lane, taps(taps_, taps_), intensity, space.padded.data(), blurred, false);
  return from_blurred(lane, space, first, blurred);
}

template <class Real>
View3<Real> Detector<Real>::forward(const Lane& lane, Space& space, Index first, View3<Real> intensity) const {
  const View3<Real> mu = apply(lane, space, first, intensity);
  if (background_.count() > 0) add_plane<Real>(lane, background_.view(1, ny(), nx()), mu);
  return mu;
}

template <class Real>
View3<Real> Detector<Real>::tangent(const Lane& lane, Space& space, Index first, View3<const Real> intensity,
                                    View3<Real> d_intensity) const {
  View3<Real> d_blurred = d_intensity;
  if (blurs()) {
    d_blurred = {space.blurred.data(), d_intensity.n, d_intensity.ny, d_intensity.nx};
    blur<Real>(lane, taps(taps_, taps_), d_intensity, space.padded.data(), d_blurred, false);
    if (d_psf_px_ != 0) {
      std::vector<Real> change = d_taps_.to_vector();
      for (Real& value : change) value *= static_cast<Real>(d_psf_px_);
      const Array<Real> d_taps = make_array(shape_.device, change);
      blur<Real>(lane, taps(d_taps, taps_), intensity, space.padded.data(), d_blurred, true);
      blur<Real>(lane, taps(taps_, d_taps), intensity, space.padded.data(), d_blurred, true);
    }
  }
  const View3<Real> d_mu = from_blurred(lane, space, first, d_blurred);
  if (d_background_.count() > 0) add_plane<Real>(lane, d_background_.view(1, ny(), nx()), d_mu);
  return d_mu;
}

template <class Real>
View3<const Real> Detector<Real>::adjoint(const Lane& lane, Space& space, Index first, View3<const Real> intensity,
                                          View3<Real> mu_bar) {
  space.mu_bar = mu_bar;
  View3<const Real> bar = mu_bar;
  if (matrix_) {
    const View3<Real> pixels_bar{space.channels.data() + shape_.batch * nx(), mu_bar.n, pixels_ny(), pixels_nx()};
    multiply(lane, transposed_, first, bar, pixels_bar);
    bar = pixels_bar;
  }
  if (maps()) {
    const View3<Real> spread{space.pixels.data() + shape_.batch * pixels_ny() * pixels_nx(), mu_bar.n, shape_.window.ny,
                             shape_.window.nx};
    spread_pixels<Real>(lane, {row_sources_.data(), row_target_.data(), setup_.rows.bin},
                        {column_sources_.data(), column_target_.data(), setup_.columns.bin}, live_.data(), bar, spread);
    bar = spread;
  }
  if (!blurs()) return bar;
  const Index window = shape_.batch * shape_.window.count();
  const View3<Real> intensity_bar{space.blurred.data() + window, bar.n, shape_.window.ny, shape_.window.nx};
  if (psf_bar_.count() > 0) {
    const View3<Real> slope{space.blurred.data() + 2 * window, bar.n, shape_.window.ny, shape_.window.nx};
    blur<Real>(lane, taps(d_taps_, taps_), intensity, space.padded.data(), slope, false);
    blur<Real>(lane, taps(taps_, d_taps_), intensity, space.padded.data(), slope, true);
    for (Index p = 0; p < bar.n; ++p)
      sum_product<Real>(lane, slope.part(p, 1), bar.part(p, 1), psf_bar_.data() + first + p);
  }
  blur<Real>(lane, taps(taps_, taps_), bar, space.padded.data(), intensity_bar, false);
  return intensity_bar;
}

template <class Real>
void Detector<Real>::commit(const Lane& lane, const Space& space, Index n) {
  TESSERA_ASSERT(n == space.mu_bar.n, n, space.mu_bar.n);
  if (background_bar_.count() > 0) add_over_positions<Real>(lane, space.mu_bar, background_bar_.view(1, ny(), nx()));
}

template <class Real>
void Detector<Real>::read(Instrument& gradient) const {
  if (!gradient.background.empty()) gradient.background = background_bar_.to_vector();
  if (gradient.psf_px.empty()) return;
  gradient.psf_px[0] = 0;
  for (const double value : psf_bar_.to_vector()) gradient.psf_px[0] += value;
}

template <class Real>
std::size_t Detector<Real>::bytes() const {
  std::size_t total = row_sources_.bytes() + row_target_.bytes() + column_sources_.bytes() + column_target_.bytes() +
                      live_.bytes() + taps_.bytes() + d_taps_.bytes() + background_.bytes() + d_background_.bytes() +
                      background_bar_.bytes() + psf_bar_.bytes();
  for (const std::vector<Matrix>* sets : {&forward_, &transposed_})
    for (const Matrix& matrix : *sets) total += matrix.start.bytes() + matrix.column.bytes() + matrix.weight.bytes();
  for (std::size_t i = 0; i < forward_.size(); ++i) total += (*setup_.virtual_detectors)[i].bytes();
  return total;
}

template <class Real>
std::size_t Detector<Real>::space_bytes() const {
  const Index window = shape_.window.count(), pixels = pixels_ny() * pixels_nx(), r = setup_.psf_radius_px;
  Index count = 0;
  if (blurs()) count += (shape_.window.ny + 2 * r) * (2 * shape_.window.nx + 2 * r) + 3 * window;
  if (maps()) count += pixels + window;
  if (matrix_) count += nx() + pixels;
  return static_cast<std::size_t>(shape_.batch * count) * sizeof(Real);
}

template class Detector<float>;
template class Detector<double>;

}  // namespace tessera
