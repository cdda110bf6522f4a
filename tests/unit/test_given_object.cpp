// ranks: 1
// An object that is given to simulate, on boxes of other frames: places, vacuum around it, signs.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "io/plain_writer.hpp"
#include "src/base/error.hpp"
#include "src/workflow/simulate/simulate_given.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

namespace {

constexpr Index ny = 5, nx = 6;
constexpr double dy_A = 0.2, dx_A = 0.3, y0_A = -4.1, x0_A = 1.7;

double phase_at(Index y, Index x) { return 0.01 * static_cast<double>(1 + y * nx + x); }

class GivenFile {
 public:
  GivenFile() {
    std::vector<std::complex<double>> wave;
    for (Index i = 0; i < ny * nx; ++i) wave.push_back(std::polar(std::exp(-phase_at(0, i) / 4), phase_at(0, i)));
    const NumericAttributes where{{"pixel_size_A", {dy_A, dx_A}}, {"origin_A", {y0_A, x0_A}}};
    const std::vector<PlainArray> arrays{
        {"/wave", StoredType::complex128, {ny, nx}, {{{0, 0}, {ny, nx}, wave.data()}}, where, {}}};
    PlainWriter(self_, folder_.file("object.h5"), arrays).commit();
  }
  DatasetRef dataset() const { return {folder_.file("object.h5"), "/wave"}; }

 private:
  const Comm self_{MPI_COMM_SELF};
  TemporaryFolder folder_{self_};
};

/// A frame of 10 x 10 pixels whose pixel (0, 0) is pixel (y, x) of the object.
ObjectFrame frame_at(double y, double x) { return {{y0_A + y * dy_A, x0_A + x * dx_A}, 10, 10, dy_A, dx_A}; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_box_gets_the_object_s_pixels_that_lie_there_and_vacuum_around) {
  const GivenFile file;
  const GivenSpecimen specimen(file.dataset(), {});
  const Box box{1, 0, 9, 8};
  specimen.slices({frame_at(-3, 2), box}, [&](Index, const SliceValues& values) {
    for (Index y = box.y0; y < box.y1; ++y)
      for (Index x = box.x0; x < box.x1; ++x) {
        const Index at = (y - box.y0) * box.width() + x - box.x0, oy = y - 3, ox = x + 2;
        const double expected = oy >= 0 && oy < ny && ox < nx ? phase_at(oy, ox) : 0;
        BOOST_TEST(std::abs(values.phase_rad[at] - expected) < 1e-12);
        BOOST_TEST(std::abs(values.absorption[at] - expected / 4) < 1e-12);
      }
  });
}

BOOST_AUTO_TEST_CASE(a_frame_between_the_object_s_pixels_is_an_internal_error) {
  const GivenFile file;
  const GivenSpecimen specimen(file.dataset(), {});
  BOOST_CHECK_THROW(specimen.slices({frame_at(0.5, 0), {0, 0, 4, 4}}, [](Index, const SliceValues&) {}),
                    std::exception);
}

}  // namespace tessera::testing
