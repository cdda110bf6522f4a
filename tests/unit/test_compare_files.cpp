// ranks: 1
// `compare` from files: the field, what is left out of it, the shift's sign, groups of slices.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "io/plain_writer.hpp"
#include "src/base/constants.hpp"
#include "src/workflow/examine/compare.hpp"
#include "tests/support/noise.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

namespace {

constexpr ObjectFrame result_frame{{-3.0, -2.0}, 84, 90, 0.25, 0.2};
constexpr ObjectFrame reference_frame{{-4.2, -3.4}, 96, 120, 0.24, 0.18};

/// Smooth and not periodic on either frame; the two slices differ.
double scene(double y_A, double x_A, int slice) {
  const double v = y_A + 0.3 * slice, u = x_A - 0.2 * slice;
  return std::cos(2.1 * v + 0.4 * u) + 0.7 * std::sin(2.9 * u - 0.8 * v) + 0.4 * std::cos(4.4 * u + 3.3 * v + 0.3) +
         0.2 * std::sin(5.0 * v);
}

/// Slices of the scene moved by `shift_A`, each with a ramp and noise of its own.
std::vector<double> slices_on(const ObjectFrame& on, const PointYX& shift_A, double noise, std::uint64_t seed) {
  std::vector<double> values;
  for (int s = 0; s < 2; ++s)
    for (Index y = 0; y < on.ny; ++y)
      for (Index x = 0; x < on.nx; ++x) {
        const double y_A = on.origin_A.y + static_cast<double>(y) * on.dy_A;
        const double x_A = on.origin_A.x + static_cast<double>(x) * on.dx_A;
        const double fast = std::cos(pi * static_cast<double>(x + y));  // at the Nyquist frequency of its own grid
        const Index i = (s * on.ny + y) * on.nx + x;
        values.push_back(scene(y_A - shift_A.y, x_A - shift_A.x, s) + noise * normal(seed, i) + 0.5 * noise * fast +
                         0.05 * y_A * static_cast<double>(seed));
      }
  return values;
}

class TwoFiles {
 public:
  TwoFiles(const PointYX& shift_A, double noise) {
    write("a.h5", result_frame, slices_on(result_frame, shift_A, noise, 1), shift_A);
    write("b.h5", reference_frame, slices_on(reference_frame, {}, noise, 2), {});
  }
  Comparison compared() const {
    return compare(find_phase_stack(OpenFile(folder_.file("a.h5"))), find_phase_stack(OpenFile(folder_.file("b.h5"))));
  }

 private:
  void write(const std::string& name, const ObjectFrame& f, const std::vector<double>& slices, const PointYX& moved) {
    const auto plane = static_cast<std::size_t>(f.ny * f.nx);
    std::vector<double> sum(slices.begin(), slices.begin() + static_cast<std::ptrdiff_t>(plane));
    for (std::size_t i = 0; i < plane; ++i) sum[i] += slices[plane + i];
    // Corners of the scan, of which one lies 0.2 A off in one file.
    const std::vector<double> positions_A{0, 0, 0, 12, 14, 0, 14 + (moved.y != 0 ? 0.2 : 0), 12};
    const NumericAttributes where{{"pixel_size_A", {f.dy_A, f.dx_A}}, {"origin_A", {f.origin_A.y, f.origin_A.x}}};
    const std::vector<PlainArray> arrays{
        {"/truth/phase_rad", StoredType::f64, {f.ny, f.nx}, {{{0, 0}, {f.ny, f.nx}, sum.data()}}, where, {}},
        {"/truth/slice_phase_rad",
         StoredType::f64,
         {2, f.ny, f.nx},
         {{{0, 0, 0}, {2, f.ny, f.nx}, slices.data()}},
         where,
         {}},
        {"/positions_A", StoredType::f64, {4, 2}, {{{0, 0}, {4, 2}, positions_A.data()}}, {}, {}}};
    PlainWriter(self_, folder_.file(name), arrays).commit();
  }
  const Comm self_{MPI_COMM_SELF};
  TemporaryFolder folder_{self_};
};

}  // namespace

/// Positions from 0 to 14 and 0 to 12 A less 1 A at each edge: y 1 to 13 A of pixels -3 + 0.25 i, x 1 to 11 of -2 + 0.2
/// i.
BOOST_AUTO_TEST_CASE(the_field_is_the_scan_less_an_angstrom_at_each_edge) {
  const Comparison comparison = TwoFiles({0, 0}, 0).compared();
  BOOST_TEST(comparison.ny == 49);
  BOOST_TEST(comparison.nx == 51);
  BOOST_TEST(std::abs(comparison.shift_A.y) < 2e-3);
  BOOST_TEST(std::abs(comparison.shift_A.x) < 2e-3);
  BOOST_TEST(comparison.sum.correlation > 0.999);
  BOOST_TEST(comparison.sum.normalised_error < 0.03);
  BOOST_TEST(*comparison.position_rms_A == 0);
}

/// The shift is the one that brings the reference onto the result; positions differ by 0.2 A in one of four, which is
/// (0.15, -0.05, -0.05, -0.05) A around their common shift.
BOOST_AUTO_TEST_CASE(the_reference_is_shifted_onto_the_result) {
  const Comparison comparison = TwoFiles({0.31, -0.22}, 0).compared();
  BOOST_TEST(comparison.shift_A.y == 0.31, boost::test_tools::tolerance(0.02));
  BOOST_TEST(comparison.shift_A.x == -0.22, boost::test_tools::tolerance(0.02));
  BOOST_TEST(*comparison.position_rms_A == std::sqrt((0.15 * 0.15 + 3 * 0.05 * 0.05) / 4),
             boost::test_tools::tolerance(1e-9));
  BOOST_REQUIRE(comparison.slices.size() == 2u);
  for (const Agreement& slice : comparison.slices) BOOST_TEST(slice.correlation > 0.99);
}

/// What lies beyond 2/3 of the coarser Nyquist frequency, 1.333/A, is in no metric: the resolution ends there.
BOOST_AUTO_TEST_CASE(frequencies_beyond_two_thirds_are_left_out) {
  const Comparison comparison = TwoFiles({0, 0}, 0).compared();
  BOOST_TEST(comparison.sum.frc_half_bit_A >= 1 / (2.0 / 3 * 0.5 / 0.25));
}

/// The numbers of whole planes in memory, low-passed, resampled and transformed as such.
BOOST_AUTO_TEST_CASE(strips_and_half_spectra_change_nothing) {
  const Comparison noisy = TwoFiles({0.31, -0.22}, 0.6).compared();
  const auto near = boost::test_tools::tolerance(1e-9);
  BOOST_TEST(noisy.sum.correlation == 0.94638691457, near);
  BOOST_TEST(noisy.sum.normalised_error == 0.331870334281, near);
  BOOST_TEST(noisy.sum.frc_half_bit_A == 0.914239285818, near);
  BOOST_TEST(noisy.shift_A.y == 0.309189775838, near);
  BOOST_TEST(noisy.shift_A.x == -0.223892577073, near);
  BOOST_REQUIRE(noisy.slices.size() == 2u);
  BOOST_TEST(noisy.slices[1].frc_half_bit_A == 0.96201900931, near);
}

}  // namespace tessera::testing
