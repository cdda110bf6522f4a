#pragma once

#include <complex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/canvas.hpp"

namespace tessera {

/// A perceptually even map from dark to bright (matplotlib's magma, nine anchors) for 0 <= value <= 1; grey for NaN.
Rgb magma(double value);

/// Hue from the phase, brightness from the amplitude (0 to 1); the hues have the same lightness (OKLab), so that
/// brightness means amplitude only (B. Ottosson, "A perceptual color space for image processing", 2020).
Rgb phase_wheel(std::complex<double> value);

/// The given percentiles [0, 100] of all finite values; (0, 1) without any, and never an empty interval.
std::pair<double, double> percentile_limits(std::span<const std::vector<double>* const> images, double low,
                                            double high);

/// About `wanted` round numbers 1, 2, 5 x 10^k inside [low, high].
std::vector<double> round_ticks(double low, double high, int wanted);
/// The largest of 1, 2, 5 x 10^k that is not above `length`.
double round_down(double length);
/// "0.25", "-3", "1e-08": short, and without a negative zero.
std::string tick_label(double value);

}  // namespace tessera
