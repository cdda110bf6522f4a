#pragma once

#include "src/arrays/lane.hpp"

namespace tessera {

/// Taps of a separable, even point spread: weights [2 radius + 1] along y and x.
template <class Real>
struct Taps {
  const Real* y = nullptr;
  const Real* x = nullptr;
  Index radius = 0;
};

/// out = (taps_y along y, taps_x along x) * in, added to what is there when `accumulate`; all [position, y, x] with
/// zero frequency at [0, 0]; nothing comes from beyond the window's edge, so that the operator is its own adjoint.
/// `padded` is scratch of n (ny + 2 radius)(2 nx + 2 radius) numbers.
template <class Real>
void blur(const Lane& lane, const Taps<Real>& taps, View3<const Real> in, Real* padded, View3<Real> out,
          bool accumulate);

/// Which rows (or columns) of a window are summed in a detector's row: `bin` of them each, -1 for none; and for each
/// row of the window the detector's, -1 for none.
struct PixelMap {
  const Index* sources = nullptr;  ///< [detector row, bin]
  const Index* target = nullptr;   ///< [window row]
  Index bin = 1;
};

/// out(p, y, x) = sum of live x in over the rows and columns of the detector's pixel (y, x): crop and binning. `live`
/// is one weight for each pixel of the window, or null for 1.
template <class Real>
void sum_pixels(const Lane& lane, const PixelMap& rows, const PixelMap& columns, const Real* live, View3<const Real> in,
                View3<Real> out);

/// Its adjoint: in_bar(p, y, x) = live x out_bar at the pixel that counts (y, x), or 0.
template <class Real>
void spread_pixels(const Lane& lane, const PixelMap& rows, const PixelMap& columns, const Real* live,
                   View3<const Real> out_bar, View3<Real> in_bar);

/// A sparse matrix in compressed rows.
template <class Real>
struct SparseRows {
  const Index* start = nullptr;   ///< [row + 1]
  const Index* column = nullptr;  ///< [entry]
  const Real* weight = nullptr;   ///< [entry]
};

/// out(p, 0, i) = sum_k matrix(i, k) in(p, k), the pixels of `in` in one row.
template <class Real>
void apply_rows(const Lane& lane, const SparseRows<Real>& matrix, View3<const Real> in, View3<Real> out);

/// plane(0, y, x) += sum_p values(p, y, x), in the order of p.
template <class Real>
void add_over_positions(const Lane& lane, View3<const Real> values, View3<double> plane);

/// values(p, y, x) += plane(0, y, x).
template <class Real>
void add_plane(const Lane& lane, View3<const Real> plane, View3<Real> values);

}  // namespace tessera
