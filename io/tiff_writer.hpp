#pragma once

#include <span>
#include <string>

#include "io/raw_writer.hpp"

namespace tessera {

/// What a stack of images is: [image, y, x].
struct TiffStack {
  Index images = 1;
  Index ny = 0;
  Index nx = 0;
  double dy_A = 0;  ///< pixels; 0: they have no length
  double dx_A = 0;
  double spacing_A = 0;  ///< of images; 0: none
};

/// A TIFF stack of 32-bit floats that ImageJ opens with its scale, filled by one rank in the order [image, y, x]. All
/// images lie behind each other and their directories behind all of them: ImageJ looks at the first directory alone.
/// (libtiff puts each directory behind its image.) Beyond 4 GiB it is a BigTIFF, which ImageJ opens with Bio-Formats.
/// For errors see RawWriter.
class TiffWriter {
 public:
  /// `classic_bytes`: up to how many bytes offsets of 32 bits are used.
  TiffWriter(const std::string& path, const TiffStack& stack, Index classic_bytes = 4'000'000'000);

  void append(std::span<const float> pixels);
  /// Writes the directories and gives the file its name.
  void publish(Existing existing);

 private:
  TiffStack stack_;
  bool big_;
  RawWriter file_;
  Index pixels_ = 0;  ///< so far
};

}  // namespace tessera
