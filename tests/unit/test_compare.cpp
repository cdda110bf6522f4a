#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "src/analysis/compare_metrics.hpp"
#include "src/analysis/registration.hpp"
#include "src/base/constants.hpp"
#include "src/base/error.hpp"

using namespace tessera;

namespace {

constexpr ObjectFrame frame{{-2.0, 3.0}, 48, 60, 0.2, 0.25};

/// Smooth blobs with a period of the frame, moved by `shift` [A].
Image blobs(const ObjectFrame& on, const PointYX& shift) {
  Image image{on, {}};
  const double ly = static_cast<double>(frame.ny) * frame.dy_A, lx = static_cast<double>(frame.nx) * frame.dx_A;
  for (Index y = 0; y < on.ny; ++y) {
    for (Index x = 0; x < on.nx; ++x) {
      const double v = 2 * pi * (on.origin_A.y + static_cast<double>(y) * on.dy_A - shift.y) / ly;
      const double u = 2 * pi * (on.origin_A.x + static_cast<double>(x) * on.dx_A - shift.x) / lx;
      image.values.push_back(std::cos(3 * v) + 0.7 * std::sin(5 * u + v) + 0.4 * std::cos(6 * u - 4 * v + 0.3));
    }
  }
  return image;
}

RowSource rows_of(const Image& image) {
  return [&image](Index y, std::span<double> row) {
    std::copy_n(image.values.begin() + y * image.frame.nx, row.size(), row.begin());
  };
}

Image low_pass_whole(const Image& image, double cutoff_invA) {
  return low_pass(image.frame, rows_of(image), cutoff_invA, image.frame.box());
}

Image noise(unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Image image{frame, std::vector<double>(static_cast<std::size_t>(frame.ny * frame.nx))};
  for (double& value : image.values) value = normal(generator);
  return image;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_plane_is_removed_and_nothing_else) {
  Image image = blobs(frame, {});
  remove_plane(image);
  Image tilted = image;
  for (Index y = 0, i = 0; y < frame.ny; ++y) {
    for (Index x = 0; x < frame.nx; ++x, ++i) {
      tilted.values[static_cast<std::size_t>(i)] += 5 + 0.1 * static_cast<double>(y) - 0.3 * static_cast<double>(x);
    }
  }
  remove_plane(tilted);
  BOOST_TEST(normalised_error(tilted, image) < 1e-12);
}

BOOST_AUTO_TEST_CASE(correlation_and_error_of_scaled_images) {
  const Image image = blobs(frame, {});
  Image other = image;
  for (double& value : other.values) value = 1.5 * value + 2;
  BOOST_TEST(correlation(image, other) == 1.0, boost::test_tools::tolerance(1e-12));
  for (double& value : other.values) value = (value - 2) * -1;
  BOOST_TEST(correlation(image, other) == -1.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(normalised_error(image, image) == 0.0);
}

BOOST_AUTO_TEST_CASE(low_pass_keeps_what_is_below_and_drops_what_is_above) {
  const Image image = blobs(frame, {});  // frequencies up to 0.58 / A
  BOOST_TEST(normalised_error(low_pass_whole(image, 0.6), image) < 1e-12);
  const Image low = low_pass_whole(image, 0.2);  // only the mean, which is zero
  for (const double value : low.values) BOOST_TEST(std::abs(value) < 1e-12);
}

BOOST_AUTO_TEST_CASE(crop_moves_the_origin) {
  const Box box{4, 8, 14, 28};
  const Image part = crop(blobs(frame, {}), box);
  BOOST_TEST(normalised_error(part, blobs(crop(frame, box), {})) < 1e-12);
  BOOST_TEST(part.frame.origin_A.y == -1.2, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(the_scanned_box_leaves_out_an_edge) {
  const Box box = scanned_box({{0, 5}, {4, 12}}, frame, 1.0);  // y 1..3 of pixels -2 + 0.2 i, x 6..11 of 3 + 0.25 i
  BOOST_TEST((box == Box{15, 12, 26, 33}));
  BOOST_CHECK_THROW(scanned_box({{0, 5}, {2, 12}}, frame, 1.0), InputError);
}

BOOST_AUTO_TEST_CASE(a_sub_pixel_shift_is_found_on_another_grid) {
  const Image moving = blobs(frame, {});
  const ObjectFrame inner{{-0.07, 5.11}, 30, 30, 0.17, 0.21};
  const PointYX shift{0.437, -0.613};
  const Image fixed = blobs(inner, shift);
  const PointYX found = find_shift(fixed, moving, 1.0);
  BOOST_TEST(std::abs(found.y - shift.y) < 1e-3);
  BOOST_TEST(std::abs(found.x - shift.x) < 1e-3);
  BOOST_TEST(normalised_error(resample(moving, inner, found), fixed) < 0.02);
}

/// What lies beyond an image, however far, is its edge.
BOOST_AUTO_TEST_CASE(places_beyond_all_numbers_of_pixels_take_the_edge) {
  const Image image = blobs(frame, {});
  const auto last = static_cast<std::size_t>(frame.ny * frame.nx - 1);
  for (const double far_A : {1e3, 1e30, 1e300}) {
    const Image beyond = resample(image, {{far_A, far_A}, 2, 3, frame.dy_A, frame.dx_A}, {0, 0});
    for (const double value : beyond.values)
      BOOST_TEST(value == image.values[last], boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_CASE(ring_correlation_of_equal_and_of_unrelated_images) {
  const Image a = noise(1), b = noise(2);
  BOOST_TEST(frc_half_bit_A(a, a, 1.5) == 1 / 1.5, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(frc_half_bit_A(a, b, 1.5) > 2.0);
}

BOOST_AUTO_TEST_CASE(ring_correlation_finds_where_noise_takes_over) {
  Image a = low_pass_whole(noise(1), 1.0), b = a;
  const Image noise_a = noise(3), noise_b = noise(4);
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    a.values[i] += 0.1 * noise_a.values[i];
    b.values[i] += 0.1 * noise_b.values[i];
  }
  BOOST_TEST(frc_half_bit_A(a, b, 2.0) > 0.75);  // the taper carries the signal a little beyond its cut-off
  BOOST_TEST(frc_half_bit_A(a, b, 2.0) < 1.1);
}

BOOST_AUTO_TEST_CASE(positions_are_compared_up_to_a_common_shift) {
  const std::vector<PointYX> a{{0, 0}, {1, 0}, {0, 1}, {1, 1}};
  std::vector<PointYX> b = a;
  for (PointYX& p : b) p = {p.y + 3, p.x - 2};
  BOOST_TEST(position_rms_A(a, b) < 1e-12);
  b[0].y += 0.4;  // residuals 0.3 and three times 0.1: sqrt((0.09 + 0.03)/4)
  BOOST_TEST(position_rms_A(a, b) == std::sqrt(0.03), boost::test_tools::tolerance(1e-12));
}
