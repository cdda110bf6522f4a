#include "src/model/multislice.hpp"

namespace tessera {

template <class Real>
bool Multislice<Real>::fits_on_chip() const {
  if (!blocks_serve_) return false;
  for (const Array<double>& slope : now_.slope)
    if (slope.count() > 0) return false;
  for (const SiteSums& sums : sums_)
    if (!sums.empty()) return false;
  return true;
}

/// The blocks hold a spectrum with its columns as rows.
template <class Real>
void Multislice<Real>::turn_propagators() {
  const Index n = shape_.window.nx;
  std::vector<Complex<float>> turned;
  for (const Array<Complex<Real>>& table : propagators_) {
    const std::vector<Complex<Real>> values = table.to_vector();
    for (Index x = 0; x < n; ++x)
      for (Index y = 0; y < n; ++y)
        turned.push_back({static_cast<float>(values[y * n + x].re), static_cast<float>(values[y * n + x].im)});
  }
  turned_propagators_ = make_array(shape_.device, turned);
  turned_table_ = make_array(shape_.device, std::vector<int>(gap_table_.begin(), gap_table_.end()));
}

template <>
Multislice<float>::OnChip Multislice<float>::on_chip(Space& space, const Windows& windows) const {
  const Index window = shape_.window.count();
  return {.shape = {.n = shape_.window.nx,
                    .modes = shape_.modes,
                    .slices = shape_.slices,
                    .batch = windows.n,
                    .positions = windows.n,
                    .slice_stride = shape_.waves() * shape_.batch * window,
                    .t_bar_slice_stride = shape_.batch * window},
          .object = {.planes = windows.tile.data,
                     .ny = windows.tile.ny,
                     .nx = windows.tile.nx,
                     .corner = windows.in_tile.corner,
                     .propagators = turned_propagators_.data(),
                     .gap_table = turned_table_.data()},
          .psi = space.psi.front().wave(0, windows.n).data,
          .t_bar = space.t_bar.data()};
}

template bool Multislice<float>::fits_on_chip() const;
template bool Multislice<double>::fits_on_chip() const;
template void Multislice<float>::turn_propagators();
template void Multislice<double>::turn_propagators();

}  // namespace tessera
