#include "kernels/illuminate.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real>
struct MixWaves {
  FrequencyBand band;
  View3<const Complex<Real>> base, basis;
  View3<const double> coefficient;
  View3<Complex<Real>> mixed;
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    Real re = base(0, y, x).re, im = base(0, y, x).im;
    for (Index l = 0; l < basis.n; ++l) {
      const Real c = static_cast<Real>(coefficient(p, 0, l));
      re += c * basis(l, y, x).re;
      im += c * basis(l, y, x).im;
    }
    mixed(p, y, x) = {re, im};
  }
};

template <class Real, bool weighted>
struct AddThroughRamps {
  FrequencyBand band;
  View3<const Complex<Real>> out_bar;
  Ramps<Real> ramps;
  View3<const double> weight;
  Index column;
  View3<Complex<Real>> table_bar;
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    Complex<Real>& sum = table_bar(0, y, x);
    if constexpr (weighted)
      sum = sum + static_cast<Real>(weight(p, 0, column)) * (conj(ramps(p, y, x)) * out_bar(p, y, x));
    else
      sum = sum + conj(ramps(p, y, x)) * out_bar(p, y, x);
  }
};

}  // namespace

template <class Real>
void mix_waves(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> base,
               View3<const Complex<Real>> basis, View3<const double> coefficient, View3<Complex<Real>> mixed) {
  launch(lane, mixed.n, band.rows(), mixed.nx, MixWaves<Real>{band, base, basis, coefficient, mixed});
}

template <class Real>
void add_through_ramps(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> out_bar,
                       const Ramps<Real>& ramps, View3<const double> weight, Index column,
                       View3<Complex<Real>> table_bar) {
  const auto run = [&](const auto& body) { launch_in_order(lane, out_bar.n, band.rows(), out_bar.nx, body); };
  if (weight.data == nullptr)
    run(AddThroughRamps<Real, false>{band, out_bar, ramps, weight, column, table_bar});
  else
    run(AddThroughRamps<Real, true>{band, out_bar, ramps, weight, column, table_bar});
}

template void mix_waves(const Lane&, const FrequencyBand&, View3<const Complex<float>>, View3<const Complex<float>>,
                        View3<const double>, View3<Complex<float>>);
template void mix_waves(const Lane&, const FrequencyBand&, View3<const Complex<double>>, View3<const Complex<double>>,
                        View3<const double>, View3<Complex<double>>);
template void add_through_ramps(const Lane&, const FrequencyBand&, View3<const Complex<float>>, const Ramps<float>&,
                                View3<const double>, Index, View3<Complex<float>>);
template void add_through_ramps(const Lane&, const FrequencyBand&, View3<const Complex<double>>, const Ramps<double>&,
                                View3<const double>, Index, View3<Complex<double>>);

}  // namespace tessera
