#include "kernels/phase_site.hpp"

#include "kernels/launch.hpp"
#include "src/base/constants.hpp"

namespace tessera {

namespace {

/// z of a site at one point.
template <class Real, bool ramped>
struct Wave {
  SiteWaves<Real> site;
  Index stride;
  TESSERA_HD Complex<Real> operator()(Index p, Index y, Index x) const {
    const Complex<Real>& table = site.table(p * stride, y, x);
    if constexpr (ramped)
      return table * site.ramps(p, y, x);
    else
      return table;
  }
};

/// One row: three sums, each of eight independent parts, so that the loop becomes vector code.
template <class Real, bool ramped>
struct RowMoments {
  FrequencyBand band;
  RampOrder order;
  Wave<Real, ramped> z;
  View3<const Complex<Real>> z_bar;
  double* rows;  ///< [position, row, 3]
  Moved moved(double points) const {
    return points * Moved{static_cast<double>(2 * z_bar.nx) * bytes_of<Complex<Real>>, 3 * bytes_of<double>};
  }
  TESSERA_HD void operator()(Index p, Index, Index i) const {
    constexpr Index lanes = 8;
    double re[lanes] = {}, im[lanes] = {}, im_x[lanes] = {};
    const Index y = band.row(i), nx = z_bar.nx;
    for (Index x = 0; x < nx; x += lanes) {
      const Index here = nx - x < lanes ? nx - x : lanes;
      for (Index l = 0; l < here; ++l) {
        const Complex<Real> a = z(p, y, x + l);
        const Real b_re = z_bar(p, y, x + l).re, b_im = z_bar(p, y, x + l).im;
        re[l] += static_cast<double>(a.re * b_re + a.im * b_im);
        const double q = static_cast<double>(a.re * b_im - a.im * b_re);
        im[l] += q;
        im_x[l] += q * ramp_coordinate(order, x + l, nx);
      }
    }
    double sums[3] = {};
    for (Index l = 0; l < lanes; ++l) {
      sums[0] += re[l];
      sums[1] += im[l];
      sums[2] += im_x[l];
    }
    double* const row = rows + 3 * (p * band.rows() + i);
    row[0] = sums[0];
    row[1] = 2 * pi * ramp_coordinate(order, y, z_bar.ny) * sums[1];
    row[2] = 2 * pi * sums[2];
  }
};

struct AddRowMoments {
  Index rows;
  const double* row_moments;
  View3<double> moments;
  Moved moved(double points) const {
    return points * Moved{static_cast<double>(rows + 1) * bytes_of<double>, bytes_of<double>};
  }
  TESSERA_HD void operator()(Index p, Index, Index which) const {
    double sum = 0;
    for (Index i = 0; i < rows; ++i) sum += row_moments[3 * (p * rows + i) + which];
    moments(p, 0, which) += sum;
  }
};

template <class Real, bool ramped>
struct AddPhaseDensity {
  FrequencyBand band;
  Wave<Real, ramped> z;
  View3<const Complex<Real>> z_bar;
  View3<double> density;
  Moved moved(double points) const {
    const double sums = static_cast<double>(band.rows() * density.nx) * bytes_of<double>;
    return {points * bytes_of<Complex<Real>, Complex<Real>> + sums, sums};
  }
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    const Complex<Real> a = z(p, y, x);
    const Real b_re = z_bar(p, y, x).re, b_im = z_bar(p, y, x).im;
    density(0, y, x) += static_cast<double>(a.re * b_im - a.im * b_re);
  }
};

template <class Real, bool ramped>
struct AddPhaseTangent {
  FrequencyBand band;
  RampOrder order;
  Wave<Real, ramped> z;
  SiteTangent tangent;
  View3<Complex<Real>> d_z;
  Moved moved(double points) const {
    return points * Moved{bytes_of<Complex<Real>, Complex<Real>>, bytes_of<Complex<Real>>};
  }
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    double phase = tangent.phase.data == nullptr ? 0.0 : tangent.phase(0, y, x);
    if (tangent.slope.data != nullptr)
      phase += 2 * pi *
               (ramp_coordinate(order, y, d_z.ny) * tangent.slope(p, 0, 0) +
                ramp_coordinate(order, x, d_z.nx) * tangent.slope(p, 0, 1));
    const double log = tangent.log_amplitude.data == nullptr ? 0.0 : tangent.log_amplitude(p, 0, 0);
    const Complex<Real> factor{static_cast<Real>(log), static_cast<Real>(phase)};
    d_z(p, y, x) = d_z(p, y, x) + factor * z(p, y, x);
  }
};

/// Calls run(Wave) with or without ramps.
template <class Real, class Run>
void with_wave(const SiteWaves<Real>& site, const Run& run) {
  const Index stride = site.table.n > 1 ? 1 : 0;
  if (site.ramps.y.data == nullptr)
    run(Wave<Real, false>{site, stride});
  else
    run(Wave<Real, true>{site, stride});
}

}  // namespace

template <class Real>
void phase_moments(const Lane& lane, const FrequencyBand& band, RampOrder order, const SiteWaves<Real>& z,
                   View3<const Complex<Real>> z_bar, View3<double> moments) {
  Array<double>& rows = lane.scratch(3 * z_bar.n * band.rows());
  with_wave(z, [&]<bool ramped>(const Wave<Real, ramped>& wave) {
    launch(lane, z_bar.n, 1, band.rows(), RowMoments<Real, ramped>{band, order, wave, z_bar, rows.data()});
  });
  launch(lane, z_bar.n, 1, 3, AddRowMoments{.rows = band.rows(), .row_moments = rows.data(), .moments = moments});
}

template <class Real>
void add_phase_density(const Lane& lane, const FrequencyBand& band, const SiteWaves<Real>& z,
                       View3<const Complex<Real>> z_bar, View3<double> density) {
  with_wave(z, [&]<bool ramped>(const Wave<Real, ramped>& wave) {
    launch_in_order(lane, z_bar.n, band.rows(), z_bar.nx, AddPhaseDensity<Real, ramped>{band, wave, z_bar, density});
  });
}

template <class Real>
void add_phase_tangent(const Lane& lane, const FrequencyBand& band, RampOrder order, const SiteWaves<Real>& z,
                       const SiteTangent& tangent, View3<Complex<Real>> d_z) {
  with_wave(z, [&]<bool ramped>(const Wave<Real, ramped>& wave) {
    launch(lane, d_z.n, band.rows(), d_z.nx, AddPhaseTangent<Real, ramped>{band, order, wave, tangent, d_z});
  });
}

template void phase_moments(const Lane&, const FrequencyBand&, RampOrder, const SiteWaves<float>&,
                            View3<const Complex<float>>, View3<double>);
template void phase_moments(const Lane&, const FrequencyBand&, RampOrder, const SiteWaves<double>&,
                            View3<const Complex<double>>, View3<double>);
template void add_phase_density(const Lane&, const FrequencyBand&, const SiteWaves<float>&, View3<const Complex<float>>,
                                View3<double>);
template void add_phase_density(const Lane&, const FrequencyBand&, const SiteWaves<double>&,
                                View3<const Complex<double>>, View3<double>);
template void add_phase_tangent(const Lane&, const FrequencyBand&, RampOrder, const SiteWaves<float>&,
                                const SiteTangent&, View3<Complex<float>>);
template void add_phase_tangent(const Lane&, const FrequencyBand&, RampOrder, const SiteWaves<double>&,
                                const SiteTangent&, View3<Complex<double>>);

}  // namespace tessera
