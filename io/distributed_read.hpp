#pragma once

#include <complex>
#include <span>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// Reads the box [start, start + count) of a dataset of real numbers into `values`, C order, shape `count`. Every rank
/// may read its own box at its own time: nothing here is collective. A box that leaves the dataset is an InputError.
void read_box(const std::string& file, const std::string& dataset, std::span<const Index> start,
              std::span<const Index> count, std::vector<double>& values);
/// The same for complex numbers {r, i}; real ones are taken with a zero imaginary part.
void read_box(const std::string& file, const std::string& dataset, std::span<const Index> start,
              std::span<const Index> count, std::vector<std::complex<double>>& values);

}  // namespace tessera
