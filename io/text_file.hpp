#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace tessera {

/// What a new file does to one that has its name already.
enum class Existing { keep, replace };

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
  /// The temporary file's content (cannot_write).
  void fill(const std::string& text);
  /// Flushes the temporary file to the disk and gives it its name (cannot_write). What has that name is replaced, or is
  /// an error (cannot_create) where it is to be kept.
  void publish(Existing existing = Existing::replace);

 private:
  std::string path_;
  std::string temporary_;
};

/// "<path>.<host>.<process>.tmp": what this process calls a file until it is complete. Ranks that write one together
/// take root's.
std::string temporary_name(const std::string& path);

/// Creates the file `temporary` empty; a refusal of the system is told of `path`, with its reason (cannot_create).
void create_temporary(const std::string& temporary, const std::string& path);

/// Flushes the file `temporary` to the disk and renames it to `path` (cannot_write). With Existing::keep, whether it
/// could: false, and nothing is done, when there is a file of that name.
bool publish_file(const std::string& temporary, const std::string& path, Existing existing);

/// The bytes of a regular file or, where it is longer, its last `most` ones. Nothing where there is no such file, or it
/// is something else or cannot be read.
std::optional<std::string> read_bytes(const std::string& path, std::size_t most);

/// Removes a file if it is there; never throws.
void discard_file(const std::string& file) noexcept;

/// Writes a text so that readers see the old file or the whole new one, never a part.
void write_text_atomically(const std::string& path, const std::string& text);

/// Writes over a file that is there, so that a short text finds its place on a full disk, too (cannot_write). A reader
/// may see a part.
void overwrite_text(const std::string& path, const std::string& text);

}  // namespace tessera
