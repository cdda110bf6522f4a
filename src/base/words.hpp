#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// Levenshtein's edit distance: how many letters to add, drop or change. Cost: O(|a| |b|).
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The word of `words` with the smallest edit distance from `word`; empty when none is near.
std::string nearest_word(const std::string& word, const std::vector<std::string>& words);

/// The letters A to Z made small, whatever the locale; the others as they are.
std::string lower_case(std::string text);

/// A text from outside as it may be printed: control bytes as \xNN, so that none reaches a terminal, and where it is
/// longer than `most` bytes its beginning, "..." and its end.
std::string shown(std::string_view text, std::size_t most = 200);

}  // namespace tessera
