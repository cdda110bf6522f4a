#include "kernels/transmit.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real>
struct Transmit {
  TransmissionWindows<Real> t;
  View3<const Complex<Real>> psi;
  View3<Complex<Real>> phi;
  Moved moved(double points) const {
    return points * Moved{bytes_of<Complex<Real>, Complex<Real>>, bytes_of<Complex<Real>>};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const { phi(p, y, x) = t(p, y, x) * psi(p, y, x); }
};

template <class Real>
struct TransmitModes {
  TransmissionWindows<Real> t;
  Index modes, positions;
  View3<const Complex<Real>> psi;
  View3<Complex<Real>> phi;
  Moved moved(double points) const {
    return points * Moved{static_cast<double>(modes + 1) * bytes_of<Complex<Real>>,
                          static_cast<double>(modes) * bytes_of<Complex<Real>>};
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Complex<Real> here = t(p, y, x);
    for (Index m = 0; m < modes; ++m) phi(m * positions + p, y, x) = here * psi(m * positions + p, y, x);
  }
};

template <class Real>
struct TransmitTangent {
  TransmissionWindows<Real> t, d_t;
  View3<const Complex<Real>> psi, d_psi;
  View3<Complex<Real>> d_phi;
  Moved moved(double points) const { return points * Moved{4 * bytes_of<Complex<Real>>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    d_phi(p, y, x) = t(p, y, x) * d_psi(p, y, x) + d_t(p, y, x) * psi(p, y, x);
  }
};

/// sum_m phi_bar conj(psi) of one position's pixel; in place psi_bar = conj(t) phi_bar. With `single` for one mode,
/// without a loop, which would keep a host's rows from becoming vector code.
template <class Real, bool single>
struct BackThroughModes {
  TransmissionWindows<Real> t;
  Index modes, positions;
  View3<const Complex<Real>> psi;
  View3<Complex<Real>> phi_bar;
  Moved moved(double points) const {
    const auto each = static_cast<double>(modes);
    return points * Moved{(2 * each + 1) * bytes_of<Complex<Real>>, each * bytes_of<Complex<Real>>};
  }
  TESSERA_HD Complex<Real> operator()(Index p, Index y, Index x) const {
    if constexpr (single) {
      const Real re = phi_bar(p, y, x).re, im = phi_bar(p, y, x).im;
      const Complex<Real> bar{re, im};
      phi_bar(p, y, x) = conj(t(p, y, x)) * bar;
      return bar * conj(psi(p, y, x));
    } else {
      const Complex<Real> here = conj(t(p, y, x));
      Complex<Real> sum;
      for (Index m = 0; m < modes; ++m) {
        const Complex<Real> bar = phi_bar(m * positions + p, y, x);
        sum = sum + bar * conj(psi(m * positions + p, y, x));
        phi_bar(m * positions + p, y, x) = here * bar;
      }
      return sum;
    }
  }
};

template <class Real, bool single, bool accumulate>
struct TransmitAdjoint {
  BackThroughModes<Real, single> back;
  View3<Complex<Real>> t_bar;
  Moved moved(double points) const {
    Moved sum = points * Moved{accumulate ? bytes_of<Complex<Real>> : 0, bytes_of<Complex<Real>>};
    return sum += back.moved(points);
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Complex<Real> sum = back(p, y, x);
    Complex<Real>& to = t_bar(p, y, x);
    if constexpr (accumulate) {
      to = to + sum;
    } else {
      to.re = sum.re;
      to.im = sum.im;
    }
  }
};

/// What a position adds to the tile: of its last modes, and of those before when `accumulate`.
template <class Real, bool single, bool accumulate>
struct AdjointTerm {
  BackThroughModes<Real, single> back;
  View3<const Complex<Real>> t_bar;
  Moved moved(double points) const {
    Moved sum = points * Moved{accumulate ? bytes_of<Complex<Real>> : 0, 0};
    return sum += back.moved(points);
  }
  TESSERA_HD Complex<Real> operator()(Index p, Index y, Index x) const {
    if constexpr (accumulate)
      return t_bar(p, y, x) + back(p, y, x);
    else
      return back(p, y, x);
  }
};

template <class Real>
struct ExtractPatch {
  TransmissionWindows<Real> t;
  View3<Complex<Real>> patch;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const { patch(p, y, x) = t(p, y, x); }
};

/// What has been summed before.
template <class Real>
struct SummedTerm {
  View3<const Complex<Real>> patch;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>>, 0}; }
  TESSERA_HD Complex<Real> operator()(Index p, Index y, Index x) const { return patch(p, y, x); }
};

template <class Real, class Term>
struct AddTerm {
  Term term;
  const PixelYX* corner;
  View3<Complex<Real>> tile;
  Moved moved(double points) const {
    Moved sum = points * Moved{bytes_of<Complex<Real>>, bytes_of<Complex<Real>>};
    return sum += term.moved(points);
  }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    Complex<Real>& sum = tile(0, corner[p].y + y, corner[p].x + x);
    sum = sum + term(p, y, x);
  }
};

/// One pixel of the tile: what all windows say that cover it. Four are read before the first is added, as a GPU's
/// memory is far away.
template <class Real>
struct GatherPatches {
  PatchPlanes<Real> patches;
  WindowsInTile windows;
  View3<Complex<Real>> tile;
  /// The tile's pixels that no window covers are read and written, too.
  Moved moved(double points) const {
    const auto added = static_cast<double>(patches.count * patches.first.count());
    return bytes_of<Complex<Real>> * Moved{added + points, points};
  }
  TESSERA_HD Complex<Real> read(Index plane, Index i, Index last, Index y, Index x) const {
    const View3<const Complex<Real>>& patch = patches.first;
    if (i >= last) return {};
    const Index p = windows.cover.position[i];
    const Index wy = y - windows.corner[p].y, wx = x - windows.corner[p].x;
    if (wy < 0 || wy >= patch.ny || wx < 0 || wx >= patch.nx) return {};
    return patch.data[plane * patches.stride + (p * patch.ny + wy) * patch.nx + wx];
  }
  TESSERA_HD void operator()(Index i, Index row, Index column) const {
    const WindowCover& cover = windows.cover;
    const Index plane = i / cover.blocks, block = i % cover.blocks;
    const Index y = cover.corner[block].y + row, x = cover.corner[block].x + column;
    const Index last = cover.start[block + 1];
    Complex<Real> sum;
    constexpr Index ahead = 8;
    for (Index k = cover.start[block]; k < last; k += ahead) {
      Complex<Real> terms[ahead];
      for (Index j = 0; j < ahead; ++j) terms[j] = read(plane, k + j, last, y, x);
      for (const Complex<Real>& term : terms) sum = sum + term;
    }
    if (y < tile.ny && x < tile.nx) tile(plane, y, x) = tile(plane, y, x) + sum;
  }
};

/// Calls run(BackThroughModes) for one mode or several.
template <class Real, class Run>
void with_modes(const TransmissionWindows<Real>& t, Index modes, View3<const Complex<Real>> psi,
                View3<Complex<Real>> phi_bar, const Run& run) {
  TESSERA_ASSERT(psi.n % modes == 0, psi.n, modes);
  if (modes == 1)
    run(BackThroughModes<Real, true>{t, 1, psi.n, psi, phi_bar});
  else
    run(BackThroughModes<Real, false>{t, modes, psi.n / modes, psi, phi_bar});
}

}  // namespace

template <class Real>
void transmit(const Lane& lane, const TransmissionWindows<Real>& t, Index modes, View3<const Complex<Real>> psi,
              View3<Complex<Real>> phi) {
  TESSERA_ASSERT(phi.n % modes == 0, phi.n, modes);
  if (modes == 1)
    launch(lane, phi.n, phi.ny, phi.nx, Transmit<Real>{.t = t, .psi = psi, .phi = phi});
  else
    launch(lane, phi.n / modes, phi.ny, phi.nx, TransmitModes<Real>{t, modes, phi.n / modes, psi, phi});
}

template <class Real>
void transmit_tangent(const Lane& lane, const TransmissionWindows<Real>& t, const TransmissionWindows<Real>& d_t,
                      View3<const Complex<Real>> psi, View3<const Complex<Real>> d_psi, View3<Complex<Real>> d_phi) {
  launch(lane, d_phi.n, d_phi.ny, d_phi.nx,
         TransmitTangent<Real>{.t = t, .d_t = d_t, .psi = psi, .d_psi = d_psi, .d_phi = d_phi});
}

template <class Real>
void transmit_adjoint(const Lane& lane, const TransmissionWindows<Real>& t, Index modes, View3<const Complex<Real>> psi,
                      View3<Complex<Real>> phi_bar, View3<Complex<Real>> t_bar, bool accumulate) {
  with_modes(t, modes, psi, phi_bar, [&]<bool single>(const BackThroughModes<Real, single>& back) {
    const auto run = [&](const auto& body) { launch(lane, psi.n / modes, psi.ny, psi.nx, body); };
    if (accumulate)
      run(TransmitAdjoint<Real, single, true>{back, t_bar});
    else
      run(TransmitAdjoint<Real, single, false>{back, t_bar});
  });
}

template <class Real>
void transmit_adjoint_to_tile(const Lane& lane, const TransmissionWindows<Real>& t, Index modes,
                              View3<const Complex<Real>> psi, View3<Complex<Real>> phi_bar,
                              View3<const Complex<Real>> t_bar, bool accumulate, const PixelYX* corner, Index plane,
                              View3<Complex<Real>> tile) {
  with_modes(t, modes, psi, phi_bar, [&]<bool single>(const BackThroughModes<Real, single>& back) {
    const auto run = [&]<class Term>(const Term& term) {
      launch(lane, psi.n / modes, psi.ny, psi.nx, AddTerm<Real, Term>{term, corner, tile.part(plane, 1)});
    };
    if (accumulate)
      run(AdjointTerm<Real, single, true>{back, t_bar});
    else
      run(AdjointTerm<Real, single, false>{back, t_bar});
  });
}

template <class Real>
void extract_patches(const Lane& lane, const TransmissionWindows<Real>& t, View3<Complex<Real>> patch) {
  launch(lane, patch.n, patch.ny, patch.nx, ExtractPatch<Real>{.t = t, .patch = patch});
}

template <class Real>
void add_patches(const Lane& lane, const PatchPlanes<Real>& patches, const WindowsInTile& windows, Index plane,
                 View3<Complex<Real>> tile) {
  const View3<const Complex<Real>>& first = patches.first;
  const View3<Complex<Real>> to = tile.part(plane, patches.count);
  if (lane.device() == DeviceKind::cuda)
    return launch(lane, patches.count * windows.cover.blocks, WindowCover::rows, WindowCover::columns,
                  GatherPatches<Real>{patches, windows, to});
  for (Index i = 0; i < patches.count; ++i)
    launch(lane, first.n, first.ny, first.nx,
           AddTerm<Real, SummedTerm<Real>>{
               {{first.data + i * patches.stride, first.n, first.ny, first.nx}}, windows.corner, to.part(i, 1)});
}

template void transmit(const Lane&, const TransmissionWindows<float>&, Index, View3<const Complex<float>>,
                       View3<Complex<float>>);
template void transmit(const Lane&, const TransmissionWindows<double>&, Index, View3<const Complex<double>>,
                       View3<Complex<double>>);
template void transmit_tangent(const Lane&, const TransmissionWindows<float>&, const TransmissionWindows<float>&,
                               View3<const Complex<float>>, View3<const Complex<float>>, View3<Complex<float>>);
template void transmit_tangent(const Lane&, const TransmissionWindows<double>&, const TransmissionWindows<double>&,
                               View3<const Complex<double>>, View3<const Complex<double>>, View3<Complex<double>>);
template void transmit_adjoint(const Lane&, const TransmissionWindows<float>&, Index, View3<const Complex<float>>,
                               View3<Complex<float>>, View3<Complex<float>>, bool);
template void transmit_adjoint(const Lane&, const TransmissionWindows<double>&, Index, View3<const Complex<double>>,
                               View3<Complex<double>>, View3<Complex<double>>, bool);
template void transmit_adjoint_to_tile(const Lane&, const TransmissionWindows<float>&, Index,
                                       View3<const Complex<float>>, View3<Complex<float>>, View3<const Complex<float>>,
                                       bool, const PixelYX*, Index, View3<Complex<float>>);
template void transmit_adjoint_to_tile(const Lane&, const TransmissionWindows<double>&, Index,
                                       View3<const Complex<double>>, View3<Complex<double>>,
                                       View3<const Complex<double>>, bool, const PixelYX*, Index,
                                       View3<Complex<double>>);
template void extract_patches(const Lane&, const TransmissionWindows<float>&, View3<Complex<float>>);
template void extract_patches(const Lane&, const TransmissionWindows<double>&, View3<Complex<double>>);
template void add_patches(const Lane&, const PatchPlanes<float>&, const WindowsInTile&, Index, View3<Complex<float>>);
template void add_patches(const Lane&, const PatchPlanes<double>&, const WindowsInTile&, Index, View3<Complex<double>>);

}  // namespace tessera
