#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/model/virtual_detectors.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

// Which sums of the pixels of a pattern [ny, nx], zero angle at pixel N/2, are kept. Pixels that are not valid have no
// part in any; sums without a pixel are left out, unless they are given. Weights are those that a file holds: single
// precision.

/// Blocks of bin x bin pixels from pixel 0 on; a rest at the far edge is left out.
VirtualDetectors block_sums(std::span<const double> valid, Index ny, Index nx, Index bin);

/// Rings between the outer radii [pixels], each cut into azimuths (one number for all, or one each) from x on.
VirtualDetectors segment_sums(std::span<const double> valid, Index ny, Index nx, std::span<const double> rings_px,
                              std::span<const Index> azimuths);

/// `channels` bumps, linear in radius and azimuth, that overlap their neighbours and sum to 1 everywhere. Rings lie
/// where the light is: each holds as much of the root of the mean pattern; outer ones have more azimuths.
VirtualDetectors smooth_sums(std::span<const double> mean, std::span<const double> valid, Index ny, Index nx,
                             Index channels);

/// Weights between -1 and 1 that depend on (seed, channel, pixel) alone.
VirtualDetectors random_sums(std::span<const double> valid, Index channels, int seed);

/// Rows of dense weights [channel, pixel], without those that are zero.
VirtualDetectors from_dense(std::span<const float> weights, Index channels);

/// [pixel] the channel that counts it plus one, or 0, of sums that share no pixel.
std::vector<std::uint32_t> labels_of(const VirtualDetectors& detectors, Index pixels);

/// Those of `given`, over as many pixels, without the ones that are not valid. InputError, naming `source`, for a
/// channel that is left without a pixel, and for weights beyond single precision.
VirtualDetectors valid_part(const VirtualDetectors& given, std::span<const double> valid, const std::string& source);

/// How a file holds sums. Labels: each counts whole pixels, of which no two share one. Of other sums the loss must be
/// the weighted one; they are kept as what is smaller.
enum class SumsLayout { labels, dense, sparse };
SumsLayout layout_of(const VirtualDetectors& detectors, Index pixels);

}  // namespace tessera
