#pragma once

#include <memory>

#include "io/sources/frame_reader.hpp"

namespace tessera {

/// A page of a TIFF file.
struct PicturePage {
  Index directory_bytes = 0;  ///< where its directory lies in the file
  Index ny = 0, nx = 0;
  RawElement element;
};

/// The pages of a TIFF file, `most` of them at most. InputError where it is none, or a page has several samples a
/// pixel, tiles, or numbers that no detector counts in.
std::vector<PicturePage> picture_pages(const std::string& file, std::size_t most);

/// Pages of TIFF files, one a part, whose `dataset` is where the page's directory lies. Any compression that libtiff
/// knows.
std::unique_ptr<FrameReader> open_picture_frames(const SourceDescription& source);

}  // namespace tessera
