#pragma once

#include <complex>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

// PNG pictures, drawn by one rank, written under a temporary name and renamed. Images are [y, x]; pixels of dy_A x dx_A
// angstrom are drawn in their true aspect, and small images enlarged to 512 screen pixels.

struct PictureImage {
  Index ny = 0;
  Index nx = 0;
  std::vector<double> values;  ///< [y, x]
};

/// One phase image [rad] between its percentiles 0.1 and 99.9, with a colour bar and a scale bar.
void write_phase_picture(const std::string& path, const PictureImage& image, double dy_A, double dx_A,
                         const std::string& title);

/// An arrow from one place of an image to another, in its pixels: (0, 0) is the centre of the first.
struct Arrow {
  double from_y = 0, from_x = 0;
  double to_y = 0, to_x = 0;
};

/// An image in grey under arrows; without a scale bar where its pixels have no length, dy_A = dx_A = 0.
void write_arrow_picture(const std::string& path, const PictureImage& image, double dy_A, double dx_A,
                         const std::string& title, const std::vector<Arrow>& arrows);

/// Any image between its percentiles 0.1 and 99.9, with a colour bar in `unit`; its pixels have no length.
void write_map_picture(const std::string& path, const PictureImage& image, const std::string& title,
                       const std::string& unit);

/// Phase images [rad] of the same shape side by side with common limits, each under its title.
void write_montage(const std::string& path, const std::vector<PictureImage>& images,
                   const std::vector<std::string>& titles, double dy_A, double dx_A);

/// PNG files of phase images [rad], one each, with common limits, title, colour bar and scale bar.
std::vector<std::string> encoded_phase_pictures(const std::vector<PictureImage>& images,
                                                const std::vector<std::string>& titles, double dy_A, double dx_A);

/// Probe modes [mode][y, x], centred: hue is phase, brightness amplitude (of each mode by itself); each carries its
/// part of the sum of `powers` in percent.
void write_probe_picture(const std::string& path, const std::vector<std::vector<std::complex<double>>>& modes, Index ny,
                         Index nx, double dy_A, double dx_A, const std::vector<double>& powers);

/// Values against 0, 1, 2, ... times a step.
struct Curve {
  std::string label;  ///< in the legend, which panels of several curves have
  std::vector<double> values;
};

/// Curves on common axes; the y axis is logarithmic when all values are positive and span a factor of ten.
struct CurvePanel {
  std::string y_label;
  std::vector<Curve> curves;
  bool linear = false;  ///< never logarithmic
};

/// One panel, or several in two columns with the same x axis; a dashed line at `marked` when it is not negative. Values
/// are `x_step` apart, and `marked` is in its unit.
void write_curve_picture(const std::string& path, const std::vector<CurvePanel>& panels, const std::string& x_label,
                         double marked = -1, double x_step = 1);

}  // namespace tessera
