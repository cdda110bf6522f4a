#include "src/analysis/half_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/error.hpp"

namespace tessera {

HalfSpectrum::HalfSpectrum(const Grid& grid, double cutoff_invA, const RowSource& rows)
    : grid_(grid),
      columns_(static_cast<Index>(std::min(cutoff_invA * static_cast<double>(grid.nx) * grid.dx_A + 1e-9,
                                           std::floor(static_cast<double>(grid.nx) / 2))) +
               1),
      values_(DeviceKind::host, columns_ * grid.ny),
      along_x_(DeviceKind::host, 1, grid.nx, 1, FftEffort::once),
      along_y_(DeviceKind::host, 1, grid.ny, 1, FftEffort::once),
      row_(DeviceKind::host, grid.nx) {
  std::vector<double> real(static_cast<std::size_t>(grid.nx));
  for (Index y = 0; y < grid.ny; ++y) {
    rows(y, real);
    for (Index x = 0; x < grid.nx; ++x) row_.data()[x] = {real[static_cast<std::size_t>(x)], 0};
    along_x_.forward(row_.data(), 1);
    for (Index kx = 0; kx < columns_; ++kx) values_.data()[kx * grid.ny + y] = row_.data()[kx];
  }
  along_y_.forward(values_.data(), columns_);
}

HalfSpectrum::Bin HalfSpectrum::bin(Index i) const {
  const Index kx = i / grid_.ny, ky = i % grid_.ny;
  const bool own_mirror = kx == 0 || 2 * kx == grid_.nx;
  return {.k_invA = std::hypot(grid_.ky_invA(ky), grid_.kx_invA(kx)), .weight = own_mirror ? 1.0 : 2.0};
}

void HalfSpectrum::low_pass(double cutoff_invA) {
  for (Index i = 0; i < count(); ++i)
    if (bin(i).k_invA > cutoff_invA) values_.data()[i] = {0, 0};
  along_y_.inverse(values_.data(), columns_);
}

void HalfSpectrum::row(Index y, std::span<double> out) {
  TESSERA_ASSERT(static_cast<Index>(out.size()) == grid_.nx, out.size(), grid_.nx);
  row_.set_zero();
  for (Index kx = 0; kx < columns_; ++kx) {
    const Complex<double> value = values_.data()[kx * grid_.ny + y];
    row_.data()[kx] = value;
    if (kx > 0) row_.data()[grid_.nx - kx] = conj(value);
  }
  along_x_.inverse(row_.data(), 1);
  const double scale = 1 / static_cast<double>(grid_.count());
  for (Index x = 0; x < grid_.nx; ++x) out[static_cast<std::size_t>(x)] = scale * row_.data()[x].re;
}

}  // namespace tessera
