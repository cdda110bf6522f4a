#pragma once

#include <string>

namespace tessera {

/// What a path leads to, in words, by the system and by the first bytes: "a folder", "a pipe", "a device", "an HDF5
/// file", "a text file", "an empty file", ...; "a file of an unknown format" where nothing is recognised, and an empty
/// text where nothing is there or it may not be read. Never waits: a pipe is not opened.
std::string file_kind(const std::string& path);

/// Whether it is a file whose bytes can be read again and again: no folder, pipe or device.
bool is_regular_file(const std::string& path);

}  // namespace tessera
