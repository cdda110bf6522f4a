#include "kernels/phase_ramp.hpp"

#include <cmath>

#include "kernels/launch.hpp"
#include "src/base/constants.hpp"

namespace tessera {

namespace {

template <class Real>
struct PhaseRamp {
  RampOrder order;
  View3<const double> slope, log_amplitude;
  Index axis;  ///< 0 for y, 1 for x
  View3<Complex<Real>> ramp;
  Moved moved(double points) const { return points * Moved{0, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index, Index i) const {
    const double phase = 2 * pi * ramp_coordinate(order, i, ramp.nx) * slope(p, 0, axis);
    const double amplitude = log_amplitude.data == nullptr ? 1.0 : exp(log_amplitude(p, 0, 0));
    ramp(p, 0, i) = {static_cast<Real>(amplitude * cos(phase)), static_cast<Real>(amplitude * sin(phase))};
  }
};

template <class Real, bool conjugate>
struct MultiplyRamps {
  Ramps<Real> ramps;
  View3<Complex<Real>> wave;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    if constexpr (conjugate)
      wave(p, y, x) = conj(ramps(p, y, x)) * wave(p, y, x);
    else
      wave(p, y, x) = ramps(p, y, x) * wave(p, y, x);
  }
};

template <class Real>
struct ApplyRamps {
  FrequencyBand band;
  View3<const Complex<Real>> table;
  Index table_stride;  ///< 0: one plane for all positions
  Ramps<Real> ramps;
  View3<Complex<Real>> out;
  Moved moved(double points) const {
    const double read = table_stride > 0 ? points : static_cast<double>(band.rows() * table.nx);
    return bytes_of<Complex<Real>> * Moved{read, points};
  }
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    out(p, y, x) = table(p * table_stride, y, x) * ramps(p, y, x);
  }
};

}  // namespace

template <class Real>
void phase_ramps(const Lane& lane, RampOrder order, View3<const double> slope, View3<const double> log_amplitude,
                 View3<Complex<Real>> ramp_y, View3<Complex<Real>> ramp_x) {
  launch(lane, ramp_y.n, 1, ramp_y.nx,
         PhaseRamp<Real>{.order = order, .slope = slope, .log_amplitude = log_amplitude, .axis = 0, .ramp = ramp_y});
  launch(lane, ramp_x.n, 1, ramp_x.nx,
         PhaseRamp<Real>{.order = order, .slope = slope, .log_amplitude = {}, .axis = 1, .ramp = ramp_x});
}

template <class Real>
void multiply_ramps(const Lane& lane, const Ramps<Real>& ramps, bool conjugate, View3<Complex<Real>> wave) {
  const auto run = [&](const auto& body) { launch(lane, wave.n, wave.ny, wave.nx, body); };
  if (conjugate)
    run(MultiplyRamps<Real, true>{.ramps = ramps, .wave = wave});
  else
    run(MultiplyRamps<Real, false>{.ramps = ramps, .wave = wave});
}

template <class Real>
void apply_ramps(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> table,
                 const Ramps<Real>& ramps, View3<Complex<Real>> out) {
  launch(
      lane, out.n, band.rows(), out.nx,
      ApplyRamps<Real>{.band = band, .table = table, .table_stride = table.n > 1 ? 1 : 0, .ramps = ramps, .out = out});
}

template void phase_ramps(const Lane&, RampOrder, View3<const double>, View3<const double>, View3<Complex<float>>,
                          View3<Complex<float>>);
template void phase_ramps(const Lane&, RampOrder, View3<const double>, View3<const double>, View3<Complex<double>>,
                          View3<Complex<double>>);
template void multiply_ramps(const Lane&, const Ramps<float>&, bool, View3<Complex<float>>);
template void multiply_ramps(const Lane&, const Ramps<double>&, bool, View3<Complex<double>>);
template void apply_ramps(const Lane&, const FrequencyBand&, View3<const Complex<float>>, const Ramps<float>&,
                          View3<Complex<float>>);
template void apply_ramps(const Lane&, const FrequencyBand&, View3<const Complex<double>>, const Ramps<double>&,
                          View3<Complex<double>>);

}  // namespace tessera
