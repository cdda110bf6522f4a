#pragma once

#include <cstddef>
#include <fstream>
#include <span>
#include <string>

#include "io/text_file.hpp"
#include "src/base/index.hpp"

namespace tessera {

/// A file that one rank fills with bytes, one part after the other. Without `publish` nothing is left behind; failures
/// are SystemErrors (cannot_create, cannot_write).
class RawWriter {
 public:
  /// `bytes`: what it will take, compared with the free space first.
  RawWriter(const std::string& path, Index bytes);

  void append(std::span<const std::byte> bytes);
  void append(const std::string& text) { append(std::as_bytes(std::span(text))); }
  void publish(Existing existing);

 private:
  void require_good() const;

  NewFile file_;
  std::string path_;
  std::ofstream stream_;
};

}  // namespace tessera
