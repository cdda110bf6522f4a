#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "io/raw_writer.hpp"
#include "io/stored_type.hpp"

namespace tessera {

/// A NumPy file (.npy, version 1.0) that one rank fills in C order, part by part. Its elements are in this machine's
/// byte order, which the header names. For errors see RawWriter.
class NpyWriter {
 public:
  NpyWriter(const std::string& path, StoredType type, std::span<const Index> shape);

  void append(std::span<const std::byte> elements) { file_.append(elements); }
  void publish(Existing existing) { file_.publish(existing); }

 private:
  RawWriter file_;
};

}  // namespace tessera
