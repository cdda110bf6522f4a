#include "io/sources/raw_frames.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <limits>

#include "src/base/file_kind.hpp"

namespace tessera {

namespace {

constexpr bool machine_is_big = std::endian::native == std::endian::big;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(const std::string& file) : id_(open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (id_ < 0)
      throw InputError(ExitCode::data_missing,
                       fmt::format("{}: cannot be read ({}); correct the path", file, std::strerror(errno)));
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(id_); }
  int id() const { return id_; }

 private:
  int id_;
};

template <class Word>
void swap_words(std::byte* data, Index n) {
  auto* const words = reinterpret_cast<Word*>(data);
  for (Index i = 0; i < n; ++i) {
    if constexpr (sizeof(Word) == 2) words[i] = __builtin_bswap16(words[i]);
    if constexpr (sizeof(Word) == 4) words[i] = __builtin_bswap32(words[i]);
    if constexpr (sizeof(Word) == 8) words[i] = __builtin_bswap64(words[i]);
  }
}

void swap_bytes(std::byte* data, Index n, Index bytes) {
  if (bytes == 2) swap_words<std::uint16_t>(data, n);
  if (bytes == 4) swap_words<std::uint32_t>(data, n);
  if (bytes == 8) swap_words<std::uint64_t>(data, n);
}

template <class Stored, class Number>
void convert_as(const std::byte* from, Index n, Number* to) {
  const auto* const values = reinterpret_cast<const Stored*>(from);
  for (Index i = 0; i < n; ++i) to[i] = static_cast<Number>(values[i]);
}

template <class Number>
void convert(const RawElement& element, const std::byte* from, Index n, Number* to) {
  const bool is_signed = element.kind == 'i';
  if (element.kind == 'f') return element.bytes == 4 ? convert_as<float>(from, n, to) : convert_as<double>(from, n, to);
  if (element.bytes == 1)
    return is_signed ? convert_as<std::int8_t>(from, n, to) : convert_as<std::uint8_t>(from, n, to);
  if (element.bytes == 2)
    return is_signed ? convert_as<std::int16_t>(from, n, to) : convert_as<std::uint16_t>(from, n, to);
  if (element.bytes == 4)
    return is_signed ? convert_as<std::int32_t>(from, n, to) : convert_as<std::uint32_t>(from, n, to);
  is_signed ? convert_as<std::int64_t>(from, n, to) : convert_as<std::uint64_t>(from, n, to);
}

class RawFrameReader final : public FrameReader {
 public:
  explicit RawFrameReader(const SourceDescription& source)
      : source_(source),
        pixels_(source.layout.info.shape.end()[-2] * source.layout.info.shape.back()),
        converts_(bytes_of(source.layout.memory_type) != source.element.bytes || source.element.kind == 'i') {
    Index first = 0;
    for (const FramePart& part : source.parts) {
      firsts_.push_back(first);
      first += part.count;
    }
    gap_.resize(static_cast<std::size_t>(source.stride_bytes - frame_bytes()));
  }

  void read_box(const Box& box, std::byte* out) override {
    const Index bytes = source_.layout.pattern_bytes();
    for (Index y = box.y0; y < box.y1; ++y) {
      read_run(y * source_.layout.columns() + box.x0, box.width(), out);
      out += box.width() * bytes;
    }
  }

 private:
  Index frame_bytes() const { return pixels_ * source_.element.bytes; }

  /// Frames that follow one another, which may lie in several files.
  void read_run(Index frame, Index n, std::byte* out) {
    while (n > 0) {
      const auto part = static_cast<std::size_t>(std::ranges::upper_bound(firsts_, frame) - firsts_.begin()) - 1;
      const Index within = frame - firsts_[part], here = std::min(n, source_.parts[part].count - within);
      open_part(part);
      read_frames(within, here, out);
      frame += here;
      n -= here;
      out += here * source_.layout.pattern_bytes();
    }
  }

  void open_part(std::size_t part) {
    if (open_ && open_part_ == part) return;
    open_.reset();
    open_.emplace(source_.parts[part].file);
    open_part_ = part;
  }

  void read_frames(Index first, Index n, std::byte* out) {
    std::byte* to = out;
    if (converts_) {
      raw_.resize(static_cast<std::size_t>(n * frame_bytes()));
      to = raw_.data();
    }
    const Index offset = source_.offset_bytes + first * source_.stride_bytes;
    if (gap_.empty())
      read_at(offset, to, n * frame_bytes());
    else
      read_with_gaps(offset, to, n);
    if (source_.element.big_endian != machine_is_big) swap_bytes(to, n * pixels_, source_.element.bytes);
    if (converts_) to_floats(source_.element, to, n * pixels_, reinterpret_cast<float*>(out));
  }

  void read_at(Index offset, std::byte* to, Index bytes) const {
    while (bytes > 0) {
      const ssize_t got = pread(open_->id(), to, static_cast<std::size_t>(bytes), offset);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) refuse(offset, got < 0 ? std::strerror(errno) : "the file ends there");
      to += got;
      offset += got;
      bytes -= got;
    }
  }

  /// What lies between frames is read, too, into a place of no use: one call for many frames.
  void read_with_gaps(Index offset, std::byte* to, Index n) {
    constexpr Index most = std::min(IOV_MAX, 1024) / 2;
    std::vector<iovec> pieces;
    for (Index first = 0; first < n; first += most) {
      const Index here = std::min(most, n - first);
      pieces.clear();
      for (Index i = first; i < first + here; ++i) {
        pieces.push_back({to + i * frame_bytes(), static_cast<std::size_t>(frame_bytes())});
        if (i + 1 < first + here) pieces.push_back({gap_.data(), gap_.size()});
      }
      const Index from = offset + first * source_.stride_bytes;
      const Index wanted = here * source_.stride_bytes - static_cast<Index>(gap_.size());
      const ssize_t got = preadv(open_->id(), pieces.data(), static_cast<int>(pieces.size()), from);
      if (got == wanted) continue;
      // Interrupted, or the end: frame by frame from here, which finds out.
      for (Index i = 0; i < here; ++i)
        read_at(from + i * source_.stride_bytes, to + (first + i) * frame_bytes(), frame_bytes());
    }
  }

  [[noreturn]] void refuse(Index offset, const char* why) const {
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: byte {} cannot be read: {}; the file is shorter than it was",
                                 source_.parts[open_part_].file, offset, why));
  }

  const SourceDescription& source_;
  Index pixels_;
  bool converts_;
  std::vector<Index> firsts_;
  std::vector<std::byte> gap_, raw_;
  std::optional<Descriptor> open_;
  std::size_t open_part_ = 0;
};

}  // namespace

std::unique_ptr<FrameReader> open_raw_frames(const SourceDescription& source) {
  return std::make_unique<RawFrameReader>(source);
}

void to_floats(const RawElement& element, const std::byte* from, Index n, float* to) { convert(element, from, n, to); }

void to_doubles(const RawElement& element, std::byte* from, Index n, double* to) {
  if (element.big_endian != machine_is_big) swap_bytes(from, n, element.bytes);
  convert(element, from, n, to);
}

std::optional<RawElement> raw_element(const std::string& name) {
  for (const char kind : {'u', 'i', 'f'})
    for (const Index bytes : {1, 2, 4, 8}) {
      const RawElement element{.kind = kind, .bytes = bytes};
      if (kind == 'f' && bytes < 4) continue;
      if (name == element_name(element)) return element;
    }
  return std::nullopt;
}

std::string element_name(const RawElement& element) {
  return fmt::format("{}{}", element.kind == 'u' ? "uint" : element.kind == 'i' ? "int" : "float", 8 * element.bytes);
}

StoredType kept_type(const RawElement& element) {
  if (element.kind != 'u' || element.bytes == 8) return StoredType::f32;
  return element.bytes == 1 ? StoredType::u8 : element.bytes == 2 ? StoredType::u16 : StoredType::u32;
}

Index frames_in(const std::string& file, const RawExtent& extent, Index count, std::vector<std::string>& warnings) {
  std::error_code error;
  if (!is_regular_file(file))
    throw InputError(std::filesystem::exists(file, error) ? ExitCode::data_wrong : ExitCode::data_missing,
                     fmt::format("{}: is no file; correct the path", file));
  const auto bytes = static_cast<Index>(std::filesystem::file_size(file, error));
  if (error || access(file.c_str(), R_OK) != 0)
    throw InputError(ExitCode::data_missing, fmt::format("{}: cannot be read; correct the path or its rights", file));
  // The gap behind the last frame need not be there.
  const Index gap = extent.stride_bytes - extent.frame_bytes;
  const Index there = bytes < extent.offset_bytes ? 0 : (bytes - extent.offset_bytes + gap) / extent.stride_bytes;
  if (there == 0 || there < count)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: has {} bytes, which hold {} frames of {} bytes from byte {} on, but {} are wanted; it "
                    "is cut short, or its shape or type is another",
                    file, bytes, there, extent.frame_bytes, extent.offset_bytes, std::max<Index>(1, count)));
  const Index rest = (bytes - extent.offset_bytes + gap) % extent.stride_bytes;
  if (count == 0 && rest != 0 && rest != gap)
    warnings.push_back(
        fmt::format("{}: {} bytes are left over behind {} frames of {} bytes: it is cut short, or its "
                    "shape or type is another",
                    file, rest, there, extent.stride_bytes));
  return count == 0 ? there : count;
}

PatternLayout raw_layout(Index frames, Index ny, Index nx, const RawElement& element) {
  PatternLayout layout;
  layout.info = {.shape = {frames, ny, nx},
                 .type = kept_type(element),
                 .type_name = element_name(element),
                 .numeric = true,
                 .contiguous = true};
  layout.memory_type = kept_type(element);
  layout.file_pixel_bytes = element.bytes;
  return layout;
}

}  // namespace tessera
