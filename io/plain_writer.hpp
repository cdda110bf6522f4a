#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/stored_type.hpp"
#include "io/text_file.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// A dataset of a plain HDF5 file: full path ("/truth/probe"; groups are made on the way), type and global shape.
struct PlainArray {
  std::string dataset;
  StoredType type = StoredType::f32;
  std::vector<Index> shape;
  std::vector<LocalBlock> blocks;  ///< this rank's part, if it is known when the file is made
  NumericAttributes attributes;
  TextAttributes text_attributes;
  bool grows = false;  ///< a list whose length nobody knows yet: its shape is (0), and `append` fills it
};

/// A scalar text of fixed length, by its full path.
struct PlainText {
  std::string dataset;
  std::string text;
};

class ParallelFile;

/// Writes a plain HDF5 file by all ranks together: all datasets are made at once, filled in any number of rounds, and
/// the file gets its name in `commit`; without `commit` nothing is left behind. Every function is collective and every
/// failure is the same error on all ranks (cannot_create or cannot_write).
class PlainWriter {
 public:
  /// All ranks give the same datasets; the file's attributes and texts are read on root only. Writes the arrays' blocks
  /// as well.
  PlainWriter(const Comm& comm, const std::string& path, std::span<const PlainArray> arrays,
              const NumericAttributes& file_attributes = {}, const TextAttributes& file_text_attributes = {},
              Existing existing = Existing::replace, std::span<const PlainText> texts = {});
  ~PlainWriter();
  PlainWriter(const PlainWriter&) = delete;
  PlainWriter& operator=(const PlainWriter&) = delete;

  /// One round: this rank's blocks (perhaps none) of the dataset with this index.
  void write(std::size_t dataset_index, std::span<const LocalBlock> blocks);
  /// This rank's numbers (perhaps none) behind those of the ranks before it, at the end of a dataset that grows.
  void append(std::size_t dataset_index, const void* numbers, Index count);
  void commit();

 private:
  struct Target {
    std::string dataset;
    StoredType type;
    std::vector<Index> shape;
  };
  std::vector<Target> targets_;
  std::unique_ptr<ParallelFile> file_;
};

}  // namespace tessera
