#pragma once

#include <cairo.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tessera {

struct Rgb {
  double r = 0;
  double g = 0;
  double b = 0;
};

enum class Align { left, centre, right };

/// A white picture with a pen; frees its cairo handles. Lengths in pixels, y down.
class Canvas {
 public:
  Canvas(int width, int height);

  cairo_t* pen() const { return pen_.get(); }
  /// Text whose vertical middle is at y.
  void text(double x, double y, const std::string& words, Align align = Align::left, double size = 15) const;
  /// The same, read from bottom to top, centred on (x, y).
  void text_upwards(double x, double y, const std::string& words, double size = 15) const;
  void line(double x0, double y0, double x1, double y1, double width = 1) const;
  void fill_rectangle(double x, double y, double width, double height, const Rgb& colour) const;
  void frame(double x, double y, double width, double height) const;
  /// Draws an image (0x00RRGGBB, row after row, ny x nx) stretched to the rectangle: enlarged pixels keep their edges.
  void image(const std::vector<std::uint32_t>& pixels, int ny, int nx, double x, double y, double width,
             double height) const;
  /// The picture as the bytes of a PNG file.
  std::string encoded() const;
  /// Writes the PNG under a temporary name and renames it.
  void save(const std::string& path) const;

 private:
  void choose_font(double size) const;

  std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface_;
  std::unique_ptr<cairo_t, void (*)(cairo_t*)> pen_;
};

std::uint32_t packed(const Rgb& colour);

}  // namespace tessera
