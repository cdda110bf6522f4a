#pragma once

#include <functional>
#include <span>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/geometry/grid.hpp"

namespace tessera {

/// Fills row y of a real image, [x]. Asked for each row once, from the first to the last.
using RowSource = std::function<void(Index y, std::span<double> row)>;

/// The part of a real image's spectrum (not normalised, FFT's signs) that has 0 <= kx <= cut-off: of the other half it
/// is the mirror, F(-k) = conj F(k). The image itself is never held: at a cut-off of 2/3 of the Nyquist frequency, this
/// takes 16 bytes for each third of a pixel, 5.3 bytes a pixel.
class HalfSpectrum {
 public:
  HalfSpectrum(const Grid& grid, double cutoff_invA, const RowSource& rows);

  /// One frequency bin and how many of the whole spectrum it stands for: 2, or 1 where it is its own mirror.
  struct Bin {
    double k_invA;
    double weight;
  };
  Index count() const { return columns_ * grid_.ny; }
  Bin bin(Index i) const;
  Complex<double> value(Index i) const { return values_.data()[i]; }

  /// Drops |k| > cut-off and goes back along y: from then on `row` gives the image, low-passed, and `value` means
  /// nothing.
  void low_pass(double cutoff_invA);
  void row(Index y, std::span<double> out);

 private:
  Grid grid_;
  Index columns_;
  Array<Complex<double>> values_;  ///< [kx, ky], ky in FFT order; [kx, y] after `low_pass`
  FftPlan<double> along_x_, along_y_;
  Array<Complex<double>> row_;
};

}  // namespace tessera
