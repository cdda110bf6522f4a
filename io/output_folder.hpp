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

/// Whether something has the name of the output `file`: a link that leads nowhere, too. Throws cannot_create where it
/// is neither a regular file nor such a link: a run replaces no folder, pipe or device, whatever it is told.
bool is_taken(const std::string& file, const std::string& key);

/// Throws InputError (run_file) where the output `file` is the file that `input_key` names: a run does not replace what
/// it reads. An empty input is none.
void refuse_input_as_output(const std::string& file, const std::string& key, const std::string& input,
                            const std::string& input_key);

}  // namespace tessera
