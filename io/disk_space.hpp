#pragma once

#include <string>

#include "src/base/index.hpp"

namespace tessera {

/// Throws SystemError (cannot_write) that names the path, the needed and the free bytes unless the file system of
/// `path`, which need not be there yet, has room for `bytes` more.
void require_free_space(const std::string& path, Index bytes);

/// Gives blocks of the disk to the first `bytes` bytes of the existing file `temporary`, which will be `path`, so that
/// a full disk, a quota or a limit shows now and not halfway through a parallel write (cannot_write). File systems
/// without the call pass.
void reserve_blocks(const std::string& temporary, const std::string& path, Index bytes);

/// Throws SystemError (cannot_write) when this process may not write files of `bytes` bytes (ulimit -f).
void require_file_size_limit(const std::string& path, Index bytes);

}  // namespace tessera
