#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "src/workflow/preprocess/preprocess_input.hpp"

namespace tessera {

/// What becomes of a raw pixel: (raw - offset) factor, then whole electrons where they are asked for. Pixels that are
/// not valid are 0. Nothing is changed where nothing is given, not even a bit.
struct Correction {
  StoredType type = StoredType::f32;  ///< of raw pixels
  double full = 0;                    ///< value that marks a saturated pixel; 0: none
  std::vector<double> offset;         ///< [pixel] counts; empty: none
  std::vector<double> factor;         ///< [pixel]; empty: none
  std::vector<double> valid;          ///< [pixel] 1 or 0
  double counts_of_electron = 0;      ///< pixels become round(counts / this); 0: they stay counts

  bool keeps_integers() const {
    return counts_of_electron > 0 || (type != StoredType::f32 && offset.empty() && factor.empty());
  }
};

/// A dataset (ky, kx) about the pixels of a raw pattern (serial). InputError, with `key` in front, where it has another
/// shape or holds what is no finite number.
std::vector<double> read_pixel_map(const std::string& key, const DatasetRef& from, const std::vector<Index>& shape);

/// 1 / (response over the median response); 0 where the response is not positive, which makes a pixel a bad one.
std::vector<double> flat_factors(std::span<const double> response);

/// `counts` [pixel] of a raw pattern. InputError that names the pixel and the place in the dataset, which `pattern`
/// says, where a valid pixel is saturated, undefined or infinite.
void correct_pattern(const Correction& correction, const std::byte* raw, const std::function<std::string()>& pattern,
                     std::span<double> counts);

}  // namespace tessera
