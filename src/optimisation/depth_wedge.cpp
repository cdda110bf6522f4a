#include "src/optimisation/depth_wedge.hpp"

#include <cmath>
#include <utility>

#include "src/base/constants.hpp"

namespace tessera {

namespace {

constexpr double reach_px = 8;  ///< reference pixels

std::vector<double> transposed(const std::vector<double>& matrix, Index rows, Index columns) {
  std::vector<double> result(matrix.size());
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) result[j * rows + i] = matrix[i * columns + j];
  return result;
}

Box grow_by(const Box& box, Index y, Index x) { return {box.y0 - y, box.x0 - x, box.y1 + y, box.x1 + x}; }

}  // namespace

std::vector<double> depth_cosines(Index slices) {
  std::vector<double> matrix;
  const auto n = static_cast<double>(slices);
  for (Index m = 1; m < slices; ++m)
    for (Index s = 0; s < slices; ++s)
      matrix.push_back(std::sqrt(2 / n) * std::cos(pi * static_cast<double>(m) * (static_cast<double>(s) + 0.5) / n));
  return matrix;
}

std::vector<double> wedge_taps(Index slices, double beta, Index radius_y, Index radius_x, double step_y,
                               double step_x) {
  constexpr Index samples = 64;  // of the first Brillouin zone, each axis
  constexpr double floor = 1e-3;
  const auto cosine = [](Index a, Index k) {
    return std::cos(2 * pi * static_cast<double>(a * k % samples) / static_cast<double>(samples));
  };
  const auto frequency = [](Index k) {
    return static_cast<double>(k < samples / 2 ? k : k - samples) / static_cast<double>(samples);
  };
  const auto window = [](Index a, Index radius) {
    return 0.5 * (1 + std::cos(pi * static_cast<double>(a) / static_cast<double>(radius + 1)));
  };
  std::vector<double> taps;
  for (Index m = 1; m < slices; ++m) {
    const double edge = beta * static_cast<double>(m) / (2 * static_cast<double>(slices));
    std::vector<double> rows((radius_y + 1) * samples, 0.0);  // [y, kx]: transformed along y
    for (Index ky = 0; ky < samples; ++ky)
      for (Index kx = 0; kx < samples; ++kx) {
        const double qy = frequency(ky) * step_y, qx = frequency(kx) * step_x;
        const double root = std::sqrt(2 / pi * std::atan(edge * edge / (qy * qy + qx * qx + floor)));
        for (Index y = 0; y <= radius_y; ++y) rows[y * samples + kx] += root * cosine(y, ky);
      }
    for (Index y = -radius_y; y <= radius_y; ++y)
      for (Index x = -radius_x; x <= radius_x; ++x) {
        double sum = 0;
        for (Index kx = 0; kx < samples; ++kx) sum += rows[std::abs(y) * samples + kx] * cosine(std::abs(x), kx);
        taps.push_back(sum / (samples * samples) * window(y, radius_y) * window(x, radius_x));
      }
  }
  return taps;
}

template <class Real>
Index DepthWedge<Real>::radius(double step) {
  return static_cast<Index>(std::lround(reach_px * step));
}

template <class Real>
DepthWedge<Real>::DepthWedge(DeviceKind device, Index slices, double beta, double step_y, double step_x,
                             const Box& object, const Box& owned, const Box& work)
    : slices_(slices),
      radius_y_(radius(step_y)),
      radius_x_(radius(step_x)),
      owned_(owned),
      between_(owned.empty() ? Box{} : intersect(grow_by(owned, radius_y_, radius_x_), object)),
      work_(work),
      cosines_(make_array(device, depth_cosines(slices))),
      back_(make_array(device, transposed(depth_cosines(slices), slices - 1, slices))),
      taps_(make_array(device, wedge_taps(slices, beta, radius_y_, radius_x_, step_y, step_x))),
      spectrum_(device, (slices - 1) * work_.count()),
      filtered_(device, (slices - 1) * between_.count()),
      twice_(device, (slices - 1) * owned_.count()) {}

template <class Real>
void DepthWedge<Real>::add(const Lane& lane, double weight, View3<const Real> u, View3<Real> added, View3<Real> slope) {
  if (owned_.empty() || slices_ < 2) return;
  const Index frequencies = slices_ - 1;
  const auto on = [&](Array<Real>& array, const Box& box) {
    return BoxedView<Real>{array.view(frequencies, box.height(), box.width()), box};
  };
  const auto reading = [](const BoxedView<Real>& view) { return BoxedView<const Real>{view.values, view.box}; };
  const BoxedView<Real> spectrum = on(spectrum_, work_), filtered = on(filtered_, between_), twice = on(twice_, owned_);
  const View3<const double> taps = std::as_const(taps_).view(frequencies, 2 * radius_y_ + 1, 2 * radius_x_ + 1);
  const View3<const double> back = std::as_const(back_).view(1, slices_, frequencies);
  for (Index first = 0; first < slope.n; first += slices_) {
    mix_planes<Real>(lane, 0, 1, std::as_const(cosines_).view(1, frequencies, slices_), {u.part(first, slices_), work_},
                     spectrum);
    filter_planes<Real>(lane, taps, reading(spectrum), filtered);
    filter_planes<Real>(lane, taps, reading(filtered), twice);
    mix_planes<Real>(lane, 0, weight, back, reading(twice), {added.part(first, slices_), owned_});
    mix_planes<Real>(lane, 1, weight, back, reading(twice), {slope.part(first, slices_), owned_});
  }
}

template <class Real>
std::size_t DepthWedge<Real>::bytes() const {
  return cosines_.bytes() + back_.bytes() + taps_.bytes() + spectrum_.bytes() + filtered_.bytes() + twice_.bytes();
}

template class DepthWedge<float>;
template class DepthWedge<double>;

}  // namespace tessera
