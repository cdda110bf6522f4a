#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "src/base/index.hpp"
#include "src/workflow/options/dataset_ref.hpp"

namespace tessera {

/// Where zero angle lies on the raw detector, or what its disc looks like: as given, or found in the mean pattern.
struct FoundOrGiven {
  bool fit = false;
  std::optional<std::array<double, 2>> given;
  bool any() const { return fit || given.has_value(); }
};

struct DistortionOptions {
  std::optional<DatasetRef> map;        ///< (2, ky, kx): where a pixel belongs, less where it is, (y, x) [pixels]
  std::optional<DatasetRef> reference;  ///< (ky, kx): discs where they belong ...
  std::optional<DatasetRef> distorted;  ///< ... and where the detector shows them
  int degree = 3;                       ///< of the polynomial in y and x together
  bool any() const { return map || reference; }
};

enum class CompressionKind { none, events, bin, segments, smooth, random, pca, given };

struct CompressOptions {
  CompressionKind kind = CompressionKind::none;
  Index bin = 2;                        ///< pixels a side of a sum
  std::vector<double> rings_px;         ///< outer radii of the rings of segments
  std::vector<Index> azimuths;          ///< segments of each ring, or of all
  Index channels = 32;                  ///< of smooth, random and pca
  std::optional<DatasetRef> detectors;  ///< of given
};

/// Two vectors (y, x) [A] that repeat a lattice: (ay, ax, by, bx).
using LatticeVectors = std::array<double, 4>;

/// The vectors as the scan shows them: as given, or found in it.
struct FoundLattice {
  bool fit = false;
  std::optional<LatticeVectors> given;
  bool any() const { return fit || given.has_value(); }
};

/// The steps in the order in which they are done.
struct PreprocessOptions {
  std::string output;
  std::optional<DatasetRef> dark, flat;  ///< (ky, kx)
  std::optional<double> bad_pixels;      ///< how many robust standard deviations make a pixel a bad one
  bool fit_counts_per_electron = false;
  bool whole_electrons = false;
  FoundOrGiven centre_px;
  bool descan = false;
  DistortionOptions distortion;
  FoundOrGiven ellipse;  ///< long over short axis, angle of the long one from x to y [rad]
  double rotation_rad = 0;
  std::optional<std::array<Index, 2>> crop_px;
  Index bin = 1;
  std::optional<std::array<Index, 2>> pad_px;
  FoundLattice lattice_measured_A;
  std::optional<LatticeVectors> lattice_reference_A;
  CompressOptions compress;
  bool pictures = true;
  Index block_MiB = 64;  ///< of patterns that a rank holds at a time
};

}  // namespace tessera
