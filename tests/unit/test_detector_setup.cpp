// Crop, sums and point spread against plain loops over frequencies, and waves on finer pixels.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "kernels/fft.hpp"
#include "src/model/detector.hpp"
#include "src/model/probe.hpp"
#include "src/workflow/input/bin_patterns.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

struct Case {
  Index window_ny, window_nx, ny, nx, bin;
  double psf_px;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.window_ny << " x " << c.window_nx << " to " << c.ny << " x " << c.nx << " by " << c.bin;
}
const std::vector<Case> cases{{12, 18, 8, 12, 1, 0},   {12, 16, 7, 11, 1, 0.8}, {12, 16, 12, 16, 2, 0},
                              {18, 10, 11, 7, 2, 0.8}, {16, 15, 13, 10, 3, 0},  {9, 9, 9, 9, 9, 0}};

Index in_order(Index frequency, Index n) { return frequency < 0 ? frequency + n : frequency; }

/// The electrons at a frequency, after a point spread over the window's frequencies.
double spread(const Case& c, const std::vector<double>& intensity, Index radius, Index ky, Index kx) {
  const auto value = [&](Index y, Index x) {
    const bool inside =
        y >= -(c.window_ny / 2) && y < (c.window_ny + 1) / 2 && x >= -(c.window_nx / 2) && x < (c.window_nx + 1) / 2;
    return inside ? intensity[in_order(y, c.window_ny) * c.window_nx + in_order(x, c.window_nx)] : 0;
  };
  if (radius == 0) return value(ky, kx);
  const auto tap = [&](Index r) { return std::exp(-static_cast<double>(r * r) / (2 * c.psf_px * c.psf_px)); };
  double sum = 0, norm = 0;
  for (Index a = -radius; a <= radius; ++a)
    for (Index b = -radius; b <= radius; ++b) {
      sum += tap(a) * tap(b) * value(ky + a, kx + b);
      norm += tap(a) * tap(b);
    }
  return sum / norm;
}

/// What the detector counts, [y, x] counted from its edge.
std::vector<double> naive(const Case& c, const std::vector<double>& intensity, const std::vector<double>& live,
                          Index radius) {
  const Index ny = c.ny / c.bin, nx = c.nx / c.bin;
  std::vector<double> sums(static_cast<std::size_t>(ny * nx), 0.0);
  for (Index y = 0; y < ny * c.bin; ++y)
    for (Index x = 0; x < nx * c.bin; ++x) {
      const Index ky = y - c.ny / 2, kx = x - c.nx / 2;
      const double weight =
          live.empty() ? 1 : live[in_order(ky, c.window_ny) * c.window_nx + in_order(kx, c.window_nx)];
      sums[y / c.bin * nx + x / c.bin] += weight * spread(c, intensity, radius, ky, kx);
    }
  return sums;
}

}  // namespace

BOOST_DATA_TEST_CASE(crop_sums_and_point_spread_are_those_of_plain_loops, data::make(cases), c) {
  const ModelShape shape{.window = {.ny = c.window_ny, .nx = c.window_nx, .dy_A = 0.2, .dx_A = 0.3}};
  const Index radius = c.psf_px > 0 ? 3 : 0;
  DetectorSetup setup{.rows = detector_axis(c.window_ny, c.ny, c.bin),
                      .columns = detector_axis(c.window_nx, c.nx, c.bin),
                      .live = {},
                      .psf_radius_px = radius,
                      .virtual_detectors = {}};
  std::vector<double> intensity, live;
  for (Index i = 0; i < shape.window.count(); ++i) {
    intensity.push_back(1 + uniform(1, i));
    live.push_back(uniform(2, i) < 0.3 ? 0.0 : 1.0);
  }
  for (const bool all_live : {true, false}) {
    setup.live = all_live ? std::vector<double>{} : live;
    Detector<double> detector(shape, setup);
    Instrument instrument;
    if (radius > 0) instrument.psf_px = {c.psf_px};
    detector.prepare(instrument);
    auto space = detector.make_space();
    const Lane lane(DeviceKind::host);
    std::vector<double> work = intensity;
    const View3<double> mu = detector.forward(lane, space, 0, {work.data(), 1, c.window_ny, c.window_nx});
    const Index ny = c.ny / c.bin, nx = c.nx / c.bin;
    BOOST_REQUIRE((mu.ny == ny && mu.nx == nx));
    const std::vector<double> expected = naive(c, intensity, setup.live, radius);
    double worst = 0;
    for (Index y = 0; y < ny; ++y)
      for (Index x = 0; x < nx; ++x)
        worst =
            std::max(worst, std::abs(mu(0, in_order(y - ny / 2, ny), in_order(x - nx / 2, nx)) - expected[y * nx + x]));
    BOOST_TEST(worst <= 1e-12);
  }
}

/// Each frequency that passes counts as one over the pixels that it is summed with.
BOOST_AUTO_TEST_CASE(the_share_of_frequencies_that_is_detected) {
  const Grid window{.ny = 12, .nx = 16, .dy_A = 0.25, .dx_A = 0.25};
  const Propagation all{.wavelength_A = 0.02, .band_limit = 1};
  DetectorSetup setup{};
  BOOST_TEST(detected_share(window, all, setup) == 1, boost::test_tools::tolerance(1e-12));
  setup.rows = detector_axis(12, 8, 1);
  setup.columns = detector_axis(16, 10, 1);
  BOOST_TEST(detected_share(window, all, setup) == 80.0 / 192, boost::test_tools::tolerance(1e-12));
  setup.rows = detector_axis(12, 8, 2);
  setup.columns = detector_axis(16, 10, 2);
  BOOST_TEST(detected_share(window, all, setup) == 20.0 / 192, boost::test_tools::tolerance(1e-12));
  setup.live.assign(192, 0.0);
  setup.live[0] = 1;
  BOOST_TEST(detected_share(window, all, setup) == 1.0 / 192, boost::test_tools::tolerance(1e-12));
  const Propagation inner{.wavelength_A = 0.02, .band_limit = 0.01};
  BOOST_TEST(detected_share(window, inner, {}) == 1.0 / 192, boost::test_tools::tolerance(1e-12));
}

/// Odd and even sides: the same spectrum about frequency zero, nothing beyond, and the power stays.
BOOST_AUTO_TEST_CASE(waves_on_finer_pixels_have_the_same_spectrum) {
  const Grid from{.ny = 9, .nx = 10, .dy_A = 0.4, .dx_A = 0.3};
  const Grid to{.ny = 14, .nx = 16, .dy_A = 0.4 * 9 / 14, .dx_A = 0.3 * 10 / 16};
  ComplexImage waves;
  for (Index i = 0; i < 2 * from.count(); ++i) waves.emplace_back(normal(3, i), normal(4, i));
  const ComplexImage fine = on_finer_pixels(waves, from, to);
  BOOST_REQUIRE(static_cast<Index>(fine.size()) == 2 * to.count());
  BOOST_TEST(power(fine) == power(waves), boost::test_tools::tolerance(1e-12));
  const auto amplitude = [](const ComplexImage& image, Index mode, const Grid& grid, Index ky, Index kx) {
    std::complex<double> sum = 0;
    for (Index y = 0; y < grid.ny; ++y)
      for (Index x = 0; x < grid.nx; ++x) {
        const Index along_y = ky * (y - grid.ny / 2), along_x = kx * (x - grid.nx / 2);
        const double turns = static_cast<double>(along_y) / static_cast<double>(grid.ny) +
                             static_cast<double>(along_x) / static_cast<double>(grid.nx);
        sum += image[mode * grid.count() + y * grid.nx + x] * std::polar(1.0, -2 * M_PI * turns);
      }
    return sum / std::sqrt(static_cast<double>(grid.count()));
  };
  double worst = 0;
  for (Index mode = 0; mode < 2; ++mode)
    for (Index ky = -7; ky < 7; ++ky)
      for (Index kx = -8; kx < 8; ++kx) {
        const bool inside = ky >= -4 && ky <= 4 && kx >= -5 && kx < 5;
        const std::complex<double> there = amplitude(fine, mode, to, ky, kx);
        worst = std::max(worst, std::abs(there - (inside ? amplitude(waves, mode, from, ky, kx) : 0)));
      }
  BOOST_TEST(worst <= 1e-12);
}

/// Sums never wrap: 8 bits go to 16, 16 to 32, and 32 bits that do not fit are refused.
BOOST_AUTO_TEST_CASE(sums_of_the_largest_counts) {
  const DetectorAxis axis = detector_axis(16, 16, 16);
  const auto sum_of = [&]<class Stored, class Sum>(Stored count, Sum) {
    const std::vector<Stored> pattern(256, count);
    std::vector<Sum> sum(1);
    constexpr PixelType type = sizeof(Stored) == 1   ? PixelType::uint8
                               : sizeof(Stored) == 2 ? PixelType::uint16
                                                     : PixelType::uint32;
    sum_pattern(axis, axis, type, std::as_bytes(std::span(pattern)), std::as_writable_bytes(std::span(sum)));
    return static_cast<std::uint64_t>(sum[0]);
  };
  BOOST_TEST(sum_of(std::uint8_t{255}, std::uint16_t{}) == 65280u);
  BOOST_TEST(sum_of(std::uint16_t{65535}, std::uint32_t{}) == 16776960u);
  BOOST_TEST(sum_of(std::uint32_t{1000000}, std::uint32_t{}) == 256000000u);
  BOOST_CHECK_EXCEPTION(sum_of(std::uint32_t{1} << 24, std::uint32_t{}), InputError, [](const InputError& error) {
    return error.code() == ExitCode::data_wrong && std::string(error.what()).starts_with("detector.bin");
  });
}

}  // namespace tessera::testing
