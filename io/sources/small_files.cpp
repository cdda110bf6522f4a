#include "io/sources/small_files.hpp"

#include <expat.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>

#include "src/base/error.hpp"
#include "src/base/file_kind.hpp"
#include "src/base/words.hpp"

namespace tessera {

namespace {

constexpr std::size_t deepest = 64, most_elements = 100'000;

struct XmlWalk {
  std::vector<XmlElement> open, done;
  bool too_much = false;
};

void begin_element(void* data, const char* name, const char** attributes) {
  auto& walk = *static_cast<XmlWalk*>(data);
  if (walk.open.size() >= deepest || walk.done.size() >= most_elements) {
    walk.too_much = true;
    return;
  }
  XmlElement element;
  if (walk.open.size() == 1) element.path = name;
  if (walk.open.size() > 1) element.path = walk.open.back().path + "/" + name;
  if (!walk.open.empty()) element.outer_attributes = walk.open.back().attributes;
  for (; *attributes != nullptr; attributes += 2) element.attributes[attributes[0]] = attributes[1];
  walk.open.push_back(std::move(element));
}

void end_element(void* data, const char*) {
  auto& walk = *static_cast<XmlWalk*>(data);
  if (walk.too_much || walk.open.empty()) return;
  walk.done.push_back(std::move(walk.open.back()));
  walk.open.pop_back();
}

void add_text(void* data, const char* text, int length) {
  auto& walk = *static_cast<XmlWalk*>(data);
  if (!walk.open.empty()) walk.open.back().text.append(text, static_cast<std::size_t>(length));
}

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

}  // namespace

std::string read_bytes(const std::string& file, Index offset, Index most) {
  if (!is_regular_file(file)) {
    const std::string kind = file_kind(file);
    throw InputError(kind.empty() ? ExitCode::data_missing : ExitCode::data_wrong,
                     fmt::format("{}: is {}; correct the path", file, kind.empty() ? "not there" : kind));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw InputError(ExitCode::data_missing,
                     fmt::format("{}: cannot be read ({}); correct the path", file, std::strerror(errno)));
  std::string bytes(static_cast<std::size_t>(most), '\0');
  stream.seekg(offset);
  stream.read(bytes.data(), most);
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  return bytes;
}

std::string read_metadata_text(const std::string& file) {
  constexpr Index most = Index{16} << 20;
  std::string text = read_bytes(file, 0, most + 1);
  if (static_cast<Index>(text.size()) > most)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: has more than 16 MiB, which is more than metadata", file));
  return text;
}

std::vector<XmlElement> xml_elements(const std::string& text, const std::string& file) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser(XML_ParserCreate(nullptr));
  XmlWalk walk;
  XML_SetUserData(parser.get(), &walk);
  XML_SetElementHandler(parser.get(), begin_element, end_element);
  XML_SetCharacterDataHandler(parser.get(), add_text);
  const bool parsed = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) == XML_STATUS_OK;
  if (!parsed)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: is no XML: {} in line {}", file, XML_ErrorString(XML_GetErrorCode(parser.get())),
                                 XML_GetCurrentLineNumber(parser.get())));
  if (walk.too_much)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: has more than {} elements, or they lie more than {} deep",
                                                       file, most_elements, deepest));
  return walk.done;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

std::optional<double> as_number(const std::string& text) {
  std::string number = trimmed(text);
  if (number.starts_with('+')) number.erase(0, 1);
  double value = 0;
  const char* const end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value);
  if (number.empty() || error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace tessera
