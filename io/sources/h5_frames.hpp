#pragma once

#include <memory>
#include <string>

#include "io/h5.hpp"
#include "io/sources/frame_reader.hpp"

namespace tessera {

/// Serial. How a dataset of patterns is stored. Throws InputError when it is missing, is no array of 3 or 4 axes
/// (channels: 2 or 3) of numbers, has an empty axis, or was compressed with a filter that HDF5 cannot find here.
/// Complex numbers {r, i} or {real, imag} are taken where `may_be_complex`: the squares of their moduli are read.
PatternLayout pattern_layout(const std::string& file, const std::string& dataset, PatternAxes axes,
                             bool may_be_complex = false);

/// Datasets one after the other, with the default driver. A part may have axes of length 1 between (n) and (ky, kx), or
/// be one frame (ky, kx).
/// What no disk holds, and an Index still counts [bytes].
inline constexpr double beyond_disks_bytes = 1e18;
/// The chunks of a dataset, those that reach beyond its border whole, must be countable in bytes: a shape alone costs a
/// file nothing. InputError where they are not.
void require_countable(const PatternLayout& layout, const std::string& name);

std::unique_ptr<FrameReader> open_h5_frames(const SourceDescription& source, Index cache_bytes);

}  // namespace tessera
