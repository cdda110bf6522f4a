#include "kernels/propagate.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real, bool conjugate>
struct MultiplyTable {
  FrequencyBand band;
  View3<const Complex<Real>> table;
  View3<Complex<Real>> wave_hat;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    Complex<Real>& wave = wave_hat(p, y, x);
    if constexpr (conjugate)
      wave = conj(table(0, y, x)) * wave;
    else
      wave = table(0, y, x) * wave;
  }
};

template <class Real>
struct MultiplyConjugate {
  FrequencyBand band;
  View3<const Complex<Real>> wave_hat;
  View3<Complex<Real>> product;
  Moved moved(double points) const {
    return points * Moved{bytes_of<Complex<Real>, Complex<Real>>, bytes_of<Complex<Real>>};
  }
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    product(p, y, x) = conj(product(p, y, x)) * wave_hat(p, y, x);
  }
};

template <class Real>
struct AddImaginary {
  FrequencyBand band;
  View3<const Complex<Real>> product;
  View3<double> sum;
  Moved moved(double points) const {
    const auto sums = static_cast<double>(band.rows() * sum.nx);
    return {points * bytes_of<Real> + sums * bytes_of<double>, sums * bytes_of<double>};
  }
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    sum(0, y, x) += static_cast<double>(product(p, y, x).im);
  }
};

template <class Real>
struct ClearOutside {
  FrequencyBand band;
  View3<Complex<Real>> wave_hat;
  Moved moved(double points) const { return points * Moved{0, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index i, Index x) const { wave_hat(p, band.half + i, x) = {}; }
};

template <class Real>
struct CopyScaled {
  Real scale;
  View3<const Complex<Real>> wave;
  View3<Complex<Real>> copy;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const { copy(p, y, x) = scale * wave(p, y, x); }
};

template <class Real>
struct CopyBand {
  FrequencyBand band;
  View3<const Complex<Real>> wave_hat;
  View3<Complex<Real>> copy;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    copy(p, y, x) = wave_hat(p, y, x);
  }
};

}  // namespace

template <class Real>
void multiply_table(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> table,
                    View3<Complex<Real>> wave_hat) {
  launch(lane, wave_hat.n, band.rows(), wave_hat.nx,
         MultiplyTable<Real, false>{.band = band, .table = table, .wave_hat = wave_hat});
}

template <class Real>
void multiply_table_adjoint(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> table,
                            View3<Complex<Real>> wave_hat) {
  launch(lane, wave_hat.n, band.rows(), wave_hat.nx,
         MultiplyTable<Real, true>{.band = band, .table = table, .wave_hat = wave_hat});
}

template <class Real>
void copy_band(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> wave_hat,
               View3<Complex<Real>> copy) {
  launch(lane, copy.n, band.rows(), copy.nx, CopyBand<Real>{.band = band, .wave_hat = wave_hat, .copy = copy});
}

template <class Real>
void clear_outside(const Lane& lane, const FrequencyBand& band, View3<Complex<Real>> wave_hat) {
  launch(lane, wave_hat.n, band.ny - band.rows(), wave_hat.nx, ClearOutside<Real>{.band = band, .wave_hat = wave_hat});
}

template <class Real>
void multiply_conjugate(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> wave_hat,
                        View3<Complex<Real>> product) {
  launch(lane, product.n, band.rows(), product.nx,
         MultiplyConjugate<Real>{.band = band, .wave_hat = wave_hat, .product = product});
}

template <class Real>
void add_imaginary(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> product, View3<double> sum) {
  launch_in_order(lane, product.n, band.rows(), product.nx,
                  AddImaginary<Real>{.band = band, .product = product, .sum = sum});
}

template <class Real>
void copy_scaled(const Lane& lane, Real scale, View3<const Complex<Real>> wave, View3<Complex<Real>> copy) {
  launch(lane, copy.n, copy.ny, copy.nx, CopyScaled<Real>{.scale = scale, .wave = wave, .copy = copy});
}

template void clear_outside(const Lane&, const FrequencyBand&, View3<Complex<float>>);
template void clear_outside(const Lane&, const FrequencyBand&, View3<Complex<double>>);
template void multiply_conjugate(const Lane&, const FrequencyBand&, View3<const Complex<float>>, View3<Complex<float>>);
template void multiply_conjugate(const Lane&, const FrequencyBand&, View3<const Complex<double>>,
                                 View3<Complex<double>>);
template void add_imaginary(const Lane&, const FrequencyBand&, View3<const Complex<float>>, View3<double>);
template void add_imaginary(const Lane&, const FrequencyBand&, View3<const Complex<double>>, View3<double>);
template void copy_scaled(const Lane&, float, View3<const Complex<float>>, View3<Complex<float>>);
template void copy_scaled(const Lane&, double, View3<const Complex<double>>, View3<Complex<double>>);
template void copy_band(const Lane&, const FrequencyBand&, View3<const Complex<float>>, View3<Complex<float>>);
template void copy_band(const Lane&, const FrequencyBand&, View3<const Complex<double>>, View3<Complex<double>>);
template void multiply_table(const Lane&, const FrequencyBand&, View3<const Complex<float>>, View3<Complex<float>>);
template void multiply_table(const Lane&, const FrequencyBand&, View3<const Complex<double>>, View3<Complex<double>>);
template void multiply_table_adjoint(const Lane&, const FrequencyBand&, View3<const Complex<float>>,
                                     View3<Complex<float>>);
template void multiply_table_adjoint(const Lane&, const FrequencyBand&, View3<const Complex<double>>,
                                     View3<Complex<double>>);

}  // namespace tessera
