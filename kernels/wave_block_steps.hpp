#pragma once

#include "kernels/wave_block.hpp"

/// What a block does with the waves of one position: all of the model but the FFT and where a wave's numbers lie, which
/// are the Block's:
///   side                        n, a constant, so that pixels lie at constant distances
///   Wave                        the numbers of one wave that this thread holds
///   to_space(w), to_spectrum(w) inverse and forward 2-D FFT, not normalised
///   each_pixel(w, f)            f(y, x, value&) for those numbers in real space
///   each_pixel(w, fetch, f)     f(y, x, value&, fetch(y, x)), several pixels fetched before the first of them is used
///   each_frequency(w, f)        the same in Fourier space
///   load(array, i), store(array, i, value)
///   add(array, i, value)        to what this thread put there
///   fixed(array)                the same address, as one that is not to be computed anew for each number
/// A thread holds the same pixels in every real-space step, and the same frequencies in every spectrum, whatever the
/// mode: only it writes to its places of t_bar and of the intensity, and what it adds there needs no other order than
/// its own.
namespace tessera {

/// Where the arrays of one wave lie.
struct WavePlace {
  const WaveBlockShape& shape;
  Index position;

  TESSERA_HD Index points() const { return shape.n * shape.n; }
  TESSERA_HD Index of_mode(Index mode) const { return (mode * shape.batch + position) * points(); }
  TESSERA_HD Index of_intensity() const { return position * points(); }
  TESSERA_HD Index of_slice(Index slice) const {
    const Index dense = shape.batch * points();
    return slice * (shape.t_bar_slice_stride == 0 ? dense : shape.t_bar_slice_stride) + position * points();
  }
  TESSERA_HD Index of_wave(Index slice, Index mode) const {
    const Index dense = shape.modes * shape.batch * points();
    return slice * (shape.slice_stride == 0 ? dense : shape.slice_stride) + of_mode(mode);
  }
};

/// The corner of the position's window in plane `slice`.
TESSERA_HD inline const Complex<float>* window_of(const WaveBlockObject& object, Index slice, Index position) {
  const PixelYX corner = object.corner[position];
  return object.planes + (slice * object.ny + corner.y) * object.nx + corner.x;
}

TESSERA_HD inline const Complex<float>* propagator_of(const WaveBlockShape& shape, const WaveBlockObject& object,
                                                      Index gap) {
  return object.propagators + object.gap_table[gap] * shape.n * shape.n;
}

template <class Block>
TESSERA_HD void illuminate_wave(const Block& block, const WaveBlockForward& job, Index mode, Index position,
                                typename Block::Wave& wave) {
  constexpr int n = Block::side;
  const Complex<float>* const probe_hat = job.probe_hat + mode * n * n;
  const Complex<float>*const ramp_y = job.ramp_y + position * n, *const ramp_x = job.ramp_x + position * n;
  block.each_frequency(wave, [&](int y, int x, Complex<float>& value) {
    value = block.load(probe_hat, y * n + x) * (block.load(ramp_y, y) * block.load(ramp_x, x));
  });
}

/// psi is stored and becomes phi.
template <class Block>
TESSERA_HD void pass_slice(const Block& block, const WaveBlockForward& job, Index slice, Index mode, Index position,
                           typename Block::Wave& wave) {
  constexpr int n = Block::side;
  const int pitch = static_cast<int>(job.object.nx);
  const Complex<float>* const t = window_of(job.object, slice, position);
  Complex<float>* const psi = job.psi + WavePlace{job.shape, position}.of_wave(slice, mode);
  block.each_pixel(wave, [&](int y, int x, Complex<float>& value) {
    block.store(psi, y * n + x, value);
    value = block.load(t, y * pitch + x) * value;
  });
}

/// The exit wave's spectrum is stored, its squared modulus added to the intensity of the modes before.
template <class Block>
TESSERA_HD void record_exit(const Block& block, const WaveBlockForward& job, Index mode, Index position,
                            typename Block::Wave& wave) {
  constexpr int n = Block::side;
  const WavePlace place{job.shape, position};
  Complex<float>* const exit = job.exit + place.of_mode(mode);
  float* const intensity = job.intensity + place.of_intensity();
  const auto record = [&](const auto& put) {
    block.each_frequency(wave, [&](int y, int x, Complex<float>& value) {
      const int i = y * n + x;
      block.store(exit, i, value);
      put(i, job.scale * norm(value));
    });
  };
  if (mode == 0)
    record([&](int i, float electrons) { block.store(intensity, i, electrons); });
  else
    record([&](int i, float electrons) { block.add(intensity, i, electrons); });
}

template <class Block>
TESSERA_HD void forward_position(const Block& block, const WaveBlockForward& job, Index position) {
  constexpr int n = Block::side;
  for (int mode = 0; mode < job.shape.modes; ++mode) {
    typename Block::Wave wave;
    illuminate_wave(block, job, mode, position, wave);
    for (int slice = 0; slice < job.shape.slices; ++slice) {
      block.to_space(wave);
      pass_slice(block, job, slice, mode, position, wave);
      block.to_spectrum(wave);
      if (slice + 1 == job.shape.slices) break;
      const Complex<float>* const h = propagator_of(job.shape, job.object, slice);
      block.each_frequency(wave,
                           [&](int y, int x, Complex<float>& value) { value = block.load(h, x * n + y) * value; });
    }
    record_exit(block, job, mode, position, wave);
  }
}

/// t_bar = phi_bar conj(psi), added to that of the modes before; phi_bar becomes psi_bar.
template <class Block>
TESSERA_HD void pass_slice_back(const Block& block, const WaveBlockAdjoint& job, Index slice, Index mode,
                                Index position, typename Block::Wave& wave) {
  constexpr int n = Block::side;
  const int pitch = static_cast<int>(job.object.nx);
  const WavePlace place{job.shape, position};
  const Complex<float>* const t = block.fixed(window_of(job.object, slice, position));
  const Complex<float>* const psi = block.fixed(job.psi + place.of_wave(slice, mode));
  Complex<float>* const t_bar = block.fixed(job.t_bar + place.of_slice(slice));
  struct Fetched {
    Complex<float> psi, t;
  };
  const auto fetch = [&](int y, int x) { return Fetched{block.load(psi, y * n + x), block.load(t, y * pitch + x)}; };
  // No load may wait for a store before it: to the compiler they could be of one place.
  const auto pass = [&](const auto& put) {
    block.each_pixel(wave, fetch, [&](int y, int x, Complex<float>& value, const Fetched& fetched) {
      put(y * n + x, value * conj(fetched.psi));
      value = conj(fetched.t) * value;
    });
  };
  if (mode == 0)
    pass([&](int i, Complex<float> change) { block.store(t_bar, i, change); });
  else
    pass([&](int i, Complex<float> change) { block.add(t_bar, i, change); });
}

template <class Block>
TESSERA_HD void adjoint_position(const Block& block, const WaveBlockAdjoint& job, Index position) {
  constexpr int n = Block::side;
  const WavePlace place{job.shape, position};
  const float* const intensity_bar = job.intensity_bar + place.of_intensity();
  for (int mode = 0; mode < job.shape.modes; ++mode) {
    typename Block::Wave wave;
    Complex<float>* const exit = job.exit + place.of_mode(mode);
    block.each_frequency(wave, [&](int y, int x, Complex<float>& value) {
      const int i = y * n + x;
      value = (2.0F * job.scale * intensity_bar[i]) * block.load(exit, i);
    });
    for (int slice = static_cast<int>(job.shape.slices) - 1; slice >= 0; --slice) {
      block.to_space(wave);
      pass_slice_back(block, job, slice, mode, position, wave);
      block.to_spectrum(wave);
      if (slice == 0) break;
      const Complex<float>* const h = propagator_of(job.shape, job.object, slice - 1);
      block.each_frequency(
          wave, [&](int y, int x, Complex<float>& value) { value = conj(block.load(h, x * n + y)) * value; });
    }
    block.each_frequency(wave, [&](int y, int x, Complex<float>& value) { block.store(exit, y * n + x, value); });
  }
}

}  // namespace tessera
