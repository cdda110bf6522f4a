#include "kernels/detector.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

/// Index of a pixel in FFT order when pixels are counted from the window's edge.
TESSERA_HD constexpr Index from_edge(Index i, Index n) { return i < n - n / 2 ? i + n / 2 : i - (n - n / 2); }

template <class Real>
struct Pad {
  View3<const Real> in;
  Index radius;
  View3<Real> padded;
  Moved moved(double points) const { return points * Moved{bytes_of<Real>, bytes_of<Real>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    padded(p, from_edge(y, in.ny) + radius, from_edge(x, in.nx) + radius) = in(p, y, x);
  }
};

template <class Real>
struct Clear {
  View3<Real> values;
  Moved moved(double points) const { return points * Moved{0, bytes_of<Real>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const { values(p, y, x) = 0; }
};

template <class Real>
struct BlurX {
  Taps<Real> taps;
  View3<const Real> padded;
  View3<Real> half;
  Moved moved(double points) const { return points * Moved{bytes_of<Real>, bytes_of<Real>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    Real sum = 0;
    for (Index r = 0; r <= 2 * taps.radius; ++r) sum += taps.x[r] * padded(p, y, x + r);
    half(p, y, x) = sum;
  }
};

template <class Real, bool accumulate>
struct BlurY {
  Taps<Real> taps;
  View3<const Real> half;
  View3<Real> out;
  Moved moved(double points) const {
    return points * Moved{accumulate ? bytes_of<Real, Real> : bytes_of<Real>, bytes_of<Real>};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Index row = from_edge(y, out.ny), column = from_edge(x, out.nx);
    Real sum = 0;
    for (Index r = 0; r <= 2 * taps.radius; ++r) sum += taps.y[r] * half(p, row + r, column);
    out(p, y, x) = accumulate ? out(p, y, x) + sum : sum;
  }
};

template <class Real>
struct SumPixels {
  PixelMap rows, columns;
  const Real* live;
  View3<const Real> in;
  View3<Real> out;
  Moved moved(double points) const {
    return points * bytes_of<Real> * Moved{static_cast<double>(rows.bin * columns.bin), 1};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    Real sum = 0;
    for (Index i = 0; i < rows.bin; ++i)
      for (Index j = 0; j < columns.bin; ++j) {
        const Index row = rows.sources[y * rows.bin + i], column = columns.sources[x * columns.bin + j];
        if (row < 0 || column < 0) continue;
        sum += live ? live[row * in.nx + column] * in(p, row, column) : in(p, row, column);
      }
    out(p, y, x) = sum;
  }
};

template <class Real>
struct SpreadPixels {
  PixelMap rows, columns;
  const Real* live;
  View3<const Real> out_bar;
  View3<Real> in_bar;
  Moved moved(double points) const { return bytes_of<Real> * Moved{static_cast<double>(out_bar.count()), points}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Index row = rows.target[y], column = columns.target[x];
    const Real weight = row < 0 || column < 0 ? Real{0} : live ? live[y * in_bar.nx + x] : Real{1};
    in_bar(p, y, x) = weight != 0 ? weight * out_bar(p, row, column) : Real{0};
  }
};

template <class Real>
struct ApplyRows {
  SparseRows<Real> matrix;
  View3<const Real> in;
  View3<Real> out;
  /// What the matrix has is not known on the host: each pixel once for all channels, and no weights.
  Moved moved(double points) const { return bytes_of<Real> * Moved{static_cast<double>(in.count()), points}; }
  TESSERA_HD void operator()(Index p, Index, Index i) const {
    const Real* const pixels = in.data + p * in.ny * in.nx;
    double sum = 0;
    for (Index k = matrix.start[i]; k < matrix.start[i + 1]; ++k)
      sum += static_cast<double>(matrix.weight[k]) * static_cast<double>(pixels[matrix.column[k]]);
    out.data[p * out.ny * out.nx + i] = static_cast<Real>(sum);
  }
};

template <class Real>
struct AddOverPositions {
  View3<const Real> values;
  View3<double> plane;
  Moved moved(double points) const {
    const double sums = static_cast<double>(plane.count()) * bytes_of<double>;
    return {points * bytes_of<Real> + sums, sums};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    plane(0, y, x) += static_cast<double>(values(p, y, x));
  }
};

template <class Real>
struct AddPlane {
  View3<const Real> plane;
  View3<Real> values;
  Moved moved(double points) const { return points * Moved{bytes_of<Real>, bytes_of<Real>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const { values(p, y, x) = values(p, y, x) + plane(0, y, x); }
};

}  // namespace

template <class Real>
void blur(const Lane& lane, const Taps<Real>& taps, View3<const Real> in, Real* padded, View3<Real> out,
          bool accumulate) {
  const Index ny = in.ny + 2 * taps.radius, nx = in.nx + 2 * taps.radius;
  const View3<Real> whole{padded, in.n, ny, nx}, half{padded + in.n * ny * nx, in.n, ny, in.nx};
  launch(lane, in.n, ny, nx, Clear<Real>{.values = whole});
  launch(lane, in.n, in.ny, in.nx, Pad<Real>{.in = in, .radius = taps.radius, .padded = whole});
  launch(lane, in.n, ny, in.nx, BlurX<Real>{.taps = taps, .padded = whole, .half = half});
  const auto run = [&](const auto& body) { launch(lane, in.n, in.ny, in.nx, body); };
  if (accumulate)
    run(BlurY<Real, true>{.taps = taps, .half = half, .out = out});
  else
    run(BlurY<Real, false>{.taps = taps, .half = half, .out = out});
}

template <class Real>
void sum_pixels(const Lane& lane, const PixelMap& rows, const PixelMap& columns, const Real* live, View3<const Real> in,
                View3<Real> out) {
  launch(lane, out.n, out.ny, out.nx,
         SumPixels<Real>{.rows = rows, .columns = columns, .live = live, .in = in, .out = out});
}

template <class Real>
void spread_pixels(const Lane& lane, const PixelMap& rows, const PixelMap& columns, const Real* live,
                   View3<const Real> out_bar, View3<Real> in_bar) {
  launch(lane, in_bar.n, in_bar.ny, in_bar.nx,
         SpreadPixels<Real>{.rows = rows, .columns = columns, .live = live, .out_bar = out_bar, .in_bar = in_bar});
}

template <class Real>
void apply_rows(const Lane& lane, const SparseRows<Real>& matrix, View3<const Real> in, View3<Real> out) {
  launch(lane, out.n, 1, out.ny * out.nx, ApplyRows<Real>{.matrix = matrix, .in = in, .out = out});
}

template <class Real>
void add_over_positions(const Lane& lane, View3<const Real> values, View3<double> plane) {
  launch_in_order(lane, values.n, values.ny, values.nx, AddOverPositions<Real>{.values = values, .plane = plane});
}

template <class Real>
void add_plane(const Lane& lane, View3<const Real> plane, View3<Real> values) {
  launch(lane, values.n, values.ny, values.nx, AddPlane<Real>{.plane = plane, .values = values});
}

template void blur(const Lane&, const Taps<float>&, View3<const float>, float*, View3<float>, bool);
template void blur(const Lane&, const Taps<double>&, View3<const double>, double*, View3<double>, bool);
template void sum_pixels(const Lane&, const PixelMap&, const PixelMap&, const float*, View3<const float>, View3<float>);
template void sum_pixels(const Lane&, const PixelMap&, const PixelMap&, const double*, View3<const double>,
                         View3<double>);
template void spread_pixels(const Lane&, const PixelMap&, const PixelMap&, const float*, View3<const float>,
                            View3<float>);
template void spread_pixels(const Lane&, const PixelMap&, const PixelMap&, const double*, View3<const double>,
                            View3<double>);
template void apply_rows(const Lane&, const SparseRows<float>&, View3<const float>, View3<float>);
template void apply_rows(const Lane&, const SparseRows<double>&, View3<const double>, View3<double>);
template void add_over_positions(const Lane&, View3<const float>, View3<double>);
template void add_over_positions(const Lane&, View3<const double>, View3<double>);
template void add_plane(const Lane&, View3<const float>, View3<float>);
template void add_plane(const Lane&, View3<const double>, View3<double>);

}  // namespace tessera
