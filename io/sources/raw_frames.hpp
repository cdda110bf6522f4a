#pragma once

#include <memory>

#include "io/sources/frame_reader.hpp"

namespace tessera {

/// Frames at equal distances in files, read with pread in pieces as large as the box allows: no conversion but the byte
/// order for u8, u16, u32 and f32; others become f32.
std::unique_ptr<FrameReader> open_raw_frames(const SourceDescription& source);

/// The type by its name ("uint16", "float32", "int8" ...); nothing for others.
std::optional<RawElement> raw_element(const std::string& name);
/// Its name, for messages and lists.
std::string element_name(const RawElement& element);
/// How it is kept in memory.
StoredType kept_type(const RawElement& element);
/// Elements of a type that is kept as f32, in this machine's byte order.
void to_floats(const RawElement& element, const std::byte* from, Index n, float* to);

/// Elements of any type as they lie in a file, whose byte order is made this machine's in place.
void to_doubles(const RawElement& element, std::byte* from, Index n, double* to);

/// What a file of frames must hold: `count` of them, or as many as it holds, where that is 0. The number is returned.
/// InputError where the file is shorter, or is no whole number of frames (a rest at the end goes to `warnings`).
struct RawExtent {
  Index offset_bytes = 0, stride_bytes = 0, frame_bytes = 0;
};
Index frames_in(const std::string& file, const RawExtent& extent, Index count, std::vector<std::string>& warnings);

/// The layout of `frames` raw frames of ny x nx pixels.
PatternLayout raw_layout(Index frames, Index ny, Index nx, const RawElement& element);

}  // namespace tessera
