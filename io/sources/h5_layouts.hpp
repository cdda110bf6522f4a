#pragma once

#include <functional>
#include <string>
#include <vector>

#include "io/dataset.hpp"
#include "io/sources/source.hpp"

namespace tessera {

/// An HDF5 file of a layout that is known: which datasets hold the patterns, and how.
struct H5Layout {
  std::string format = "hdf5";
  std::vector<FramePart> parts = {};  ///< count: frames; of one part 0, its own shape then tells
  bool transposed = false;            ///< frames lie as (kx, ky)
  bool columns = false;               ///< a raster lies column by column
  bool is_list = false;               ///< axes before (ky, kx) are of one list
  bool may_be_complex = false;        ///< of waves the squares are counts
  bool amplitudes = false;
  SourceFacts facts;
};

/// A file that is looked at: its listing is made once.
struct H5Look {
  const OpenFile& file;
  std::vector<ListedDataset> datasets;
  std::string dataset;  ///< that the user names; empty: none

  const ListedDataset* find(const std::string& path) const;
  bool has(const std::string& path) const { return find(path) != nullptr; }
  /// The first number of a dataset; nothing where it is not there or not finite.
  std::optional<double> number(const std::string& path) const;
};

/// Positions (N, 2) or (Ry, Rx, 2) of (y, x) in angstrom, as any file may have them.
FoundPositions plain_positions(const std::string& file, const std::string& dataset);

// Each tells what it finds; nothing where the file is of another layout.
std::optional<H5Layout> emd_layout(const H5Look& look);
std::optional<H5Layout> old_emd_layout(const H5Look& look);
std::optional<H5Layout> dectris_layout(const H5Look& look);
std::optional<H5Layout> cxi_layout(const H5Look& look);
std::optional<H5Layout> ptypy_layout(const H5Look& look);
std::optional<H5Layout> ptychoshelves_layout(const H5Look& look);
std::optional<H5Layout> adorym_layout(const H5Look& look);
std::optional<H5Layout> hspy_layout(const H5Look& look);
std::optional<H5Layout> nion_layout(const H5Look& look);
/// A dataset that is named, /data, or the largest that looks like patterns, with calibrations that are attributes by
/// the names of this program (`tessera simulate` writes them).
std::optional<H5Layout> plain_layout(const H5Look& look);

/// The dataset that most likely holds the patterns: numbers with three or four axes, of which the last two look like a
/// detector (at least 8 pixels, none more than 8 times the other). /data comes first, then the largest. Null when there
/// is none.
const ListedDataset* find_patterns(const std::vector<ListedDataset>& datasets);

}  // namespace tessera
