#pragma once

#include <filesystem>
#include <string>

namespace tessera {

/// `folder` or, where that is not there yet, the nearest above it that is.
std::filesystem::path existing_folder(const std::filesystem::path& folder);

/// Makes a folder and those above it (cannot_create, about the key `key`).
void make_folder(const std::string& folder, const std::string& key);

/// Throws cannot_create unless `folder` is, or could be made as, one that files can be created in. Writes nothing.
void require_writable_folder(const std::string& folder, const std::string& key);

}  // namespace tessera
