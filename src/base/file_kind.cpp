#include "src/base/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace tessera {
namespace {

struct Signature {
  std::string_view bytes;
  const char* kind;
};

using namespace std::string_view_literals;

constexpr std::array signatures = {
    Signature{"\x89HDF\r\n\x1a\n"sv, "an HDF5 file"}, Signature{"\x93NUMPY"sv, "a NumPy file"},
    Signature{"PK\x03\x04"sv, "a zip archive"},       Signature{"\x1f\x8b"sv, "a gzip archive"},
    Signature{"II*\0"sv, "a TIFF picture"},           Signature{"MM\0*"sv, "a TIFF picture"},
    Signature{"\x89PNG"sv, "a PNG picture"},          Signature{"CDF"sv, "a NetCDF file"}};

bool is_text(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](unsigned char c) { return c >= 0x20 || (std::isspace(c) != 0); });
}

std::string kind_of_content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return "";
  std::array<char, 520> first{};
  file.read(first.data(), static_cast<std::streamsize>(first.size()));
  const std::string_view bytes(first.data(), static_cast<std::size_t>(file.gcount()));
  if (bytes.empty()) return "an empty file";
  for (const auto& [signature, kind] : signatures)
    if (bytes.starts_with(signature)) return kind;
  constexpr std::size_t behind_header = 512;  // MATLAB 7.3 puts a header of its own before HDF5's
  if (bytes.size() > behind_header && bytes.substr(behind_header).starts_with(signatures[0].bytes))
    return signatures[0].kind;
  return is_text(bytes) ? "a text file" : "a file of an unknown format";
}

}  // namespace

std::string file_kind(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  switch (fs::status(path, error).type()) {
    case fs::file_type::regular:
      return kind_of_content(path);
    case fs::file_type::directory:
      return "a folder";
    case fs::file_type::fifo:
      return "a pipe";
    case fs::file_type::socket:
      return "a socket";
    case fs::file_type::block:
    case fs::file_type::character:
      return "a device";
    default:
      return "";
  }
}

bool is_regular_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

}  // namespace tessera
