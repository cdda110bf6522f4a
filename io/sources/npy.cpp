#include "io/sources/npy.hpp"

#include <charconv>
#include <cstring>

#include "io/sources/raw_frames.hpp"
#include "io/sources/small_files.hpp"
#include "src/base/words.hpp"

namespace tessera {

namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw InputError(ExitCode::data_wrong, fmt::format("{}: {}", file, what));
}

/// What stands behind 'key': in the header's dictionary.
std::string value_of(const std::string& header, const std::string& key, const std::string& file) {
  const auto at = header.find("'" + key + "'");
  const auto colon = at == std::string::npos ? at : header.find(':', at);
  const auto begin = colon == std::string::npos ? colon : header.find_first_not_of(' ', colon + 1);
  if (begin == std::string::npos) refuse(file, fmt::format("its NumPy header has no {}", key));
  const char first = header[begin];
  const auto end = first == '\''  ? header.find('\'', begin + 1)
                   : first == '(' ? header.find(')', begin)
                                  : header.find_first_of(",}", begin);
  if (end == std::string::npos) refuse(file, fmt::format("its NumPy header ends within {}", key));
  return header.substr(begin, end - begin);
}

RawElement element_of(const std::string& descr, const std::string& file) {
  // "'<u2", as the closing quote is left out.
  const std::string type = descr.starts_with("'") ? descr.substr(1) : "";
  if (type == "|b1") return {};
  const bool one_byte = type == "|u1" || type == "|i1";
  RawElement element{.kind = type.size() > 2 ? type[1] : ' ', .bytes = 0, .big_endian = type.starts_with(">")};
  if (type.size() == 3 && type[2] >= '1' && type[2] <= '8') element.bytes = type[2] - '0';
  const bool ordered = one_byte || type.starts_with("<") || type.starts_with(">");
  if (!ordered || !raw_element(element_name(element)) ||
      (element.kind != 'u' && element.kind != 'i' && element.kind != 'f'))
    refuse(file, fmt::format("holds elements of the NumPy type {}; integers or floats of 8 to 64 bits are read",
                             shown(type.empty() ? descr : type)));
  return element;
}

std::vector<Index> shape_of(const std::string& text, const std::string& file) {
  std::vector<Index> shape;
  for (std::size_t i = 1; i < text.size();) {
    if (text[i] == ' ' || text[i] == ',') {
      ++i;
      continue;
    }
    Index length = 0;
    const auto [stop, error] = std::from_chars(text.data() + i, text.data() + text.size(), length);
    if (error != std::errc() || length < 0)
      refuse(file, fmt::format("its NumPy header has the shape {}", shown(text + ")")));
    shape.push_back(length);
    i = static_cast<std::size_t>(stop - text.data());
  }
  try {
    element_count(shape);
  } catch (const InputError& error) {
    refuse(file, error.what());
  }
  return shape;
}

}  // namespace

NpyHeader npy_header(const std::string& bytes, const std::string& file) {
  constexpr std::size_t magic = 6, least = 10;
  if (bytes.size() < least + 2 || bytes.compare(0, magic, "\x93NUMPY") != 0) refuse(file, "is no NumPy file");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  const bool first_version = byte(magic) == 1;
  const std::size_t begin = first_version ? least : least + 2;
  std::size_t length = byte(8) + (byte(9) << 8);
  if (!first_version) length += (byte(10) << 16) + (byte(11) << 24);
  if (begin + length > bytes.size()) refuse(file, fmt::format("its NumPy header of {} bytes is cut short", length));
  const std::string header = bytes.substr(begin, length);
  NpyHeader npy{.element = element_of(value_of(header, "descr", file), file),
                .fortran_order = value_of(header, "fortran_order", file).starts_with("True"),
                .shape = shape_of(value_of(header, "shape", file), file),
                .offset_bytes = static_cast<Index>(begin + length)};
  return npy;
}

NpyHeader read_npy_header(const std::string& file) {
  constexpr Index most = Index{1} << 20;
  return npy_header(read_bytes(file, 0, most), file);
}

SmallArray read_npy(const std::string& file) {
  const NpyHeader npy = read_npy_header(file);
  const Index count = element_count(npy.shape), bytes = npy.element.bytes;
  if (count == 0) refuse(file, "is empty");
  if (count > (Index{1} << 27)) refuse(file, fmt::format("has {} elements, more than a mask or positions need", count));
  if (npy.fortran_order && npy.shape.size() > 1)
    refuse(file, "lies in Fortran order; save numpy.ascontiguousarray of it");
  std::string data = read_bytes(file, npy.offset_bytes, count * bytes);
  if (static_cast<Index>(data.size()) < count * bytes)
    refuse(file, fmt::format("has {} of the {} bytes of its array; it is cut short", data.size(), count * bytes));
  SmallArray array{.shape = npy.shape, .values = {}, .whole = npy.element.kind != 'f'};
  array.values.resize(static_cast<std::size_t>(count));
  to_doubles(npy.element, reinterpret_cast<std::byte*>(data.data()), count, array.values.data());
  return array;
}

}  // namespace tessera
