#pragma once

#include <vector>

#include "kernels/fft.hpp"
#include "kernels/transmit.hpp"
#include "kernels/wave_block.hpp"
#include "src/model/batch_waves.hpp"
#include "src/model/propagator.hpp"
#include "src/model/site_sums.hpp"

namespace tessera {

/// Second stage: through the slices of each state of the object, phi_s = T_s[corner + .] psi_s and
///   psi_{s+1} = IFFT[ H_s exp(i phase_s + 2 pi i k.slope_sj) FFT phi_s ]     (Cowley & Moodie, Acta Cryst. 10 (1957)
///   609),
/// and behind the last one phi_S exp(2 pi i u.slope_j), u = (pixel - centre)/N. Shared by all lanes; what a lane works
/// in is a Space. A batch is all planes [state x slice, y, x] of a rank's work box and the corners of windows in it.
template <class Real>
class Multislice {
 public:
  /// What one lane needs for a batch: ModelShape::kept() x states x modes x batch waves above all.
  struct Space {
    std::vector<BatchWaves<Real>> psi;        ///< [ModelShape::kept] waves that enter slices
    std::vector<Index> between;               ///< [wave] which kept one those between follow, times kept_every
    std::vector<BatchWaves<Real>> spectrum;   ///< [gap] of the waves behind it; where its site's gradient is wanted
    Array<Complex<Real>> t_bar;               ///< [plane, or one when sums go straight to the tile] [position, y, x]
    Array<Complex<Real>> patches, d_patches;  ///< [plane, position, y, x] when filtered
    Array<Complex<Real>> exit;                ///< [position, y, x] of a tangent
    Array<Complex<Real>> ramp_y, ramp_x;      ///< [batch, 1, n]
  };
  /// The planes and the windows of a batch.
  struct Windows {
    View3<const Complex<Real>> tile;
    WindowsInTile in_tile;
    Index first = 0;  ///< position
    Index n = 0;
  };

  /// With `straight`, a host's gradients are added to the tile as soon as they are known: for one lane.
  Multislice(const ModelShape& shape, const BandFftPlan<Real>& fft, const Propagation& propagation,
             const std::vector<double>& gaps_A, bool straight);

  Space make_space() const;
  void prepare(const Instrument& instrument);
  void prepare_tangent(const Instrument& direction);
  void begin(const Instrument& wanted, Index positions);

  /// From psi of the first slice, `space.psi[0]`, to the exit waves.
  void forward(const Lane& lane, Space& space, const Windows& windows, BatchWaves<Real>& exit) const;
  /// After `forward`: turns d_psi of the incident waves into d_phi of the exit waves, in place.
  void tangent(const Lane& lane, Space& space, const Windows& windows, View3<const Complex<Real>> d_tile,
               BatchWaves<Real>& d_wave) const;
  /// After `forward`: turns phi_bar of the exit waves into psi_bar of the incident ones, in place, and fills the
  /// positions' slots; adds to tile_bar when `straight`.
  void adjoint(const Lane& lane, Space& space, const Windows& windows, BatchWaves<Real>& wave_bar,
               View3<Complex<Real>> tile_bar);
  /// After `adjoint` and before the next: adds to what all positions share.
  void commit(const Lane& lane, const Space& space, const Windows& windows, View3<Complex<Real>> tile_bar);
  void read(Instrument& gradient) const;

  /// Whether the waves of the instrument prepared can stay on chip (kernels/wave_block.hpp), with the gradients wanted:
  /// on a GPU, in single precision, where all that changes between slices is the propagator, and all waves are kept.
  bool fits_on_chip() const;
  /// What the blocks of threads read and write, but for the incident waves; `psi` and t_bar of the space are theirs.
  struct OnChip {
    WaveBlockShape shape;
    WaveBlockObject object;
    Complex<float>*psi = nullptr, *t_bar = nullptr;
  };
  /// Of a batch, for who runs them; float alone.
  OnChip on_chip(Space& space, const Windows& windows) const;

  std::size_t bytes() const;
  std::size_t space_bytes() const;

 private:
  struct SiteTables {
    std::vector<Array<double>> phase;  ///< [gap] of a change
    std::vector<Array<double>> slope;  ///< [gap, then the exit] [position, 2]
  };

  bool has_slope(Index gap) const { return gap < static_cast<Index>(now_.slope.size()) && now_.slope[gap].count() > 0; }
  Index gaps() const { return shape_.slices - 1; }
  TransmissionWindows<Real> windows_of(const Windows& windows, View3<const Complex<Real>> tile,
                                       const Array<Complex<Real>>& patches, Index plane) const;
  void filter(const Lane& lane, const Windows& windows, View3<const Complex<Real>> tile,
              Array<Complex<Real>>& patches) const;
  void band_limit(const Lane& lane, View3<Complex<Real>> patches) const;
  Ramps<Real> ramps_at(const Lane& lane, Space& space, Index site, Index first, Index n) const;
  SiteTangent change_at(Index site, Index first, Index n) const;
  void propagate(const Lane& lane, Space& space, const Windows& windows, Index gap, View3<Complex<Real>> waves) const;
  BatchWaves<Real>& entering(Space& space, Index slice) const { return space.psi[shape_.place(slice)]; }
  void to_next_slice(const Lane& lane, Space& space, const Windows& windows, Index w, Index k, Index slice,
                     bool keep_spectrum) const;
  void make_again(const Lane& lane, Space& space, const Windows& windows, Index w, Index k, Index slice) const;
  void propagate_back(const Lane& lane, Space& space, const Windows& windows, Index gap, Index w,
                      View3<Complex<Real>> waves);
  void slice_adjoint(const Lane& lane, Space& space, const Windows& windows, Index state, Index slice,
                     BatchWaves<Real>& wave_bar, View3<Complex<Real>> tile_bar);
  void exit_adjoint(const Lane& lane, Space& space, const Windows& windows, BatchWaves<Real>& wave_bar);
  void exit_tangent(const Lane& lane, Space& space, const Windows& windows, Index w, View3<Complex<Real>> d_wave) const;
  View3<const Complex<Real>> table(const Array<Complex<Real>>& values) const;
  void turn_propagators();
  View3<Complex<Real>> patch_of(Array<Complex<Real>>& patches, Index plane, Index n) const;

  ModelShape shape_;
  BandFftPlan<Real> fft_;
  Propagation propagation_;
  std::vector<double> gaps_A_;
  bool filtered_;  ///< band limit on T, too
  bool straight_;
  bool blocks_serve_;                              ///< blocks of threads keep such windows on chip
  std::vector<std::vector<double>> phases_;        ///< [gap] those that the tables hold
  std::vector<Array<Complex<Real>>> propagators_;  ///< [different gap] tables with the factor 1/(ny nx)
  std::vector<Index> gap_table_;                   ///< [gap] which table
  Array<Complex<float>> turned_propagators_;       ///< [different gap, kx, ky] of waves kept on chip
  Array<int> turned_table_;                        ///< [gap] which of them
  Array<Complex<Real>> mask_;                      ///< band limit with the factor 1/(ny nx)
  Array<PixelYX> zero_corner_;                     ///< [position]
  SiteTables now_, change_;
  std::vector<SiteSums> sums_;  ///< [gap, then the exit]
};

}  // namespace tessera
