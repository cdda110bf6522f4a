#pragma once

#include <string>
#include <vector>

#include "io/pattern_layout.hpp"
#include "io/sources/source_facts.hpp"
#include "src/geometry/scan_order.hpp"

namespace tessera {

/// Frames that a file does not describe itself.
struct RawRequest {
  std::vector<Index> shape = {};  ///< (Ky, Kx), (N, Ky, Kx) or (Ry, Rx, Ky, Kx); empty: not given
  std::string type = {};          ///< "uint16", ...
  Index offset_bytes = 0;         ///< before the first frame
  Index gap_bytes = 0;            ///< between two frames
  bool big_endian = false;
};

/// What a user says of the patterns: the file, and what the file does not tell or tells wrong.
struct SourceRequest {
  std::string file = {};        ///< a file, a folder, or a pattern of names (source_names.hpp)
  std::string format = "auto";  ///< "auto", or a name of source_formats()
  std::string dataset = {};     ///< of HDF5; empty: found in the file
  RawRequest raw = {};
  std::vector<Index> scan_shape = {};  ///< (Ry, Rx) or (N); empty: as the file has it
  Index first_frame = 0;               ///< frames before that of the first position
  Index line_frames = 0;               ///< frames of a line of the scan, its flyback included; 0: as many as positions
  ScanOrder order = ScanOrder::rows;
  std::optional<bool> amplitudes = {};  ///< whether values are roots of counts; empty: as the format has it
};

/// Which frame belongs to which position.
struct ScanMap {
  std::vector<Index> shape;  ///< of the scan: (N) or (Ry, Rx)
  Index first = 0;
  Index line = 0;  ///< frames from one line to the next; of a list: unused
  ScanOrder order = ScanOrder::rows;

  Index positions() const { return element_count(shape); }
  /// The number of the frame, in the order of the file, of the position (flat scan index).
  Index frame_of(Index position) const;
};

/// How frames are stored.
enum class FrameKind {
  hdf5,     ///< datasets, one after the other
  raw,      ///< at equal distances in files
  picture,  ///< one TIFF file each
  lists,    ///< of the pixels that electrons hit, one of variable length for each
  events    ///< one list of the same for all, and how many of it each has
};

/// A piece of the frames, in their order.
struct FramePart {
  std::string file;
  std::string dataset = {};  ///< of HDF5; of a picture: where its page lies
  Index count = 0;           ///< frames in it
};

/// Numbers as they lie in a file without a format of its own.
struct RawElement {
  char kind = 'u';  ///< u, i or f, as NumPy calls them
  Index bytes = 1;
  bool big_endian = false;
};

/// Where patterns lie and how they are read: all that a rank needs to read its own, found by one of them.
struct SourceDescription {
  std::string format;  ///< of source_formats()
  std::string name;    ///< for messages: "scan.h5: /data"
  PatternLayout layout;
  ScanMap map;
  FrameKind kind = FrameKind::hdf5;
  std::vector<FramePart> parts = {};
  bool transposed = false;                 ///< frames lie as (kx, ky)
  bool amplitudes = false;                 ///< they hold roots of counts, or waves
  std::vector<Index> list_positions = {};  ///< of lists: the position of each; empty: as many lists for each
  RawElement element = {};                 ///< of raw frames
  Index offset_bytes = 0;                  ///< of the first frame in each file
  Index stride_bytes = 0;                  ///< from one frame to the next

  /// (scan..., Ky, Kx), or (scan..., channel), as users and masks count them.
  std::vector<Index> shape() const;
  bool of_electrons() const { return kind == FrameKind::lists || kind == FrameKind::events; }
  Index pattern_ny() const;
  Index pattern_nx() const;
};

/// A source that was looked at.
struct Source {
  SourceDescription description;
  SourceFacts facts;
};

/// Whether the data are channels, by the shape that they are stored with.
enum class PatternAxes { pixels, channels };

/// The map from positions to frames of `layout`, as far as the user says; otherwise `shape`, of the file. InputError
/// (run_file) where there are fewer frames than positions.
ScanMap scan_map(const SourceRequest& request, const PatternLayout& layout, const std::vector<Index>& shape,
                 const std::string& name);

/// A description as text, for the ranks that did not look, and back.
std::string source_text(const SourceDescription& description);
SourceDescription source_from_text(const std::string& text);

}  // namespace tessera
