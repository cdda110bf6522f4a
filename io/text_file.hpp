#pragma once

#include <string>

namespace tessera {

/// The name under which a file is written until it is complete.
std::string temporary_name(const std::string& path);

/// Creates `temporary_name(path)` empty, so that a refusal of the system is told with its reason (cannot_create).
void create_temporary(const std::string& path);

/// Flushes `temporary_name(path)` to the disk and renames it to `path`, replacing what was there (cannot_write).
void publish_file(const std::string& path);

/// Removes `temporary_name(path)` if it is there; never throws.
void discard_file(const std::string& path) noexcept;

/// Writes a text so that readers see the old file or the whole new one, never a part.
void write_text_atomically(const std::string& path, const std::string& text);

}  // namespace tessera
