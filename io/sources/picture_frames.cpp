#include "io/sources/picture_frames.hpp"

#include <tiffio.h>

#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "io/sources/raw_frames.hpp"

namespace tessera {

namespace {

thread_local std::string last_error;

void keep_error(const char*, const char* format, va_list arguments) {
  char text[256] = "";
  std::vsnprintf(text, sizeof text, format, arguments);
  last_error = text;
}

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using Tiff = std::unique_ptr<TIFF, CloseTiff>;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw InputError(ExitCode::data_wrong, fmt::format("{}: {}", file, what));
}

Tiff open_tiff(const std::string& file) {
  TIFFSetErrorHandler(keep_error);
  TIFFSetWarningHandler(nullptr);
  last_error.clear();
  Tiff tiff(TIFFOpen(file.c_str(), "rm"));  // m: no memory maps, whose file may become shorter
  if (!tiff) refuse(file, fmt::format("is no TIFF picture that can be read ({})", last_error));
  return tiff;
}

PicturePage page_of(TIFF* tiff, const std::string& file) {
  std::uint32_t ny = 0, nx = 0;
  std::uint16_t samples = 1, bits = 0, format = SAMPLEFORMAT_UINT;
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &ny);
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &nx);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
  const char kind = format == SAMPLEFORMAT_IEEEFP ? 'f' : format == SAMPLEFORMAT_INT ? 'i' : 'u';
  const auto element = raw_element(element_name({.kind = kind, .bytes = bits / 8}));
  if (samples != 1 || !element || bits % 8 != 0)
    refuse(file,
           fmt::format("has {} samples of {} bits a pixel; a pattern has one count a pixel, an integer or float of 8 "
                       "to 64 bits",
                       samples, bits));
  if (TIFFIsTiled(tiff) != 0) refuse(file, "is stored in tiles; write it in strips, as most programs do");
  constexpr std::uint32_t most = 65535;
  if (ny == 0 || nx == 0 || ny > most || nx > most)
    refuse(file, fmt::format("has {} x {} pixels; a pattern has 1 to {} a side", ny, nx, most));
  return {static_cast<Index>(TIFFCurrentDirOffset(tiff)), ny, nx, *element};
}

class PictureFrameReader final : public FrameReader {
 public:
  explicit PictureFrameReader(const SourceDescription& source) : source_(source) {}

  void read_box(const Box& box, std::byte* out) override {
    for (Index x = box.x0; x < box.x1; ++x, out += source_.layout.pattern_bytes())
      read_page(source_.parts[static_cast<std::size_t>(x)], out);
  }

 private:
  void read_page(const FramePart& part, std::byte* out) {
    if (file_ != part.file) tiff_ = open_tiff(part.file);
    file_ = part.file;
    std::uint64_t offset = 0;
    std::from_chars(part.dataset.data(), part.dataset.data() + part.dataset.size(), offset);
    if (!part.dataset.empty() && TIFFSetSubDirectory(tiff_.get(), offset) == 0)
      refuse(file_, fmt::format("has no page at byte {} any more ({})", offset, last_error));
    const PicturePage page = page_of(tiff_.get(), file_);
    const auto& shape = source_.layout.info.shape;
    if (page.ny != shape[1] || page.nx != shape[2] || element_name(page.element) != source_.layout.info.type_name)
      refuse(file_, fmt::format("has {} x {} pixels of {}, but the first picture {} x {} of {}", page.ny, page.nx,
                                element_name(page.element), shape[1], shape[2], source_.layout.info.type_name));
    const bool converts = page.element.bytes != bytes_of(source_.layout.memory_type) || page.element.kind == 'i';
    const Index bytes = page.ny * page.nx * page.element.bytes;
    if (converts) raw_.resize(static_cast<std::size_t>(bytes));
    read_strips(converts ? raw_.data() : out, bytes);
    if (converts) to_floats(page.element, raw_.data(), page.ny * page.nx, reinterpret_cast<float*>(out));
  }

  void read_strips(std::byte* out, Index bytes) {
    const std::uint32_t strips = TIFFNumberOfStrips(tiff_.get());
    Index done = 0;
    for (std::uint32_t strip = 0; strip < strips && done < bytes; ++strip) {
      const tmsize_t got = TIFFReadEncodedStrip(tiff_.get(), strip, out + done, bytes - done);
      if (got <= 0) refuse(file_, fmt::format("strip {} cannot be read ({}); the file is damaged", strip, last_error));
      done += got;
    }
    if (done != bytes) refuse(file_, "ends early; it is cut short");
  }

  const SourceDescription& source_;
  Tiff tiff_;
  std::string file_;
  std::vector<std::byte> raw_;
};

}  // namespace

std::vector<PicturePage> picture_pages(const std::string& file, std::size_t most) {
  const Tiff tiff = open_tiff(file);
  std::vector<PicturePage> pages;
  do {
    pages.push_back(page_of(tiff.get(), file));
  } while (pages.size() < most && TIFFReadDirectory(tiff.get()) != 0);
  return pages;
}

std::unique_ptr<FrameReader> open_picture_frames(const SourceDescription& source) {
  return std::make_unique<PictureFrameReader>(source);
}

}  // namespace tessera
