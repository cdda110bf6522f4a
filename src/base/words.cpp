#include "src/base/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tessera {

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

std::string nearest_word(const std::string& word, const std::vector<std::string>& words) {
  std::string nearest;
  std::size_t smallest = std::max<std::size_t>(3, word.size() / 2);
  for (const std::string& candidate : words) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < smallest) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::string shown(std::string_view text, std::size_t most) {
  constexpr std::size_t tail = 20;
  const auto escaped = [](std::string_view part) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(part[i]); };
    std::string result;
    for (std::size_t i = 0; i < part.size(); ++i) {
      // U+0080 to U+009F, which some terminals obey, are C2 80 to C2 9F.
      const bool second = i > 0 && byte(i - 1) == 0xc2 && byte(i) >= 0x80 && byte(i) < 0xa0;
      if (byte(i) < 0x20 || byte(i) == 0x7f || second)
        result += fmt::format("\\x{:02x}", byte(i));
      else
        result += part[i];
    }
    return result;
  };
  const auto in_a_letter = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  if (text.size() <= most) return escaped(text);
  std::size_t head = most > tail ? most - tail : most, end = text.size() - std::min(tail, most - head);
  while (head > 0 && in_a_letter(head)) --head;
  while (end < text.size() && in_a_letter(end)) ++end;
  return escaped(text.substr(0, head)) + "..." + escaped(text.substr(end));
}

}  // namespace tessera
