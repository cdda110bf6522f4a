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
  Moved moved(double points) const {
    const double waves = 1 + static_cast<double>(basis.n);
    return {waves * static_cast<double>(band.rows() * base.nx) * bytes_of<Complex<Real>>,
            points * bytes_of<Complex<Real>>};
  }
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
  Moved moved(double points) const {
    const auto sums = static_cast<double>(band.rows() * table_bar.nx);
    return bytes_of<Complex<Real>> * Moved{points + sums, sums};
  }
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    Complex<Real>& sum = table_bar(0, y, x);
    sum = sum + term(p, y, x);
  }
  TESSERA_HD Complex<Real> term(Index p, Index y, Index x) const {
    if constexpr (weighted)
      return static_cast<Real>(weight(p, 0, column)) * (conj(ramps(p, y, x)) * out_bar(p, y, x));
    else
      return conj(ramps(p, y, x)) * out_bar(p, y, x);
  }
};

/// A part of the positions, in their order: a GPU has too few pixels to be busy with one thread each.
template <class Real, bool weighted>
struct PartThroughRamps {
  AddThroughRamps<Real, weighted> add;
  View3<Complex<Real>> parts;
  Moved moved(double points) const {
    const auto summed = static_cast<double>(add.out_bar.n * add.band.rows() * add.out_bar.nx);
    return bytes_of<Complex<Real>> * Moved{summed, points};
  }
  TESSERA_HD void operator()(Index part, Index i, Index x) const {
    const Index n = add.out_bar.n, y = add.band.row(i);
    Complex<Real> sum;
    for (Index p = part * n / parts.n; p < (part + 1) * n / parts.n; ++p) sum = sum + add.term(p, y, x);
    parts(part, y, x) = sum;
  }
};

template <class Real>
struct AddParts {
  FrequencyBand band;
  View3<const Complex<Real>> parts;
  View3<Complex<Real>> table_bar;
  Moved moved(double points) const {
    return points * bytes_of<Complex<Real>> * Moved{1 + static_cast<double>(parts.n), 1};
  }
  TESSERA_HD void operator()(Index, Index i, Index x) const {
    const Index y = band.row(i);
    Complex<Real> sum = table_bar(0, y, x);
    for (Index part = 0; part < parts.n; ++part) sum = sum + parts(part, y, x);
    table_bar(0, y, x) = sum;
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
  const auto run = [&]<bool weighted>(const AddThroughRamps<Real, weighted>& body) {
    if (lane.device() != DeviceKind::cuda) return launch_in_order(lane, out_bar.n, band.rows(), out_bar.nx, body);
    constexpr Index most = 16;
    const Index count = out_bar.n < most ? out_bar.n : most, reals = 2 * count * out_bar.ny * out_bar.nx;
    const View3<Complex<Real>> parts{reinterpret_cast<Complex<Real>*>(lane.scratch(reals).data()), count, out_bar.ny,
                                     out_bar.nx};
    launch(lane, count, band.rows(), out_bar.nx, PartThroughRamps<Real, weighted>{body, parts});
    launch(lane, 1, band.rows(), out_bar.nx, AddParts<Real>{band, parts, table_bar});
  };
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
