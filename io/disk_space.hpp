#pragma once

#include <string>

#include "src/base/index.hpp"

namespace tessera {

/// Throws SystemError (cannot_write) that names the path, the needed and the free bytes unless the file system of
/// `path` has room for `bytes` more.
void require_free_space(const std::string& path, Index bytes);

/// Gives blocks of the disk to every byte of the existing file `temporary_name(path)`, so that a full disk or a quota
/// shows now and not halfway through a parallel write (cannot_write). File systems without the call pass.
void reserve_blocks(const std::string& path);

}  // namespace tessera
