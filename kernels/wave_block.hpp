#pragma once

#include "src/arrays/complex.hpp"
#include "src/geometry/box.hpp"

namespace tessera {

/// The multislice model of a batch of positions on a GPU, each wave kept in the shared memory and the registers of one
/// thread block through all slices. Arrays are on the device, in C order, x fastest, zero frequency at [0,0], windows
/// n x n, single precision; FFTs are not normalised, their factors 1/n^2 are in probe_hat and in the propagators.
struct WaveBlockShape {
  Index n = 0;          ///< pixels of a window's side
  Index modes = 1;      ///< of the probe
  Index slices = 1;     ///< of the object
  Index batch = 0;      ///< positions between a mode and the next in psi and exit
  Index positions = 0;  ///< those to be computed, the first ones
  /// Complex numbers between a slice and the next, an even number, so that the last, smaller batch may use the memory
  /// of a whole one. 0 says that slices lie without a gap.
  Index slice_stride = 0;        ///< of psi
  Index t_bar_slice_stride = 0;  ///< of t_bar
};

/// What the waves pass through.
struct WaveBlockObject {
  const Complex<float>* planes = nullptr;  ///< T [slice, ny, nx] of the tile
  Index ny = 0;                            ///< of a plane
  Index nx = 0;
  const PixelYX* corner = nullptr;  ///< [position] where a window starts in the tile
  /// H(k)/n^2 [table, kx, ky]: transposed, ky fastest, as a spectrum lies transposed in a block.
  const Complex<float>* propagators = nullptr;
  const int* gap_table = nullptr;  ///< [slice - 1] which table; on the device
};

/// psi_0 = IFFT(probe_hat_m ramp_y ramp_x), phi_s = T_s[corner + .] psi_s, psi_{s+1} = IFFT(H_s FFT phi_s),
/// exit = FFT phi_last, intensity = scale sum_m |exit_m|^2 in electrons.
struct WaveBlockForward {
  WaveBlockShape shape;
  WaveBlockObject object;
  const Complex<float>* probe_hat = nullptr;  ///< [mode, y, x]
  const Complex<float>* ramp_y = nullptr;     ///< [position, y]
  const Complex<float>* ramp_x = nullptr;     ///< [position, x]
  float scale = 1;
  Complex<float>* psi = nullptr;   ///< [slice, mode, batch, y, x] waves that enter the slices
  Complex<float>* exit = nullptr;  ///< [mode, batch, y, x] spectra of the waves that leave the last one
  float* intensity = nullptr;      ///< [batch, y, x]
};

/// The adjoint. From exit_bar = 2 scale intensity_bar exit, phi_bar = IFFT(exit_bar):
///   t_bar_s = sum_m phi_bar_sm conj(psi_sm), psi_bar_s = conj(T_s) phi_bar_s,
///   phi_bar_{s-1} = IFFT(conj(H_{s-1}) FFT psi_bar_s),
/// and in place of `exit` the spectrum FFT psi_bar_0.
struct WaveBlockAdjoint {
  WaveBlockShape shape;
  WaveBlockObject object;
  const float* intensity_bar = nullptr;  ///< [batch, y, x]
  float scale = 1;
  const Complex<float>* psi = nullptr;  ///< [slice, mode, batch, y, x] of `forward`
  Complex<float>* exit = nullptr;       ///< [mode, batch, y, x]
  Complex<float>* t_bar = nullptr;      ///< [slice, batch, y, x]; what was there is lost
};

/// Whether there is such a kernel for n x n windows and the current device has the shared memory for it.
bool wave_block_serves(Index n);

/// Both put their work on `stream`, a cudaStream_t, and return. The results do not depend on timing: a block owns the
/// positions it works on, and takes their modes in order. Throw SystemError when CUDA refuses, InputError when no
/// kernel serves n.
void wave_block_forward(const WaveBlockForward& job, void* stream);
void wave_block_adjoint(const WaveBlockAdjoint& job, void* stream);

}  // namespace tessera
