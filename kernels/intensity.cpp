#include "kernels/intensity.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real, bool accumulate>
struct Intensity {
  Real scale;
  View3<const Complex<Real>> psi_hat;
  View3<Real> intensity;
  Moved moved(double points) const {
    return points * Moved{bytes_of<Complex<Real>> + (accumulate ? bytes_of<Real> : 0), bytes_of<Real>};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real value = scale * norm(psi_hat(p, y, x));
    intensity(p, y, x) = accumulate ? intensity(p, y, x) + value : value;
  }
};

template <class Real, bool accumulate>
struct IntensityTangent {
  Real scale;
  View3<const Complex<Real>> psi_hat, d_psi_hat;
  View3<Real> d_intensity;
  Moved moved(double points) const {
    return points * Moved{2 * bytes_of<Complex<Real>> + (accumulate ? bytes_of<Real> : 0), bytes_of<Real>};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Complex<Real> a = psi_hat(p, y, x), b = d_psi_hat(p, y, x);
    const Real value = 2 * scale * (a.re * b.re + a.im * b.im);
    d_intensity(p, y, x) = accumulate ? d_intensity(p, y, x) + value : value;
  }
};

/// Several waves at once, on a GPU.
template <class Real, bool accumulate>
struct IntensityOfWaves {
  Real scale;
  Index waves;
  View3<const Complex<Real>> psi_hat;
  View3<Real> intensity;
  Moved moved(double points) const {
    const double read = static_cast<double>(waves) * bytes_of<Complex<Real>>;
    return points * Moved{read + (accumulate ? bytes_of<Real> : 0), bytes_of<Real>};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    Real sum = 0;
    for (Index w = 0; w < waves; ++w) sum += norm(psi_hat(w * intensity.n + p, y, x));
    intensity(p, y, x) = accumulate ? intensity(p, y, x) + scale * sum : scale * sum;
  }
};

template <class Real>
struct IntensityAdjoint {
  Real scale;
  View3<const Real> intensity_bar;
  View3<Complex<Real>> psi_hat;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>, Real>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    psi_hat(p, y, x) = (2 * scale * intensity_bar(p, y, x)) * psi_hat(p, y, x);
  }
};

template <class Real>
struct IntensityAdjointOfWaves {
  Real scale;
  Index waves;
  View3<const Real> intensity_bar;
  View3<Complex<Real>> psi_hat;
  Moved moved(double points) const {
    const double each = static_cast<double>(waves) * bytes_of<Complex<Real>>;
    return points * Moved{each + bytes_of<Real>, each};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real factor = 2 * scale * intensity_bar(p, y, x);
    for (Index w = 0; w < waves; ++w) {
      Complex<Real>& wave = psi_hat(w * intensity_bar.n + p, y, x);
      wave = factor * wave;
    }
  }
};

struct AddIllumination {
  double scale;
  View3<const double> intensity;
  PixelYX corner;
  View3<double> map;
  Moved moved(double points) const { return points * Moved{bytes_of<double, double>, bytes_of<double>}; }
  TESSERA_HD void operator()(Index, Index y, Index x) const {
    map(0, corner.y + y, corner.x + x) += scale * intensity(0, y, x);
  }
};

}  // namespace

template <class Real>
void add_intensity(const Lane& lane, Real scale, View3<const Complex<Real>> psi_hat, View3<Real> intensity,
                   bool accumulate) {
  const Index waves = psi_hat.n / intensity.n;
  const auto run = [&](const auto& body) { launch(lane, intensity.n, intensity.ny, intensity.nx, body); };
  if (waves > 1 && accumulate) return run(IntensityOfWaves<Real, true>{scale, waves, psi_hat, intensity});
  if (waves > 1) return run(IntensityOfWaves<Real, false>{scale, waves, psi_hat, intensity});
  if (accumulate)
    run(Intensity<Real, true>{.scale = scale, .psi_hat = psi_hat, .intensity = intensity});
  else
    run(Intensity<Real, false>{.scale = scale, .psi_hat = psi_hat, .intensity = intensity});
}

template <class Real>
void add_intensity_tangent(const Lane& lane, Real scale, View3<const Complex<Real>> psi_hat,
                           View3<const Complex<Real>> d_psi_hat, View3<Real> d_intensity, bool accumulate) {
  const auto run = [&](const auto& body) { launch(lane, psi_hat.n, psi_hat.ny, psi_hat.nx, body); };
  if (accumulate)
    run(IntensityTangent<Real, true>{scale, psi_hat, d_psi_hat, d_intensity});
  else
    run(IntensityTangent<Real, false>{scale, psi_hat, d_psi_hat, d_intensity});
}

template <class Real>
void intensity_adjoint(const Lane& lane, Real scale, View3<const Real> intensity_bar, View3<Complex<Real>> psi_hat) {
  const Index n = intensity_bar.n, waves = psi_hat.n / n;
  if (waves > 1)
    launch(lane, n, psi_hat.ny, psi_hat.nx, IntensityAdjointOfWaves<Real>{scale, waves, intensity_bar, psi_hat});
  else
    launch(lane, n, psi_hat.ny, psi_hat.nx,
           IntensityAdjoint<Real>{.scale = scale, .intensity_bar = intensity_bar, .psi_hat = psi_hat});
}

void add_illumination(const Lane& lane, double scale, View3<const double> intensity, PixelYX corner,
                      View3<double> map) {
  launch(lane, 1, intensity.ny, intensity.nx,
         AddIllumination{.scale = scale, .intensity = intensity, .corner = corner, .map = map});
}

template void add_intensity(const Lane&, float, View3<const Complex<float>>, View3<float>, bool);
template void add_intensity(const Lane&, double, View3<const Complex<double>>, View3<double>, bool);
template void add_intensity_tangent(const Lane&, float, View3<const Complex<float>>, View3<const Complex<float>>,
                                    View3<float>, bool);
template void add_intensity_tangent(const Lane&, double, View3<const Complex<double>>, View3<const Complex<double>>,
                                    View3<double>, bool);
template void intensity_adjoint(const Lane&, float, View3<const float>, View3<Complex<float>>);
template void intensity_adjoint(const Lane&, double, View3<const double>, View3<Complex<double>>);

}  // namespace tessera
