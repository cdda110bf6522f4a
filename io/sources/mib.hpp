#pragma once

#include <string>

#include "io/sources/source.hpp"

namespace tessera {

/// The header of a frame of a Merlin detector: text, padded with zeros.
struct MibHeader {
  Index header_bytes = 0;
  Index ny = 0, nx = 0;
  RawElement element;
};

/// From the first bytes of a frame. InputError where it is none, or its pixels are not U08, U16 or U32.
MibHeader mib_header(const std::string& bytes, const std::string& file);

}  // namespace tessera
