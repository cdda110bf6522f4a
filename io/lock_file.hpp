#pragma once

#include <optional>
#include <string>

#include "src/base/process.hpp"

namespace tessera {

/// A file that says which process may write the output beside it. It is there while that process runs: whoever finds it
/// ends with an error (cannot_create) that names the holder, unless the holder is seen to be dead or, on another
/// machine, has not touched the file for `lock_patience_s`; then the file changes hands, to one of all who try, and
/// what the dead one had begun to write beside it is removed. Works on NFS: it needs `link` or O_EXCL, and rename.
class LockFile {
 public:
  /// Takes `path`, which guards what is called `what` ("output.directory results").
  LockFile(std::string path, const std::string& what);
  /// Removes the file if it still is this process's.
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  /// Of a dead run from which the file was taken: "process 12 on node3, since ...".
  const std::optional<std::string>& taken_from() const { return taken_from_; }
  /// Says that this process lives.
  void touch() const noexcept;
  /// Whether the file still is this process's.
  bool held() const;

 private:
  std::string path_;
  std::string text_;
  std::optional<std::string> taken_from_;
};

/// For a run on another machine, whose process cannot be seen. LockFile::touch is called far more often.
inline constexpr double lock_patience_s = 600;

/// Throws what LockFile would when a living run holds `path`; takes and writes nothing.
void refuse_held_lock(const std::string& path, const std::string& what);

/// How the run fares that holds the lock `path`, as far as it can be seen from here; nothing where there is no lock.
std::optional<Fate> fate_of_holder(const std::string& path);

}  // namespace tessera
