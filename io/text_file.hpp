#pragma once

#include <string>

namespace tessera {

/// A file of one process, written under a temporary name of its own, so that two runs that write the same file at once
/// do not write into each other: the later one replaces the earlier. Removes the temporary file if it is not published.
class NewFile {
 public:
  /// Creates the temporary file, empty; a refusal of the system is told with its reason (cannot_create).
  explicit NewFile(const std::string& path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// "<path>.<host>.<process>.tmp".
  const std::string& temporary() const { return temporary_; }
  /// Flushes the temporary file to the disk and gives it its name, replacing what was there (cannot_write).
  void publish();

 private:
  std::string path_;
  std::string temporary_;
};

/// The name under which the ranks write a file together until it is complete, the same on all of them: "<path>.tmp".
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
