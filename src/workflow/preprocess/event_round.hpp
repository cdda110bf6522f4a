#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// Patterns of a round as the pixels that electrons hit, in the order of the patterns, whatever the order in which they
/// come; a pixel that counts several is listed as often. Memory: 4 bytes an electron, and what is asked for.
class EventRound {
 public:
  /// `valid` [pixel] 1 or 0: what hits the others is not listed.
  explicit EventRound(std::vector<double> valid) : valid_(std::move(valid)) {}

  void begin(Index patterns);
  /// Pattern `at` of the round, [pixel] whole counts, none below zero. InputError that calls it `name` where it has
  /// more electrons than pixels: its list would be larger than itself.
  void put(Index at, std::span<const double> counts, const std::function<std::string()>& name);

  /// [pattern] its electrons.
  std::vector<std::uint32_t> counts() const;
  /// The pixels of all, one pattern after the other, in as many bits as name them.
  template <class Pixel>
  std::vector<Pixel> pixels() const {
    std::vector<Pixel> all;
    all.reserve(electrons());
    for (const std::vector<std::uint32_t>& list : lists_) all.insert(all.end(), list.begin(), list.end());
    return all;
  }
  /// The most electrons that one pixel has had in any round.
  std::uint32_t largest() const { return largest_; }

 private:
  std::size_t electrons() const;

  std::vector<double> valid_;
  std::vector<std::vector<std::uint32_t>> lists_;  ///< [pattern]
  std::uint32_t largest_ = 0;
};

}  // namespace tessera
