#include "io/tiff_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "src/base/error.hpp"

namespace tessera {

namespace {

// TIFF 6.0 and BigTIFF; numbers are in this machine's byte order, which the header names.

enum class Kind : std::uint16_t { ascii = 2, u16 = 3, u32 = 4, rational = 5, u64 = 16 };

std::size_t size_of(Kind kind) { return kind == Kind::ascii ? 1 : kind == Kind::u16 ? 2 : kind == Kind::u32 ? 4 : 8; }

template <class T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// An entry of a directory, whose value is already in bytes.
struct Entry {
  std::uint16_t tag;
  Kind kind;
  std::string value;
};

Entry short_entry(std::uint16_t tag, std::uint16_t value) {
  Entry entry{tag, Kind::u16, ""};
  put(entry.value, value);
  return entry;
}

Entry long_entry(std::uint16_t tag, Index value, bool big) {
  Entry entry{tag, big ? Kind::u64 : Kind::u32, ""};
  if (big)
    put(entry.value, static_cast<std::uint64_t>(value));
  else
    put(entry.value, static_cast<std::uint32_t>(value));
  return entry;
}

/// The nearest fraction whose larger part fits 31 bits.
Entry rational_entry(std::uint16_t tag, double value) {
  constexpr double largest = 2147483647;
  const double denominator = std::clamp(std::floor(largest / value), 1.0, largest);
  Entry entry{tag, Kind::rational, ""};
  put(entry.value, static_cast<std::uint32_t>(std::lround(std::min(value * denominator, largest))));
  put(entry.value, static_cast<std::uint32_t>(denominator));
  return entry;
}

/// What ImageJ reads of the stack; resolutions are pixels for each unit.
std::string description(const TiffStack& stack) {
  std::string text = fmt::format("ImageJ=1.54f\nimages={}\nslices={}\n", stack.images, stack.images);
  if (stack.dx_A > 0) text += "unit=Angstrom\n";
  if (stack.spacing_A > 0) text += fmt::format("spacing={}\n", stack.spacing_A);
  text += "loop=false\n";
  text += '\0';
  return text;
}

Index header_bytes(bool big) { return big ? 16 : 8; }

Index image_bytes(const TiffStack& stack) { return stack.ny * stack.nx * static_cast<Index>(sizeof(float)); }

/// In the order of their tags.
std::vector<Entry> entries_of(const TiffStack& stack, Index image, bool big) {
  constexpr std::uint16_t floats = 3;
  std::vector<Entry> entries{long_entry(256, stack.nx, false), long_entry(257, stack.ny, false), short_entry(258, 32),
                             short_entry(259, 1), short_entry(262, 1)};
  if (image == 0) entries.push_back({270, Kind::ascii, description(stack)});
  entries.push_back(long_entry(273, header_bytes(big) + image * image_bytes(stack), big));
  entries.push_back(short_entry(277, 1));
  entries.push_back(long_entry(278, stack.ny, false));
  entries.push_back(long_entry(279, image_bytes(stack), big));
  if (stack.dx_A > 0) {
    entries.push_back(rational_entry(282, 1 / stack.dx_A));
    entries.push_back(rational_entry(283, 1 / stack.dy_A));
    entries.push_back(short_entry(296, 1));  // no unit of TIFF's own
  }
  entries.push_back(short_entry(339, floats));
  return entries;
}

/// A directory that lies at `offset`, with the values that do not fit its entries behind it.
std::string directory(const std::vector<Entry>& entries, Index offset, bool big, bool is_last) {
  const std::size_t inline_bytes = big ? 8 : 4, entry_bytes = big ? 20 : 12;
  const std::size_t head = big ? 8 : 2;
  std::string text, values;
  const auto put_offset = [&](Index value) {
    if (big)
      put(text, static_cast<std::uint64_t>(value));
    else
      put(text, static_cast<std::uint32_t>(value));
  };
  const Index values_at = offset + static_cast<Index>(head + entries.size() * entry_bytes + inline_bytes);
  if (big)
    put(text, static_cast<std::uint64_t>(entries.size()));
  else
    put(text, static_cast<std::uint16_t>(entries.size()));
  for (const Entry& entry : entries) {
    put(text, entry.tag);
    put(text, static_cast<std::uint16_t>(entry.kind));
    put_offset(static_cast<Index>(entry.value.size() / size_of(entry.kind)));
    if (entry.value.size() <= inline_bytes) {
      text += entry.value;
      text.append(inline_bytes - entry.value.size(), '\0');
    } else {
      put_offset(values_at + static_cast<Index>(values.size()));
      values += entry.value;
      values.append(values.size() % 2, '\0');
    }
  }
  put_offset(is_last ? 0 : values_at + static_cast<Index>(values.size()));
  return text + values;
}

std::string header(bool big, Index directories_at) {
  std::string text = std::endian::native == std::endian::little ? "II" : "MM";
  if (big) {
    put(text, std::uint16_t{43});
    put(text, std::uint16_t{8});
    put(text, std::uint16_t{0});
    put(text, static_cast<std::uint64_t>(directories_at));
  } else {
    put(text, std::uint16_t{42});
    put(text, static_cast<std::uint32_t>(directories_at));
  }
  return text;
}

Index bytes_of(const TiffStack& stack) { return stack.images * image_bytes(stack); }

}  // namespace

TiffWriter::TiffWriter(const std::string& path, const TiffStack& stack, Index classic_bytes)
    : stack_(stack), big_(bytes_of(stack) > classic_bytes), file_(path, bytes_of(stack)) {
  file_.append(header(big_, header_bytes(big_) + bytes_of(stack_)));
}

void TiffWriter::append(std::span<const float> pixels) {
  file_.append(std::as_bytes(pixels));
  pixels_ += static_cast<Index>(pixels.size());
}

void TiffWriter::publish(Existing existing) {
  TESSERA_ASSERT(pixels_ == stack_.images * stack_.ny * stack_.nx, pixels_, stack_.images, stack_.ny, stack_.nx);
  Index offset = header_bytes(big_) + bytes_of(stack_);
  for (Index image = 0; image < stack_.images; ++image) {
    const std::string text = directory(entries_of(stack_, image, big_), offset, big_, image + 1 == stack_.images);
    file_.append(text);
    offset += static_cast<Index>(text.size());
  }
  file_.publish(existing);
}

}  // namespace tessera
