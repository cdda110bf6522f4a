#include "kernels/transmit.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real>
struct Transmit {
  TransmissionWindows<Real> t;
  View3<const Complex<Real>> psi;
  View3<Complex<Real>> phi;
  TESSERA_HD void operator()(Index p, Index y, Index x) const { phi(p, y, x) = t(p, y, x) * psi(p, y, x); }
};

template <class Real>
struct TransmitTangent {
  TransmissionWindows<Real> t, d_t;
  View3<const Complex<Real>> psi, d_psi;
  View3<Complex<Real>> d_phi;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    d_phi(p, y, x) = t(p, y, x) * d_psi(p, y, x) + d_t(p, y, x) * psi(p, y, x);
  }
};

template <class Real, bool accumulate>
struct TransmitAdjoint {
  TransmissionWindows<Real> t;
  View3<const Complex<Real>> psi;
  View3<Complex<Real>> phi_bar, t_bar;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real re = phi_bar(p, y, x).re, im = phi_bar(p, y, x).im;
    const Complex<Real> bar{re, im};
    if constexpr (accumulate)
      t_bar(p, y, x) = t_bar(p, y, x) + bar * conj(psi(p, y, x));
    else
      t_bar(p, y, x) = bar * conj(psi(p, y, x));
    phi_bar(p, y, x) = conj(t(p, y, x)) * bar;
  }
};

template <class Real, bool accumulate>
struct TransmitAdjointToTile {
  TransmissionWindows<Real> t;
  View3<const Complex<Real>> psi, t_bar;
  View3<Complex<Real>> phi_bar;
  const PixelYX* corner;
  View3<Complex<Real>> tile;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Real re = phi_bar(p, y, x).re, im = phi_bar(p, y, x).im;
    const Complex<Real> bar{re, im};
    Complex<Real>& sum = tile(0, corner->y + y, corner->x + x);
    if constexpr (accumulate)
      sum = sum + (t_bar(p, y, x) + bar * conj(psi(p, y, x)));
    else
      sum = sum + bar * conj(psi(p, y, x));
    phi_bar(p, y, x) = conj(t(p, y, x)) * bar;
  }
};

template <class Real>
struct ExtractPatch {
  TransmissionWindows<Real> t;
  View3<Complex<Real>> patch;
  TESSERA_HD void operator()(Index p, Index y, Index x) const { patch(p, y, x) = t(p, y, x); }
};

template <class Real>
struct AddPatch {
  View3<const Complex<Real>> patch;
  const PixelYX* corner;
  View3<Complex<Real>> tile;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    Complex<Real>& sum = tile(0, corner[p].y + y, corner[p].x + x);
    sum = sum + patch(p, y, x);
  }
};

}  // namespace

template <class Real>
void transmit(const Lane& lane, const TransmissionWindows<Real>& t, View3<const Complex<Real>> psi,
              View3<Complex<Real>> phi) {
  launch(lane, phi.n, phi.ny, phi.nx, Transmit<Real>{.t = t, .psi = psi, .phi = phi});
}

template <class Real>
void transmit_tangent(const Lane& lane, const TransmissionWindows<Real>& t, const TransmissionWindows<Real>& d_t,
                      View3<const Complex<Real>> psi, View3<const Complex<Real>> d_psi, View3<Complex<Real>> d_phi) {
  launch(lane, d_phi.n, d_phi.ny, d_phi.nx,
         TransmitTangent<Real>{.t = t, .d_t = d_t, .psi = psi, .d_psi = d_psi, .d_phi = d_phi});
}

template <class Real>
void transmit_adjoint(const Lane& lane, const TransmissionWindows<Real>& t, View3<const Complex<Real>> psi,
                      View3<Complex<Real>> phi_bar, View3<Complex<Real>> t_bar, bool accumulate) {
  const auto run = [&](const auto& body) { launch(lane, psi.n, psi.ny, psi.nx, body); };
  if (accumulate)
    run(TransmitAdjoint<Real, true>{.t = t, .psi = psi, .phi_bar = phi_bar, .t_bar = t_bar});
  else
    run(TransmitAdjoint<Real, false>{.t = t, .psi = psi, .phi_bar = phi_bar, .t_bar = t_bar});
}

template <class Real>
void transmit_adjoint_to_tile(const Lane& lane, const TransmissionWindows<Real>& t, View3<const Complex<Real>> psi,
                              View3<Complex<Real>> phi_bar, View3<const Complex<Real>> t_bar, bool accumulate,
                              const PixelYX* corner, Index plane, View3<Complex<Real>> tile) {
  for (Index p = 0; p < psi.n; ++p) {
    TransmissionWindows<Real> window = t;
    window.corner += p;
    window.first += p * t.stride;
    const auto run = [&](const auto& body) { launch(lane, 1, psi.ny, psi.nx, body); };
    const auto psi_p = psi.part(p, 1), t_bar_p = t_bar.part(p, 1);
    if (accumulate)
      run(TransmitAdjointToTile<Real, true>{window, psi_p, t_bar_p, phi_bar.part(p, 1), corner + p,
                                            tile.part(plane, 1)});
    else
      run(TransmitAdjointToTile<Real, false>{window, psi_p, t_bar_p, phi_bar.part(p, 1), corner + p,
                                             tile.part(plane, 1)});
  }
}

template <class Real>
void extract_patches(const Lane& lane, const TransmissionWindows<Real>& t, View3<Complex<Real>> patch) {
  launch(lane, patch.n, patch.ny, patch.nx, ExtractPatch<Real>{.t = t, .patch = patch});
}

template <class Real>
void add_patches(const Lane& lane, View3<const Complex<Real>> patch, const PixelYX* corner, Index plane,
                 View3<Complex<Real>> tile) {
  for (Index p = 0; p < patch.n; ++p)
    launch(lane, 1, patch.ny, patch.nx,
           AddPatch<Real>{.patch = patch.part(p, 1), .corner = corner + p, .tile = tile.part(plane, 1)});
}

template void transmit(const Lane&, const TransmissionWindows<float>&, View3<const Complex<float>>,
                       View3<Complex<float>>);
template void transmit(const Lane&, const TransmissionWindows<double>&, View3<const Complex<double>>,
                       View3<Complex<double>>);
template void transmit_tangent(const Lane&, const TransmissionWindows<float>&, const TransmissionWindows<float>&,
                               View3<const Complex<float>>, View3<const Complex<float>>, View3<Complex<float>>);
template void transmit_tangent(const Lane&, const TransmissionWindows<double>&, const TransmissionWindows<double>&,
                               View3<const Complex<double>>, View3<const Complex<double>>, View3<Complex<double>>);
template void transmit_adjoint(const Lane&, const TransmissionWindows<float>&, View3<const Complex<float>>,
                               View3<Complex<float>>, View3<Complex<float>>, bool);
template void transmit_adjoint(const Lane&, const TransmissionWindows<double>&, View3<const Complex<double>>,
                               View3<Complex<double>>, View3<Complex<double>>, bool);
template void transmit_adjoint_to_tile(const Lane&, const TransmissionWindows<float>&, View3<const Complex<float>>,
                                       View3<Complex<float>>, View3<const Complex<float>>, bool, const PixelYX*, Index,
                                       View3<Complex<float>>);
template void transmit_adjoint_to_tile(const Lane&, const TransmissionWindows<double>&, View3<const Complex<double>>,
                                       View3<Complex<double>>, View3<const Complex<double>>, bool, const PixelYX*,
                                       Index, View3<Complex<double>>);
template void extract_patches(const Lane&, const TransmissionWindows<float>&, View3<Complex<float>>);
template void extract_patches(const Lane&, const TransmissionWindows<double>&, View3<Complex<double>>);
template void add_patches(const Lane&, View3<const Complex<float>>, const PixelYX*, Index, View3<Complex<float>>);
template void add_patches(const Lane&, View3<const Complex<double>>, const PixelYX*, Index, View3<Complex<double>>);

}  // namespace tessera
