#pragma once

#include <vector>

#include "kernels/fft.hpp"
#include "kernels/transmit.hpp"
#include "src/model/batch_waves.hpp"
#include "src/model/propagator.hpp"

namespace tessera {

/// Second stage: through the slices, phi_s = T_s[corner + .] psi_s and psi_{s+1} = IFFT[H_s FFT phi_s] (Cowley &
/// Moodie, Acta Cryst. 10 (1957) 609). Keeps every psi_s of the batch: slices x modes x batch waves.
template <class Real>
class Multislice {
 public:
  Multislice(const ModelShape& shape, const BandFftPlan<Real>& fft, const Propagation& propagation,
             const std::vector<double>& gaps_A);

  /// Where the illumination stage puts the incident waves, psi of the first slice.
  BatchWaves<Real>& incident() { return psi_[0]; }

  /// `tile` [slice, y, x] is the transmission on the work box, `corner` [position] the windows' corners in it. Writes
  /// the exit waves phi_S.
  void forward(View3<const Complex<Real>> tile, const PixelYX* corner, Index positions, BatchWaves<Real>& exit);
  /// After `forward`: turns d_psi of the incident waves into d_phi of the exit waves, in place.
  void tangent(View3<const Complex<Real>> tile, View3<const Complex<Real>> d_tile, const PixelYX* corner,
               Index positions, BatchWaves<Real>& d_wave);
  /// After `forward`: turns phi_bar of the exit waves into psi_bar of the incident ones, in place, and adds to
  /// tile_bar.
  void adjoint(View3<const Complex<Real>> tile, const PixelYX* corner, Index positions, BatchWaves<Real>& wave_bar,
               View3<Complex<Real>> tile_bar);

  std::size_t bytes() const;

 private:
  TransmissionWindows<Real> windows(View3<const Complex<Real>> tile, const PixelYX* corner, Index slice) const;
  /// T of each window, band-limited in it: [slice, position, y, x].
  void filter_windows(View3<const Complex<Real>> tile, const PixelYX* corner, Index positions,
                      Array<Complex<Real>>& patches);
  void band_limit(View3<Complex<Real>> patches);
  void propagate(Index gap, bool adjoint, View3<Complex<Real>> waves);
  View3<const Complex<Real>> table(const Array<Complex<Real>>& values) const;

  ModelShape shape_;
  BandFftPlan<Real> fft_;
  bool filtered_;                                  ///< band limit on T, too
  std::vector<Array<Complex<Real>>> propagators_;  ///< [different gap] tables with the factor 1/(ny nx)
  std::vector<Index> gap_table_;                   ///< [gap] which table
  Array<Complex<Real>> mask_;                      ///< band limit with the factor 1/(ny nx)
  std::vector<BatchWaves<Real>> psi_;              ///< [slice]
  Array<Complex<Real>> t_bar_;                     ///< [position, y, x] of the slice at hand
  Array<Complex<Real>> patches_, d_patches_;       ///< [slice, position, y, x] when filtered
  Array<PixelYX> zero_corner_;                     ///< [position]
};

}  // namespace tessera
