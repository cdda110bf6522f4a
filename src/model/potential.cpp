#include "src/model/potential.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/base/error.hpp"
#include "src/model/scattering.hpp"

namespace tessera {
namespace {

Grid patch_grid(const ObjectFrame& frame, double half_width_A) {
  const auto length = [half_width_A](double pixel_A) {
    return fast_even_length(static_cast<Index>(std::ceil(2 * half_width_A / pixel_A)));
  };
  return {length(frame.dy_A), length(frame.dx_A), frame.dy_A, frame.dx_A};
}

/// exp(-2 pi i k delta) for every bin of an axis, delta in pixels.
std::vector<Complex<double>> shift_ramp(Index n, double delta_px) {
  std::vector<Complex<double>> ramp;
  ramp.reserve(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    const double phase = -2 * pi * Grid::frequency_invA(i, n, 1.0) * delta_px;
    ramp.push_back({std::cos(phase), std::sin(phase)});
  }
  return ramp;
}

}  // namespace

Index fast_even_length(Index n) {
  for (Index candidate = std::max<Index>(2, n + n % 2);; candidate += 2) {
    Index rest = candidate;
    for (const Index prime : {2, 3, 5}) {
      while (rest % prime == 0) rest /= prime;
    }
    if (rest == 1) return candidate;
  }
}

Index slice_of(double z_A, double thickness_A, Index n_slices) {
  return std::clamp<Index>(static_cast<Index>(std::floor(z_A / thickness_A)), 0, n_slices - 1);
}

PotentialProjector::PotentialProjector(const ObjectFrame& frame, double half_width_A)
    : frame_(frame),
      patch_(patch_grid(frame, half_width_A)),
      plan_(DeviceKind::host, patch_.ny, patch_.nx, 1),
      buffer_(DeviceKind::host, patch_.count()) {}

PointYX PotentialProjector::reach_A() const {
  const Index y = patch_.ny / 2 + 1, x = patch_.nx / 2 + 1;
  return {static_cast<double>(y) * patch_.dy_A, static_cast<double>(x) * patch_.dx_A};
}

const std::vector<double>& PotentialProjector::factors(int Z) {
  std::vector<double>& table = factors_[Z];
  if (!table.empty()) return table;
  const double area_A2 = static_cast<double>(patch_.count()) * patch_.dy_A * patch_.dx_A;
  const double scale = constants::scattering_to_potential_VA2 / area_A2;
  table.reserve(static_cast<std::size_t>(patch_.count()));
  for (Index y = 0; y < patch_.ny; ++y) {
    for (Index x = 0; x < patch_.nx; ++x) {
      const double ky = patch_.ky_invA(y), kx = patch_.kx_invA(x);
      table.push_back(scale * scattering_factor_A(Z, ky * ky + kx * kx));
    }
  }
  return table;
}

void PotentialProjector::add(const Atom& atom, const Box& box, std::span<double> slice_VA) {
  TESSERA_ASSERT(static_cast<Index>(slice_VA.size()) == box.count(), slice_VA.size(), box.count());
  const double cy = (atom.y_A - frame_.origin_A.y) / frame_.dy_A;
  const double cx = (atom.x_A - frame_.origin_A.x) / frame_.dx_A;
  const Index py = static_cast<Index>(std::floor(cy + 0.5)), px = static_cast<Index>(std::floor(cx + 0.5));
  const Index y0 = py - patch_.ny / 2, x0 = px - patch_.nx / 2;
  const Box common = intersect(box, {y0, x0, y0 + patch_.ny, x0 + patch_.nx});
  if (common.empty()) return;

  const std::vector<double>& table = factors(atom.Z);
  const auto ramp_y = shift_ramp(patch_.ny, cy - static_cast<double>(py));
  const auto ramp_x = shift_ramp(patch_.nx, cx - static_cast<double>(px));
  Complex<double>* const values = buffer_.data();
  for (std::size_t y = 0, i = 0; y < ramp_y.size(); ++y) {
    for (std::size_t x = 0; x < ramp_x.size(); ++x, ++i) values[i] = table[i] * (ramp_y[y] * ramp_x[x]);
  }
  plan_.inverse(values, 1);

  const auto wrap = [](Index i, Index n) { return i < 0 ? i + n : i; };
  for (Index y = common.y0; y < common.y1; ++y) {
    const Index row = wrap(y - py, patch_.ny) * patch_.nx;
    double* target = slice_VA.data() + (y - box.y0) * box.width() - box.x0;
    for (Index x = common.x0; x < common.x1; ++x) {
      target[x] += values[row + wrap(x - px, patch_.nx)].re;
    }
  }
}

}  // namespace tessera
