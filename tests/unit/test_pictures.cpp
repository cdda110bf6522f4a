// ranks: 1
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "io/colour.hpp"
#include "io/pictures.hpp"
#include "src/base/error.hpp"
#include "src/workflow/reconstruct/run_pictures.hpp"

namespace {

using namespace tessera;

/// A folder of its own that goes away with the test; kept when TESSERA_KEEP_PICTURES is set, to look at it.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("tessera_pictures_" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() {
    if (std::getenv("TESSERA_KEEP_PICTURES") == nullptr) std::filesystem::remove_all(path);
  }
  std::string file(const std::string& name) const { return (path / name).string(); }
};

/// Width and height from a PNG's header.
std::pair<int, int> png_size(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  unsigned char head[24] = {};
  file.read(reinterpret_cast<char*>(head), sizeof head);
  BOOST_TEST(std::string(head + 1, head + 4) == "PNG");
  const auto number = [&](int at) { return head[at] << 24 | head[at + 1] << 16 | head[at + 2] << 8 | head[at + 3]; };
  return {number(16), number(20)};
}

/// Atoms (Gaussians) on a lattice, brighter to the right.
PictureImage atoms(Index ny, Index nx, double phase_rad) {
  PictureImage image{ny, nx, {}};
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) {
      const double dy = std::remainder(static_cast<double>(y) - 8, 16.0);
      const double dx = std::remainder(static_cast<double>(x) - 8, 16.0);
      image.values.push_back(phase_rad * (0.5 + static_cast<double>(x) / static_cast<double>(nx)) *
                             std::exp(-(dy * dy + dx * dx) / 12));
    }
  return image;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pictures_are_png_in_true_aspect) {
  const Folder folder;
  write_phase_picture(folder.file("phase.png"), atoms(64, 96, 0.4), 0.2, 0.2, "phase, sum over slices");
  const auto [width, height] = png_size(folder.file("phase.png"));
  BOOST_TEST(width >= 512);
  BOOST_TEST(height >= 340);
  write_phase_picture(folder.file("tall.png"), atoms(64, 64, 0.4), 0.4, 0.2, "pixels twice as tall as wide");
  const auto [tall_width, tall_height] = png_size(folder.file("tall.png"));
  BOOST_TEST(tall_height > tall_width);
  for (const auto& file : std::filesystem::directory_iterator(folder.path))
    BOOST_TEST(file.path().extension() == ".png", file.path());
}

BOOST_AUTO_TEST_CASE(montage_probe_and_curves) {
  const Folder folder;
  write_montage(folder.file("slices.png"), {atoms(64, 64, 0.1), atoms(64, 64, 0.2), atoms(64, 64, 0.3)},
                {"slice 0", "slice 1", "slice 2"}, 0.1, 0.1);
  std::vector<std::vector<std::complex<double>>> modes(2);
  for (int y = -32; y < 32; ++y)
    for (int x = -32; x < 32; ++x) {
      const double r2 = y * y + x * x;
      modes[0].push_back(std::polar(std::exp(-r2 / 150), r2 / 60));
      modes[1].push_back(std::polar(std::exp(-r2 / 150), r2 / 60) * (x / 10.0));
    }
  write_probe_picture(folder.file("probe.png"), modes, 64, 64, 0.2, 0.2, {9.3, 0.7});
  std::vector<double> loss(40);
  for (std::size_t i = 0; i < loss.size(); ++i) loss[i] = 3e4 * std::exp(-0.15 * static_cast<double>(i)) + 50;
  write_curve_picture(folder.file("loss.png"), {{"loss", {{"", loss}}}}, "iteration");
  write_curve_picture(folder.file("signed.png"), {{"signed", {{"", {-1, 0.5, 2, std::nan(""), 1}}}}}, "iteration");
  std::vector<double> held_out = loss;
  for (std::size_t i = 0; i < loss.size(); ++i) held_out[i] += 40 + std::pow(static_cast<double>(i) - 20, 2);
  write_curve_picture(folder.file("two.png"), {{"loss per pixel", {{"fitted", loss}, {"held out", held_out}}}},
                      "iteration", 20);
  write_curve_picture(folder.file("rings.png"),
                      {{.y_label = "correlation", .curves = {{"", {1, 0.9, 0.05}}}, .linear = true}}, "1/angstrom", 0.3,
                      0.2);
  const CurvePanel rises{"positions [angstrom]", {{"", {0, 0, 0.1, 0.3, 0.35, 0.36}}}};
  write_curve_picture(folder.file("panels.png"), {rises, rises, rises}, "iteration", 4);
  const auto [width, height] = png_size(folder.file("panels.png"));  // two columns, two rows
  BOOST_TEST(width == 1200);
  BOOST_TEST(height == 640);
  for (const char* name : {"slices.png", "probe.png", "loss.png", "signed.png", "two.png"})
    BOOST_TEST(png_size(folder.file(name)).first > 300, name);
}

/// Arrows that leave the image, or have no length, do no harm.
BOOST_AUTO_TEST_CASE(arrows_and_maps) {
  const Folder folder;
  std::vector<Arrow> arrows{{-50, -50, 200, 200}, {3, 3, 3, 3}};
  for (int y = 4; y < 64; y += 8)
    for (int x = 4; x < 64; x += 8) arrows.push_back({y + 0.0, x + 0.0, y + 3.0, x - 2.0});
  write_arrow_picture(folder.file("moves.png"), atoms(64, 64, 0.1), 0.2, 0.2, "positions moved", arrows);
  write_map_picture(folder.file("map.png"), atoms(1, 32, 0.1), "background", "electron");
  for (const char* name : {"moves.png", "map.png"}) BOOST_TEST(png_size(folder.file(name)).first > 300, name);
}

BOOST_AUTO_TEST_CASE(odd_values_still_make_a_picture) {
  const Folder folder;
  PictureImage image{1, 700, std::vector<double>(700, std::numeric_limits<double>::quiet_NaN())};
  write_phase_picture(folder.file("nothing.png"), image, 1, 1, "only NaN");
  image.values.assign(700, 0.25);
  write_phase_picture(folder.file("constant.png"), image, 1, 1, "constant");
  write_curve_picture(folder.file("empty.png"), {{"loss", {}}}, "iteration");
  write_curve_picture(folder.file("one.png"), {{"loss", {{"", {3}}}}}, "iteration");
  BOOST_TEST(png_size(folder.file("one.png")).first > 300);
}

BOOST_AUTO_TEST_CASE(a_shrunk_image_holds_the_means_of_blocks_where_they_lie) {
  Image image{{{1.0, 2.0}, 5, 4, 0.5, 0.25}, {}};
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 4; ++x) image.values.push_back(10 * y + x);
  const Image small = shrunk(image, 3);  // blocks of 2 x 2, the last row 1 x 2
  BOOST_TEST(small.values == (std::vector<double>{5.5, 7.5, 25.5, 27.5, 40.5, 42.5}), boost::test_tools::per_element());
  BOOST_TEST(small.frame.ny == 3);
  BOOST_TEST(small.frame.nx == 2);
  BOOST_TEST(small.frame.dy_A == 1.0);
  BOOST_TEST(small.frame.origin_A.y == 1.25);
  BOOST_TEST(small.frame.origin_A.x == 2.125);
  BOOST_TEST(shrunk(image, 5).values == image.values, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_told) {
  BOOST_CHECK_EXCEPTION(write_curve_picture("/nonexistent/loss.png", {{"y", {{"", {1, 2}}}}}, "x"), SystemError,
                        [](const SystemError& error) { return error.code() == ExitCode::cannot_create; });
}

BOOST_AUTO_TEST_CASE(round_numbers) {
  BOOST_TEST(round_down(7.3) == 5);
  BOOST_TEST(round_down(0.1) == 0.1, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(round_down(49) == 20);
  BOOST_TEST(round_ticks(0, 1, 5).size() == 6);
  BOOST_TEST(tick_label(-0.0) == "0");
}
