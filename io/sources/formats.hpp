#pragma once

#include <string>
#include <vector>

#include "io/sources/source.hpp"

namespace tessera {

// Each looks at a file of one format: where its frames lie, and what its metadata say. Root's part; what is wrong is an
// InputError.

/// Frames that request.raw describes.
Source look_at_raw(const SourceRequest& request);
/// A NumPy file (N, Ky, Kx) or (Ry, Rx, Ky, Kx), with the JSON of Nion Swift beside it where there is one.
Source look_at_npy(const SourceRequest& request);
/// The raw file of an EMPAD or its XML, of both generations; each finds the other.
Source look_at_empad(const SourceRequest& request);
/// Whether a raw file is one of an EMPAD: its name says so, or an XML beside it.
bool is_empad(const std::string& raw);
/// A Merlin detector's MIB file, with the .hdr beside it where there is one.
Source look_at_mib(const SourceRequest& request);
/// A folder, or a pattern of file names, of TIFF, NumPy, HDF5, MIB or raw files.
Source look_at_folder(const SourceRequest& request);
/// A TIFF file of as many pages as patterns.
Source look_at_tiff(const SourceRequest& request);
/// HDF5: a dataset that is named, or one that a known layout or its looks tell.
Source look_at_h5(const SourceRequest& request, PatternAxes axes);

/// Whether the user names this dataset, by its full path, with or without the first slash.
bool names_dataset(const SourceRequest& request, const std::string& dataset);
/// stempy's lists of electrons, where the file has them and no other dataset is asked for; nothing otherwise.
std::optional<Source> look_at_lists(const SourceRequest& request);
/// The same that `tessera preprocess` writes (io/event_lists.hpp).
std::optional<Source> look_at_events(const SourceRequest& request);

/// A source of raw frames in one file: `extent` and `element` as they lie there, all frames where `count` is 0; `shape`
/// of the scan, or empty for a list. Checks that the file is long enough.
struct RawFile {
  std::string format, file;
  Index ny = 0, nx = 0;
  RawElement element;
  Index offset_bytes = 0, gap_bytes = 0;
  Index count = 0;
  std::vector<Index> scan = {};
};
Source raw_source(const SourceRequest& request, const RawFile& raw);

/// What metadata of Nion Swift, a JSON text, say (properties of a data item).
void add_nion_facts(const std::string& json, const std::string& where, SourceFacts& facts);

/// Longest side of a pattern.
inline constexpr Index most_pattern_px = 65535;
/// InputError unless these are the sides of a pattern.
void require_pattern(Index ny, Index nx, const std::string& name);

}  // namespace tessera
