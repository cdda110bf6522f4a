#pragma once

#include <array>
#include <functional>
#include <span>
#include <vector>

#include "src/geometry/scan.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// Where raw pixels belong: a point p of the raw detector, in its pixels, lies at q = turn (undistort(p) - centre) from
/// zero angle. Patterns are cut to `crop` pixels about it, summed by `bin` and widened to `shape`; zero angle goes to
/// pixel N/2 of all these.
struct DetectorGeometry {
  Index ny = 0, nx = 0;  ///< raw
  PointYX centre_px;
  std::function<PointYX(const PointYX&)> undistort;  ///< empty: nothing
  std::array<double, 4> turn = {1, 0, 0, 1};         ///< row by row, acts on (y, x)
  std::array<Index, 2> crop = {0, 0};
  Index bin = 1;
  std::array<Index, 2> shape = {0, 0};

  /// Whether each raw pixel as a whole goes to one pixel.
  bool whole_pixels() const;
  /// Whether nothing changes at all.
  bool identity() const;
};

/// A geometry with a turn, and a centre that is rounded where pixels stay whole.
DetectorGeometry make_geometry(const PreprocessOptions& steps, std::array<Index, 2> raw, const PointYX& centre_px,
                               const std::array<double, 4>& ellipse, std::function<PointYX(const PointYX&)> undistort);

/// The rotation by an angle from x towards y; exact for multiples of 90 degrees.
std::array<double, 4> rotation(double angle_rad);

/// The symmetric matrix of determinant 1 that makes an ellipse round: `ratio` of its axes, the long one at `angle_rad`
/// from x towards y.
std::array<double, 4> round_ellipse(double ratio, double angle_rad);

/// A raw pixel's counts are shared out by area: a quadrilateral with its moved corners, cut by the new pixels. The
/// weights of a raw pixel that stays on the detector sum to 1, so that no count is lost. Where pixels are cut,
/// neighbours share counts, and their noise is correlated. A new pixel is valid where valid raw pixels cover 99.9 % of
/// it: masked ones spread.
struct Resampler {
  std::vector<Index> start;    ///< [pixel + 1] into ...
  std::vector<Index> from;     ///< [entry] raw pixel
  std::vector<double> weight;  ///< [entry]
  std::vector<double> valid;   ///< [pixel] 1 or 0
  bool whole = true;           ///< every weight is 1

  void apply(std::span<const double> raw, std::span<double> pattern) const;
  std::size_t bytes() const { return start.size() * 8 + from.size() * 8 + weight.size() * 8 + valid.size() * 8; }
};

/// `valid` [raw pixel] 1 or 0. InputError where the geometry folds the detector. Cost: about ten cuts a raw pixel.
Resampler make_resampler(const DetectorGeometry& geometry, std::span<const double> valid);

}  // namespace tessera
