#pragma once

#include <complex>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

class H5Id;

/// A file that stays open while one rank reads boxes of its datasets. Every rank may read its own boxes at its own
/// time: nothing here is collective.
class BoxFile {
 public:
  explicit BoxFile(const std::string& file);

  /// Reads the box [start, start + count) of a dataset of real numbers into `values`, C order, shape `count`. A box
  /// that leaves the dataset is an InputError.
  void read(const std::string& dataset, std::span<const Index> start, std::span<const Index> count,
            std::vector<double>& values) const;
  /// The same for complex numbers {r, i}; real ones are taken with a zero imaginary part.
  void read(const std::string& dataset, std::span<const Index> start, std::span<const Index> count,
            std::vector<std::complex<double>>& values) const;

 private:
  std::string name_;
  std::shared_ptr<const H5Id> file_;
};

/// One box of a file that is opened for it.
template <class T>
void read_box(const std::string& file, const std::string& dataset, std::span<const Index> start,
              std::span<const Index> count, std::vector<T>& values) {
  BoxFile(file).read(dataset, start, count, values);
}

}  // namespace tessera
