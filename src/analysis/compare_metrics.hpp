#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "src/analysis/half_spectrum.hpp"
#include "src/geometry/scan.hpp"

namespace tessera {

/// A real image on a pixel grid that knows where it lies.
struct Image {
  ObjectFrame frame;
  std::vector<double> values;  ///< [y, x]
};

/// The frame of the pixels of `box` in `frame`.
ObjectFrame crop(const ObjectFrame& frame, const Box& box);
Image crop(const Image& image, const Box& box);

/// A place in pixels that was computed from what files say, moved to where pixels still have numbers; what is not a
/// number is as far as can be below.
double bounded_place(double at_px);
/// The number of a pixel whose place was computed from what files say: beyond any object where it would not fit.
Index whole_pixel(double at_px);

/// The pixels of `frame`, or where they would be, whose centres lie from `low_A` to `high_A`.
Box pixels_within(const ObjectFrame& frame, const PointYX& low_A, const PointYX& high_A);

/// The pixels of `frame` that lie in the bounding box of the positions less `edge_A` on each side; throws InputError
/// when fewer than 8 x 8 are left.
Box scanned_box(const std::vector<PointYX>& positions_A, const ObjectFrame& frame, double edge_A);

/// Subtracts the least-squares plane a + b y + c x.
void remove_plane(Image& image);

/// The pixels of `part` of an image on `frame` of which frequencies |k| <= cutoff [1/A] are kept (a sharp isotropic
/// mask on the image's own periodic grid). Memory: its half spectrum and the part.
Image low_pass(const ObjectFrame& frame, const RowSource& rows, double cutoff_invA, const Box& part);

/// Pearson's correlation sum (a - <a>)(b - <b>) / sqrt(sum (a - <a>)^2 sum (b - <b>)^2); 0 when one is constant.
double correlation(const Image& a, const Image& b);

/// ||a - b|| / ||b - <b>||, b the reference.
double normalised_error(const Image& a, const Image& b);

/// One ring of frequencies: how two images correlate there, and the half-bit curve
/// T(n) = (0.2071 + 1.9102/sqrt n) / (1.2071 + 0.9102/sqrt n), n the samples of the ring. Source: M. van Heel and
/// M. Schatz, J. Struct. Biol. 151 (2005) 250.
struct RingCorrelation {
  double k_invA = 0;
  double correlation = 0;
  double half_bit = 0;
};

/// Fourier ring correlation of two images: rings one frequency step wide up to `cutoff_invA`, images tapered by a
/// cosine over 15 % of each edge. Images that are moved here are given up for their half spectra one after the other.
std::vector<RingCorrelation> ring_correlation(Image a, Image b, double cutoff_invA);

/// Resolution [A] at which the curve first falls below the half-bit curve; 1/cutoff when it never does.
double half_bit_A(const std::vector<RingCorrelation>& rings, double cutoff_invA);

/// The finest ring [A] that lies above the half-bit curve together with the one before it, by chance hardly ever;
/// beyond it nothing is common to both. It differs from half_bit_A where the curve dips at low frequencies, which a
/// focused probe and a specimen of little contrast leave weak. Nothing where no two rings in a row do.
std::optional<double> finest_half_bit_A(const std::vector<RingCorrelation>& rings);

/// half_bit_A of two images.
inline double frc_half_bit_A(Image a, Image b, double cutoff_invA) {
  return half_bit_A(ring_correlation(std::move(a), std::move(b), cutoff_invA), cutoff_invA);
}

/// Root mean square of |a - b - <a - b>|: distance of two sets of positions up to a common shift [A].
double position_rms_A(const std::vector<PointYX>& a, const std::vector<PointYX>& b);

}  // namespace tessera
