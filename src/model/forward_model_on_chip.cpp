#include "src/model/forward_model.hpp"

namespace tessera {

namespace {

/// Measures a block's work where its lane has a profile. Each position reads its windows of all slices once for all
/// modes, and each of its waves once; what else it needs is small.
Profile::Launch measured(const Lane& lane, const WaveBlockShape& shape, const char* name, bool adjoint) {
  if (lane.profile() == nullptr) return {};
  constexpr auto wave_bytes = static_cast<double>(sizeof(Complex<float>));
  const auto pixels = static_cast<double>(shape.positions * shape.n * shape.n);
  const auto slices = static_cast<double>(shape.slices), waves = static_cast<double>(shape.modes);
  const Moved forward{slices * wave_bytes, (slices + 1) * waves * wave_bytes + sizeof(float)};
  const Moved back{(slices + (slices + 1) * waves) * wave_bytes + sizeof(float), (slices + waves) * wave_bytes};
  return {*lane.profile(), lane.stream(), name, pixels * (adjoint ? back : forward)};
}

}  // namespace

template <>
bool ForwardModel<float>::forward_on_chip(Space& space, Index first, Index n) const {
  if (!multislice_.fits_on_chip() || illumination_.mixes()) return false;
  const auto incident = illumination_.spectra(space.lane, space.illumination, first, n);
  const auto blocks = multislice_.on_chip(space.slices, windows(first, n));
  const Profile::Launch measurement = measured(space.lane, blocks.shape, "WaveBlockForward", false);
  wave_block_forward({.shape = blocks.shape,
                      .object = blocks.object,
                      .probe_hat = incident.probe_hat.data,
                      .ramp_y = incident.ramps.y.data,
                      .ramp_x = incident.ramps.x.data,
                      .scale = unitary_,
                      .psi = blocks.psi,
                      .exit = space.exit.wave(0, n).data,
                      .intensity = space.intensity.data()},
                     space.lane.stream());
  return true;
}

template <>
bool ForwardModel<float>::adjoint_on_chip(Space& space, Index first, Index n, View3<const float> intensity_bar) {
  if (!multislice_.fits_on_chip() || illumination_.mixes()) return false;
  const auto blocks = multislice_.on_chip(space.slices, windows(first, n));
  {
    const Profile::Launch measurement = measured(space.lane, blocks.shape, "WaveBlockAdjoint", true);
    wave_block_adjoint({.shape = blocks.shape,
                        .object = blocks.object,
                        .intensity_bar = intensity_bar.data,
                        .scale = unitary_,
                        .psi = blocks.psi,
                        .exit = space.exit.wave(0, n).data,
                        .t_bar = blocks.t_bar},
                       space.lane.stream());
  }
  illumination_.adjoint_of_spectra(space.lane, space.illumination, first, n, space.exit);
  return true;
}

template <>
bool ForwardModel<double>::forward_on_chip(Space&, Index, Index) const {
  return false;
}

template <>
bool ForwardModel<double>::adjoint_on_chip(Space&, Index, Index, View3<const double>) {
  return false;
}

}  // namespace tessera
