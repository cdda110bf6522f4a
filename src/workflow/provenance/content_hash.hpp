#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/parallel/comm.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// How a hash was made, as it is stored beside it:
///   sha256-tree-64MiB  SHA-256 of the SHA-256 of each block of 64 MiB, one after the other
///   sha256-head-1MiB   SHA-256 of the first MiB
/// Empty for HashChoice::none.
std::string hash_name(HashChoice choice);

/// The hash of a file in hexadecimal (collective). Of a whole file each rank hashes every so many blocks, so that none
/// reads all of it. Ends early, with an empty hash, when a signal asks the run to end.
std::string content_hash(const Comm& comm, const std::string& file, HashChoice choice);

/// The same by one process, for a hash of that name; empty where the file cannot be read, or the name is unknown.
std::string content_hash(const std::string& file, const std::string& name);

/// The name of the hash of several files together: SHA-256 of their own hashes, one after the other.
std::string set_hash_name(HashChoice choice);
bool is_set_hash(const std::string& name);

/// That hash (collective): each rank hashes every so many files. Empty where one of them cannot be read.
std::string content_hash(const Comm& comm, const std::vector<std::string>& files, HashChoice choice);

/// The same by one process, for a hash of that name.
std::string content_hash(const std::vector<std::string>& files, const std::string& name);

/// SHA-256 in hexadecimal.
std::string sha256(std::string_view bytes);

/// A random UUID (version 4, RFC 4122).
std::string random_uuid();

/// The UUID that stands for a name (version 5, RFC 4122), in this program's own name space.
std::string uuid_of(std::string_view name);

}  // namespace tessera
