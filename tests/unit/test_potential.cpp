#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "src/base/constants.hpp"
#include "src/base/elements.hpp"
#include "src/base/error.hpp"
#include "src/geometry/atoms.hpp"
#include "src/model/detector_response.hpp"
#include "src/model/potential.hpp"
#include "src/model/scattering.hpp"

using namespace tessera;

namespace {

const ObjectFrame frame{{-3.0, 1.0}, 200, 160, 0.1, 0.12};

std::vector<double> project(const std::vector<Atom>& atoms, const Box& box) {
  PotentialProjector projector(frame, 6.0);
  std::vector<double> slice_VA(static_cast<std::size_t>(box.count()));
  for (const Atom& atom : atoms) projector.add(atom, box, slice_VA);
  return slice_VA;
}

}  // namespace

BOOST_AUTO_TEST_CASE(symbols_and_numbers) {
  BOOST_TEST(atomic_number("H") == 1);
  BOOST_TEST(atomic_number("Mo") == 42);
  BOOST_TEST(atomic_number("Lr") == 103);
  BOOST_TEST(atomic_number("Xx") == 0);
  BOOST_TEST(element_symbol(16) == "S");
}

BOOST_AUTO_TEST_CASE(scattering_factors_match_their_closed_form) {
  // Hydrogen's 1s charge gives f_e(0) = a_0; at large k, f_e tends to Z / (2 pi^2 a_0 k^2) (Mott-Bethe).
  BOOST_TEST(scattering_factor_A(1, 0) == 0.529177, boost::test_tools::tolerance(1e-5));
  for (const int Z : {1, 6, 16, 42, 79}) {
    const double k2 = 20.0 * 20.0;
    BOOST_TEST(scattering_factor_A(Z, k2) == Z / (2 * pi * pi * 0.529177 * k2), boost::test_tools::tolerance(0.03));
  }
}

BOOST_AUTO_TEST_CASE(the_mean_potential_is_the_forward_scattering) {
  const std::vector<Atom> atoms{{42, 7.03, 10.31, 0}, {16, 6.2, 9.77, 0}};
  const auto slice_VA = project(atoms, frame.box());
  const double sum_VA3 = std::accumulate(slice_VA.begin(), slice_VA.end(), 0.0) * frame.dy_A * frame.dx_A;
  const double expected =
      constants::scattering_to_potential_VA2 * (scattering_factor_A(42, 0) + scattering_factor_A(16, 0));
  BOOST_TEST(sum_VA3 == expected, boost::test_tools::tolerance(1e-10));
}

BOOST_AUTO_TEST_CASE(a_whole_pixel_shift_moves_the_potential) {
  const auto slice_VA = project({{8, 7.0, 10.0, 0}}, frame.box());
  const auto moved_VA = project({{8, 7.2, 10.36, 0}}, frame.box());  // 2 pixels down, 3 to the right
  for (Index y = 50; y < 150; ++y) {
    for (Index x = 40; x < 120; ++x) {
      const double a = slice_VA[static_cast<std::size_t>(y * 160 + x)];
      BOOST_REQUIRE_SMALL(moved_VA[static_cast<std::size_t>((y + 2) * 160 + x + 3)] - a, 1e-9);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pixel_does_not_depend_on_the_box) {
  const std::vector<Atom> atoms{{42, 7.03, 10.31, 0}, {16, 6.2, 9.77, 0}, {8, 12.0, 18.0, 0}};
  const auto all = project(atoms, frame.box());
  const Box box{90, 60, 140, 131};
  const auto part = project(atoms, box);
  for (Index y = box.y0, i = 0; y < box.y1; ++y) {
    for (Index x = box.x0; x < box.x1; ++x, ++i) {
      BOOST_REQUIRE_EQUAL(part[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(y * frame.nx + x)]);
    }
  }
}

BOOST_AUTO_TEST_CASE(slices_and_lengths) {
  BOOST_TEST(slice_of(4.0, 0.71, 20) == 5);
  BOOST_TEST(slice_of(-0.1, 0.71, 20) == 0);
  BOOST_TEST(slice_of(14.2, 0.71, 20) == 19);
  BOOST_TEST(fast_even_length(149) == 150);
  BOOST_TEST(fast_even_length(97) == 100);
}

BOOST_AUTO_TEST_CASE(periodic_images_fill_a_region) {
  const Cell cell{10, 20, 5, true, false};
  std::vector<Atom> images;
  append_images({42, 1, 2, 3}, cell, {-10, 0, 25, 10}, images);
  BOOST_REQUIRE(images.size() == 4u);  // y = -9, 1, 11, 21
  BOOST_TEST(images[0].y_A == -9.0);
  BOOST_TEST(images[3].y_A == 21.0);
  images.clear();
  append_images({42, 1, 12, 3}, cell, {-10, 0, 25, 10}, images);
  BOOST_TEST(images.empty());
}

BOOST_AUTO_TEST_CASE(a_flat_pattern_keeps_its_total_on_the_detector) {
  DetectorSampling sampling{{12, 18, 0.1, 0.1}, 6, 6, 2, 3, false};
  const std::vector<double> fine(12 * 18, 1.0);
  std::vector<double> pixels(36);
  detect<double>(sampling, fine, pixels);
  for (const double value : pixels) BOOST_TEST(value == 6.0);
  sampling.integrate = true;
  detect<double>(sampling, fine, pixels);
  for (std::size_t i = 0; i < 36; ++i) {  // of the first pixels, one bin lies beyond the window's edge
    const double ry = i < 6 ? 1.5 : 2.0, rx = i % 6 == 0 ? 2.0 : 3.0;
    BOOST_TEST(pixels[i] == ry * rx);
  }
}

BOOST_AUTO_TEST_CASE(the_zero_frequency_lands_in_the_middle) {
  const DetectorSampling sampling{{8, 8, 0.1, 0.1}, 4, 4, 2, 2, false};
  std::vector<double> fine(64);
  fine[0] = 1;          // zero frequency
  fine[7 * 8 + 2] = 3;  // y: bin -1, between pixels; x: bin 2
  fine[6 * 8 + 2] = 5;  // y: bin -2 is pixel 1, x: bin 2 is pixel 3
  std::vector<double> pixels(16);
  detect<double>(sampling, fine, pixels);
  BOOST_TEST(pixels[2 * 4 + 2] == 4.0);
  BOOST_TEST(pixels[1 * 4 + 3] == 20.0);
  BOOST_TEST(std::accumulate(pixels.begin(), pixels.end(), 0.0) == 24.0);
}

BOOST_AUTO_TEST_CASE(the_window_is_a_whole_number_of_detector_windows) {
  BOOST_TEST(bins_per_pixel(38.4, 1 / 19.2, "y") == 2);
  BOOST_TEST(bins_per_pixel(38.4, 2.1749e-3 / 0.04175716, "y") == 2);
  BOOST_CHECK_THROW(bins_per_pixel(30.0, 1 / 19.2, "y"), InputError);
  BOOST_CHECK_THROW(check_detector_reach({{100, 100, 0.1, 0.1}, 96, 96, 2, 2, false}), InputError);
}
