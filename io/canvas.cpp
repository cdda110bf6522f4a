#include "io/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "io/text_file.hpp"
#include "src/base/constants.hpp"
#include "src/base/error.hpp"

namespace tessera {

Canvas::Canvas(int width, int height)
    : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height), cairo_surface_destroy),
      pen_(cairo_create(surface_.get()), cairo_destroy) {
  fill_rectangle(0, 0, width, height, {1, 1, 1});
}

void Canvas::choose_font(double size) const {
  cairo_select_font_face(pen(), "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(pen(), size);
  cairo_set_source_rgb(pen(), 0, 0, 0);
}

void Canvas::text(double x, double y, const std::string& words, Align align, double size) const {
  choose_font(size);
  cairo_text_extents_t extents;
  cairo_text_extents(pen(), words.c_str(), &extents);
  const double before = align == Align::left ? 0 : align == Align::centre ? 0.5 : 1;
  cairo_move_to(pen(), x - before * extents.x_advance, y + 0.36 * size);  // digits are 0.72 of the size tall
  cairo_show_text(pen(), words.c_str());
}

void Canvas::text_upwards(double x, double y, const std::string& words, double size) const {
  cairo_save(pen());
  cairo_translate(pen(), x, y);
  cairo_rotate(pen(), -pi / 2);
  text(0, 0, words, Align::centre, size);
  cairo_restore(pen());
}

void Canvas::line(double x0, double y0, double x1, double y1, double width) const {
  cairo_set_source_rgb(pen(), 0, 0, 0);
  cairo_set_line_width(pen(), width);
  cairo_move_to(pen(), x0, y0);
  cairo_line_to(pen(), x1, y1);
  cairo_stroke(pen());
}

void Canvas::fill_rectangle(double x, double y, double width, double height, const Rgb& colour) const {
  cairo_set_source_rgb(pen(), colour.r, colour.g, colour.b);
  cairo_rectangle(pen(), x, y, width, height);
  cairo_fill(pen());
}

void Canvas::frame(double x, double y, double width, double height) const {
  cairo_set_source_rgb(pen(), 0, 0, 0);
  cairo_set_line_width(pen(), 1);
  cairo_rectangle(pen(), x - 0.5, y - 0.5, width + 1, height + 1);
  cairo_stroke(pen());
}

void Canvas::image(const std::vector<std::uint32_t>& pixels, int ny, int nx, double x, double y, double width,
                   double height) const {
  const std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> source(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, nx, ny), cairo_surface_destroy);
  unsigned char* const bytes = cairo_image_surface_get_data(source.get());
  if (bytes == nullptr)
    throw SystemError(ExitCode::internal, fmt::format("cairo: no image of {} x {} pixels (y, x)", ny, nx));
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(source.get()));
  const auto row_pixels = static_cast<std::size_t>(nx);
  for (std::size_t row = 0; row < static_cast<std::size_t>(ny); ++row)
    std::memcpy(bytes + row * stride, pixels.data() + row * row_pixels, row_pixels * sizeof(std::uint32_t));
  cairo_surface_mark_dirty(source.get());
  const bool enlarged = width >= nx && height >= ny;
  cairo_save(pen());
  cairo_rectangle(pen(), x, y, width, height);
  cairo_clip(pen());
  cairo_translate(pen(), x, y);
  cairo_scale(pen(), width / nx, height / ny);
  cairo_set_source_surface(pen(), source.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(pen()), enlarged ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend(cairo_get_source(pen()), CAIRO_EXTEND_PAD);
  cairo_paint(pen());
  cairo_restore(pen());
}

std::string Canvas::encoded() const {
  std::string bytes;
  const auto append = [](void* target, const unsigned char* data, unsigned int length) {
    try {
      static_cast<std::string*>(target)->append(data, data + length);
      return CAIRO_STATUS_SUCCESS;
    } catch (const std::bad_alloc&) {  // which libpng must not see
      return CAIRO_STATUS_NO_MEMORY;
    }
  };
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface_.get(), append, &bytes);
  if (status != CAIRO_STATUS_SUCCESS)
    throw SystemError(ExitCode::unclassified,
                      fmt::format("a picture cannot be made: cairo says: {}", cairo_status_to_string(status)));
  return bytes;
}

void Canvas::save(const std::string& path) const {
  NewFile picture(path);
  const cairo_status_t status = cairo_surface_write_to_png(surface_.get(), picture.temporary().c_str());
  if (status != CAIRO_STATUS_SUCCESS)
    throw SystemError(ExitCode::cannot_write,
                      fmt::format("{}: cannot be written: cairo says: {}", path, cairo_status_to_string(status)));
  picture.publish();
}

std::uint32_t packed(const Rgb& colour) {
  const auto byte = [](double value) {
    return static_cast<std::uint32_t>(std::lround(255 * std::clamp(value, 0.0, 1.0)));
  };
  return byte(colour.r) << 16 | byte(colour.g) << 8 | byte(colour.b);
}

}  // namespace tessera
