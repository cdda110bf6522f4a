// ranks: 1 2
// Where object.initial lands, with which signs, and which origins are refused.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "io/plain_writer.hpp"
#include "src/base/constants.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

namespace {

constexpr Index ny = 13, nx = 15;

/// Differs in every voxel.
double phase_at(Index slice, Index y, Index x) { return 0.01 * static_cast<double>(1 + (slice * ny + y) * nx + x); }
double absorption_at(Index slice, Index y, Index x) { return phase_at(slice, y, x) / 4; }

/// A file of objects of three slices whose pixel (0, 0) is pixel `origin_px` of `frame`.
class ObjectFile {
 public:
  ObjectFile(const Comm& comm, const ObjectFrame& frame, double y_px, double x_px) : folder_(comm) {
    std::vector<double> phase;
    std::vector<std::complex<double>> wave;
    for (Index i = 0; i < 3 * ny * nx; ++i) {
      const Index s = i / (ny * nx), y = i / nx % ny, x = i % nx;
      phase.push_back(phase_at(s, y, x));
      wave.push_back(std::polar(std::exp(-absorption_at(s, y, x)), phase_at(s, y, x)));
    }
    const NumericAttributes where{{"pixel_size_A", {frame.dy_A, frame.dx_A}},
                                  {"origin_A",
                                   {frame.origin_A.y + y_px * frame.dy_A,  //
                                    frame.origin_A.x + x_px * frame.dx_A}}};
    const auto block = [&](std::vector<Index> shape, const void* data) -> std::vector<LocalBlock> {
      if (!comm.is_root()) return {};
      return {{std::vector<Index>(shape.size(), 0), std::move(shape), data}};
    };
    const std::vector<PlainArray> arrays{
        {"/phase", StoredType::f64, {3, ny, nx}, block({3, ny, nx}, phase.data()), where, {}},
        {"/wave", StoredType::complex128, {3, ny, nx}, block({3, ny, nx}, wave.data()), where, {}},
        {"/plane", StoredType::f64, {ny, nx}, block({ny, nx}, phase.data()), where, {}}};
    PlainWriter(comm, file(), arrays).commit();
  }
  std::string file() const { return folder_.file("object.h5"); }

 private:
  TemporaryFolder folder_;
};

/// The problem's variables as phases and absorptions by slice, y and x of its frame, on every rank.
struct Started {
  ObjectFrame frame;
  std::vector<double> reals;
  double phase(Index s, Index y, Index x) const { return reals[2 * ((s * frame.ny + y) * frame.nx + x)]; }
  double absorption(Index s, Index y, Index x) const { return reals[2 * ((s * frame.ny + y) * frame.nx + x) + 1]; }
};

Started start(const Comm& comm, double y_px, double x_px, const std::string& dataset) {
  Problem<double> problem = make_problem<double>({}, comm);
  Experiment experiment;
  experiment.frame = problem.setup().frame;
  const ObjectFile file(comm, experiment.frame, y_px, x_px);
  RunOptions options;
  options.object.slices = 3;
  options.object.initial = DatasetRef{file.file(), dataset};
  set_initial_object(options, experiment, problem);
  return {experiment.frame, gather_object(problem, problem.object().values())};
}

/// Phase and absorption of the file in its place, vacuum elsewhere.
void check(const Started& started, Index y_px, Index x_px, double absorbs) {
  double worst = 0;
  for (Index s = 0; s < 3; ++s)
    for (Index y = 0; y < started.frame.ny; ++y)
      for (Index x = 0; x < started.frame.nx; ++x) {
        const bool inside = y >= y_px && y < y_px + ny && x >= x_px && x < x_px + nx;
        const double phase = inside ? phase_at(s, y - y_px, x - x_px) : 0;
        const double absorption = inside ? absorbs * absorption_at(s, y - y_px, x - x_px) : 0;
        worst = std::max({worst, std::abs(started.phase(s, y, x) - std::remainder(phase, absorbs > 0 ? 2 * pi : 1e3)),
                          std::abs(started.absorption(s, y, x) - absorption)});
      }
  BOOST_TEST(worst < 1e-12);
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_object_lands_where_its_origin_says) {
  const Comm world(MPI_COMM_WORLD);
  check(start(world, 3, 1, "/phase"), 3, 1, 0);
  check(start(world, -4, 2, "/phase"), -4, 2, 0);
  check(start(world, 2.009, -5.009, "/phase"), 2, -5, 0);
}

BOOST_AUTO_TEST_CASE(a_transmission_gives_its_phase_and_its_absorption) {
  const Comm world(MPI_COMM_WORLD);
  check(start(world, 2, 4, "/wave"), 2, 4, 1);
}

BOOST_AUTO_TEST_CASE(one_plane_is_shared_among_the_slices) {
  const Comm world(MPI_COMM_WORLD);
  const Started started = start(world, 1, 1, "/plane");
  for (Index s = 0; s < 3; ++s)
    BOOST_TEST(started.phase(s, 4, 6) == phase_at(0, 3, 5) / 3, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(an_origin_between_pixels_is_refused) {
  const Comm world(MPI_COMM_WORLD);
  const auto says_where = [](const Error& error) {
    const std::string text = error.what();
    return error.code() == ExitCode::data_wrong && error.agreed() && text.find("origin_A") != std::string::npos &&
           text.find("resample") != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(start(world, 2.5, 1, "/phase"), Error, says_where);
  BOOST_CHECK_EXCEPTION(start(world, 2, 1.02, "/wave"), Error, says_where);
}

}  // namespace tessera::testing
