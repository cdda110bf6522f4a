#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "io/text_file.hpp"
#include "src/base/index.hpp"

namespace tessera {

/// A grey PNG of 8 or 16 bits, filled by one rank row after row: levels for other programs, not a picture with scales
/// (io/pictures.hpp). Without `publish` nothing is left behind; failures are SystemErrors (cannot_create,
/// cannot_write).
class PngWriter {
 public:
  PngWriter(const std::string& path, Index ny, Index nx, int bits);
  ~PngWriter();
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  /// The next row, nx levels from 0 to 2^bits - 1.
  void append(std::span<const std::uint16_t> levels);
  void publish(Existing existing);

 private:
  struct Handle;
  void require(bool worked) const;

  NewFile file_;
  std::string path_;
  int bits_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace tessera
