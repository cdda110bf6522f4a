#include "io/raw_writer.hpp"

#include <fmt/format.h>

#include "io/disk_space.hpp"
#include "src/base/error.hpp"

namespace tessera {

RawWriter::RawWriter(const std::string& path, Index bytes)
    : file_(path), path_(path), stream_(file_.temporary(), std::ios::binary | std::ios::trunc) {
  require_file_size_limit(path_, bytes);
  require_free_space(path_, bytes);
  require_good();
}

void RawWriter::append(std::span<const std::byte> bytes) {
  stream_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  require_good();
}

void RawWriter::publish(Existing existing) {
  stream_.close();
  require_good();
  file_.publish(existing);
}

void RawWriter::require_good() const {
  if (!stream_.good())
    throw SystemError(ExitCode::cannot_write,
                      fmt::format("{}: cannot be written; free some space or choose another folder", path_));
}

}  // namespace tessera
