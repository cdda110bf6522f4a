#include "io/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "io/colour.hpp"
#include "io/panels.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

constexpr double low_percentile = 0.1;
constexpr double high_percentile = 99.9;
constexpr double colour_bar_margin = 100;

Rgb grey(double t) {
  const double light = 0.15 + 0.7 * std::clamp(t, 0.0, 1.0);
  return {light, light, light};
}

void draw_image(const Canvas& canvas, const Panels& panels, Index place, const PictureImage& image, double low,
                double high, Rgb (*colour)(double) = magma) {
  TESSERA_ASSERT(static_cast<Index>(image.values.size()) == image.ny * image.nx, image.values.size(), image.ny,
                 image.nx);
  std::vector<std::uint32_t> pixels(image.values.size());
  std::transform(image.values.begin(), image.values.end(), pixels.begin(),
                 [&](double value) { return packed(colour((value - low) / (high - low))); });
  canvas.image(pixels, static_cast<int>(image.ny), static_cast<int>(image.nx), panels.x(place), panels.y(place),
               panels.width(), panels.height());
  canvas.frame(panels.x(place), panels.y(place), panels.width(), panels.height());
}

std::pair<double, double> common_limits(std::span<const PictureImage> images) {
  std::vector<const std::vector<double>*> values;
  values.reserve(images.size());
  for (const auto& image : images) values.push_back(&image.values);
  return percentile_limits(values, low_percentile, high_percentile);
}

/// Phase images in panels between `limits`, each under its title.
Canvas draw_phases(std::span<const PictureImage> images, std::span<const std::string> titles, const Panels& panels,
                   const std::pair<double, double>& limits) {
  const auto [low, high] = limits;
  Canvas canvas(panels.picture_width(), panels.picture_height());
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto place = static_cast<Index>(i);
    draw_image(canvas, panels, place, images[i], low, high);
    if (i < titles.size()) canvas.text(panels.x(place), panels.y(place) - 16, titles[i]);
  }
  draw_colour_bar(canvas, panels.right(), panels.y(0), panels.height(), low, high, "rad");
  panels.draw_scale_bar(canvas);
  return canvas;
}

/// A line with a head that is never longer than the line.
void draw_arrow(const Canvas& canvas, double x0, double y0, double x1, double y1) {
  constexpr double head_angle = 0.45;
  const double length = std::hypot(x1 - x0, y1 - y0), angle = std::atan2(y1 - y0, x1 - x0);
  const double head = std::min(7.0, 0.6 * length);
  cairo_t* const pen = canvas.pen();
  cairo_move_to(pen, x0, y0);
  cairo_line_to(pen, x1, y1);
  for (const double side : {-head_angle, head_angle}) {
    cairo_move_to(pen, x1, y1);
    cairo_line_to(pen, x1 - head * std::cos(angle + side), y1 - head * std::sin(angle + side));
  }
  cairo_stroke(pen);
}

/// The hues and what they mean: a disc of radius `radius` around (x, y).
void draw_wheel(const Canvas& canvas, double x, double y, double radius) {
  const int side = static_cast<int>(2 * radius);
  std::vector<std::uint32_t> pixels;
  for (int row = 0; row < side; ++row)
    for (int column = 0; column < side; ++column) {
      const std::complex<double> value((column + 0.5) / radius - 1, 1 - (row + 0.5) / radius);
      pixels.push_back(packed(std::abs(value) <= 1 ? phase_wheel(value) : Rgb{1, 1, 1}));
    }
  canvas.image(pixels, side, side, x - radius, y - radius, side, side);
  canvas.text(x + radius + 5, y, "0", Align::left, 13);
  canvas.text(x - radius - 5, y, "\u03c0", Align::right, 13);
  canvas.text(x, y - radius - 10, "\u03c0/2", Align::centre, 13);
}

}  // namespace

void write_phase_picture(const std::string& path, const PictureImage& image, double dy_A, double dx_A,
                         const std::string& title) {
  const std::span<const PictureImage> alone(&image, 1);
  draw_phases(alone, {&title, 1}, Panels(1, image.ny, image.nx, dy_A, dx_A, 512, 2048, colour_bar_margin),
              common_limits(alone))
      .save(path);
}

std::vector<std::string> encoded_phase_pictures(const std::vector<PictureImage>& images,
                                                const std::vector<std::string>& titles, double dy_A, double dx_A) {
  TESSERA_ASSERT(images.size() == titles.size(), images.size(), titles.size());
  const std::pair<double, double> limits = common_limits(images);
  std::vector<std::string> pictures;
  pictures.reserve(images.size());
  for (std::size_t i = 0; i < images.size(); ++i)
    pictures.push_back(draw_phases({&images[i], 1}, {&titles[i], 1},
                                   Panels(1, images[i].ny, images[i].nx, dy_A, dx_A, 384, 512, colour_bar_margin),
                                   limits)
                           .encoded());
  return pictures;
}

void write_arrow_picture(const std::string& path, const PictureImage& image, double dy_A, double dx_A,
                         const std::string& title, const std::vector<Arrow>& arrows) {
  const bool has_length = dy_A > 0;
  const Panels panels(1, image.ny, image.nx, has_length ? dy_A : 1, has_length ? dx_A : 1, 512, 2048, 20);
  const std::vector<double>* const all = &image.values;
  const auto [low, high] = percentile_limits(std::span(&all, 1), low_percentile, high_percentile);
  const Canvas canvas(panels.picture_width(), panels.picture_height());
  draw_image(canvas, panels, 0, image, low, high, grey);
  canvas.text(panels.x(0), panels.y(0) - 16, title);
  if (has_length) panels.draw_scale_bar(canvas);
  const double scale_x = panels.width() / static_cast<double>(image.nx);
  const double scale_y = panels.height() / static_cast<double>(image.ny);
  cairo_rectangle(canvas.pen(), panels.x(0), panels.y(0), panels.width(), panels.height());
  cairo_clip(canvas.pen());
  cairo_set_source_rgb(canvas.pen(), 0.85, 0.1, 0.05);
  cairo_set_line_width(canvas.pen(), 1.5);
  const auto x_of = [&](double x) { return panels.x(0) + (x + 0.5) * scale_x; };
  const auto y_of = [&](double y) { return panels.y(0) + (y + 0.5) * scale_y; };
  for (const Arrow& arrow : arrows)
    draw_arrow(canvas, x_of(arrow.from_x), y_of(arrow.from_y), x_of(arrow.to_x), y_of(arrow.to_y));
  canvas.save(path);
}

void write_map_picture(const std::string& path, const PictureImage& image, const std::string& title,
                       const std::string& unit) {
  const Panels panels(1, image.ny, image.nx, 1, 1, 384, 1024, colour_bar_margin);
  const std::vector<double>* const all = &image.values;
  const auto [low, high] = percentile_limits(std::span(&all, 1), low_percentile, high_percentile);
  const Canvas canvas(panels.picture_width(), panels.picture_height());
  draw_image(canvas, panels, 0, image, low, high);
  canvas.text(panels.x(0), panels.y(0) - 16, title);
  draw_colour_bar(canvas, panels.right(), panels.y(0), panels.height(), low, high, unit);
  canvas.save(path);
}

void write_montage(const std::string& path, const std::vector<PictureImage>& images,
                   const std::vector<std::string>& titles, double dy_A, double dx_A) {
  TESSERA_ASSERT(!images.empty(), path);
  for (const auto& image : images)
    TESSERA_ASSERT(image.ny == images[0].ny && image.nx == images[0].nx, image.ny, image.nx);
  const Panels panels(static_cast<Index>(images.size()), images[0].ny, images[0].nx, dy_A, dx_A, 256, 512,
                      colour_bar_margin);
  draw_phases(images, titles, panels, common_limits(images)).save(path);
}

void write_probe_picture(const std::string& path, const std::vector<std::vector<std::complex<double>>>& modes, Index ny,
                         Index nx, double dy_A, double dx_A, const std::vector<double>& powers) {
  TESSERA_ASSERT(!modes.empty() && powers.size() == modes.size(), modes.size(), powers.size());
  constexpr double wheel_radius = 36;
  const Panels panels(static_cast<Index>(modes.size()), ny, nx, dy_A, dx_A, modes.size() == 1 ? 512 : 320, 640,
                      3.6 * wheel_radius);
  const Canvas canvas(panels.picture_width(), panels.picture_height());
  const double total = std::accumulate(powers.begin(), powers.end(), 0.0);
  for (std::size_t i = 0; i < modes.size(); ++i) {
    TESSERA_ASSERT(static_cast<Index>(modes[i].size()) == ny * nx, i, modes[i].size(), ny, nx);
    double largest = 0;
    for (const auto& value : modes[i]) largest = std::max(largest, std::abs(value));
    std::vector<std::uint32_t> pixels(modes[i].size());
    std::transform(modes[i].begin(), modes[i].end(), pixels.begin(), [&](const std::complex<double>& value) {
      return packed(phase_wheel(largest > 0 ? value / largest : value));
    });
    const auto place = static_cast<Index>(i);
    canvas.image(pixels, static_cast<int>(ny), static_cast<int>(nx), panels.x(place), panels.y(place), panels.width(),
                 panels.height());
    canvas.frame(panels.x(place), panels.y(place), panels.width(), panels.height());
    canvas.text(panels.x(place), panels.y(place) - 16,
                fmt::format("mode {}: {:.3g} %", i, total > 0 ? 100 * powers[i] / total : 0.0));
  }
  draw_wheel(canvas, panels.right() + 1.5 * wheel_radius, panels.y(0) + 2 * wheel_radius, wheel_radius);
  panels.draw_scale_bar(canvas);
  canvas.save(path);
}

}  // namespace tessera
