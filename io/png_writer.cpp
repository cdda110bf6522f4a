#include "io/png_writer.hpp"

#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <vector>

#include "io/disk_space.hpp"
#include "src/base/error.hpp"

namespace tessera {

struct PngWriter::Handle {
  std::FILE* file = nullptr;
  png_structp png = nullptr;
  png_infop info = nullptr;
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (png != nullptr) png_destroy_write_struct(&png, &info);
    if (file != nullptr) std::fclose(file);
  }
};

namespace {

// libpng leaves a call that fails by a long jump back here: no object may live between, so each call has its function.

/// libpng's own words would go to the terminal; the file's name is told here.
[[noreturn]] void leave(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void ignore(png_structp, png_const_charp) {}

bool begin(png_structp png, png_infop info, std::FILE* file, png_uint_32 ny, png_uint_32 nx, int bits) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_init_io(png, file);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(png, info, nx, ny, bits, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  return true;
}

bool write_row(png_structp png, png_const_bytep bytes) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_write_row(png, bytes);
  return true;
}

bool end(png_structp png, png_infop info) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_write_end(png, info);
  return true;
}

}  // namespace

PngWriter::PngWriter(const std::string& path, Index ny, Index nx, int bits)
    : file_(path), path_(path), bits_(bits), handle_(std::make_unique<Handle>()) {
  require_free_space(path_, ny * nx * bits / 8);
  handle_->file = std::fopen(file_.temporary().c_str(), "wb");
  require(handle_->file != nullptr);
  handle_->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, leave, ignore);
  require(handle_->png != nullptr);
  handle_->info = png_create_info_struct(handle_->png);
  require(handle_->info != nullptr);
  require(begin(handle_->png, handle_->info, handle_->file, static_cast<png_uint_32>(ny), static_cast<png_uint_32>(nx),
                bits));
}

PngWriter::~PngWriter() = default;

void PngWriter::append(std::span<const std::uint16_t> levels) {
  std::vector<png_byte> bytes;  // PNG's are big-endian
  for (const std::uint16_t level : levels) {
    if (bits_ == 16) bytes.push_back(static_cast<png_byte>(level >> 8));
    bytes.push_back(static_cast<png_byte>(level & 0xFF));
  }
  require(write_row(handle_->png, bytes.data()));
}

void PngWriter::publish(Existing existing) {
  require(end(handle_->png, handle_->info));
  const bool closed = std::fclose(handle_->file) == 0;
  handle_->file = nullptr;
  require(closed);
  file_.publish(existing);
}

void PngWriter::require(bool worked) const {
  if (!worked)
    throw SystemError(ExitCode::cannot_write,
                      fmt::format("{}: cannot be written; free some space or choose another folder", path_));
}

}  // namespace tessera
