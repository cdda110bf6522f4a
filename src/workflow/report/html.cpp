#include "src/workflow/report/html.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace tessera {

namespace {

constexpr const char* unknown_sign = "\xef\xbf\xbd";

/// Bytes of the letter that begins the text, or 0 where none does that UTF-8 and XML know.
std::size_t letter_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\n' || first == '\t' ? 1 : 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool beyond = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  const bool no_letter = first == 0xef && second == 0xbf && byte(2) >= 0xbe;
  const bool control = first == 0xc2 && second < 0xa0;
  return overlong || beyond || no_letter || control ? 0 : length;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t length = letter_length(text);
    switch (text[0]) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += length == 0 ? std::string_view(unknown_sign) : text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return safe;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j)
      three = three << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) text += i + j <= bytes.size() ? letters[three >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

std::string html_section(const std::string& id, const std::string& title, const std::string& content) {
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", html_text(id), html_text(title), content);
}

std::string html_picture(std::string_view png, const std::string& alternative, const std::string& caption) {
  return fmt::format("<figure><img alt=\"{}\" src=\"data:image/png;base64,{}\"/><figcaption>{}</figcaption></figure>\n",
                     html_text(alternative), base64(png), html_text(caption));
}

std::string html_pictures(const std::string& pictures) {
  return pictures.empty() ? "" : "<div class=\"pictures\">\n" + pictures + "</div>\n";
}

std::string html_details(const std::string& summary, const std::string& content) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_text(summary), content);
}

}  // namespace tessera
