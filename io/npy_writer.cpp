#include "io/npy_writer.hpp"

#include <bit>

namespace tessera {

namespace {

/// As NumPy writes it: "<f4".
std::string descriptor(StoredType type) {
  const char kind = type == StoredType::complex64 || type == StoredType::complex128 ? 'c'
                    : type == StoredType::f32 || type == StoredType::f64            ? 'f'
                                                                                    : 'u';
  return fmt::format("{}{}{}", std::endian::native == std::endian::little ? '<' : '>', kind, bytes_of(type));
}

/// Magic, version, length of the header, and the header, which ends a multiple of 64 bytes with a line feed.
std::string header(StoredType type, std::span<const Index> shape) {
  constexpr std::size_t before = 10, multiple = 64;
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descriptor(type),
                                 fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  text.append(multiple - 1 - (before + text.size()) % multiple, ' ');
  text += '\n';
  std::string start = "\x93NUMPY";
  start += {'\x01', '\x00', static_cast<char>(text.size() & 0xFF), static_cast<char>(text.size() >> 8)};
  return start + text;
}

}  // namespace

NpyWriter::NpyWriter(const std::string& path, StoredType type, std::span<const Index> shape)
    : file_(path, element_count(shape) * bytes_of(type)) {
  TESSERA_ASSERT(type != StoredType::other, path);
  file_.append(header(type, shape));
}

}  // namespace tessera
