// ranks: 1 2
// Axes, units of length and phases in a result file.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "io/dataset.hpp"
#include "src/workflow/reconstruct/reconstruction_output.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

namespace {

/// The result of a small problem at its start values, in a folder that goes away.
class ResultFile {
 public:
  explicit ResultFile(const Comm& comm) : problem_(make_problem<double>({}, comm)), folder_(comm) {
    Experiment experiment;
    experiment.frame = problem_.setup().frame;
    experiment.window = problem_.setup().model.shape.window;
    experiment.positions_A = scan_of({});
    RunFigures figures{};
    figures.solve.loss = {3, 2};
    for (std::size_t i = 0; i < experiment.positions_A.size(); ++i)
      experiment.pattern_index.push_back(static_cast<Index>(i));
    experiment.source.map.shape = {static_cast<Index>(experiment.positions_A.size())};
    figures.quality = {.residual = 2, .root = 8, .expected_loss = 1};
    figures.residuals = fit_residuals(problem_, experiment, problem_.quality().residuals);
    write_reconstruction(problem_, experiment, figures,
                         {.directory = folder_.path(), .pictures = false, .resolved_yaml = ""});
  }
  Problem<double>& problem() { return problem_; }
  std::vector<double> read(const std::string& dataset) const {
    return read_real(folder_.file("result.emd"), "/reconstruction/" + dataset);
  }
  std::vector<std::complex<double>> read_waves(const std::string& dataset) const {
    return read_complex(folder_.file("result.emd"), "/reconstruction/" + dataset);
  }

 private:
  Problem<double> problem_;
  TemporaryFolder folder_;
};

}  // namespace

/// 12 x 16 pixels of 0.35 x 0.25 A whose pixel (6, 8) is at zero; the object's pixel (0, 0) at the frame's origin.
BOOST_AUTO_TEST_CASE(axes_are_in_angstrom_from_the_centre_pixel_and_from_the_origin) {
  const Comm world(MPI_COMM_WORLD);
  ResultFile result(world);
  const std::vector<double> y_A = result.read("probe/dim1"), x_A = result.read("probe/dim2");
  BOOST_TEST(y_A[0] == -6 * 0.35, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::abs(y_A[6]) < 1e-12);
  BOOST_TEST(x_A[0] == -8 * 0.25, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::abs(x_A[8]) < 1e-12);
  const ObjectFrame& frame = result.problem().setup().frame;
  const std::vector<double> oy_A = result.read("object/dim1"), ox_A = result.read("phase/dim1");
  BOOST_TEST(oy_A[2] == frame.origin_A.y + 2 * 0.35, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(ox_A[3] == frame.origin_A.x + 3 * 0.25, boost::test_tools::tolerance(1e-12));
}

/// The transmission is exp(i phase - absorption); phases add up over the slices, amplitudes multiply.
BOOST_AUTO_TEST_CASE(the_sums_over_slices_are_those_of_the_transmission) {
  const Comm world(MPI_COMM_WORLD);
  const ResultFile result(world);
  const auto t = result.read_waves("object/data");
  const std::vector<double> slices = result.read("slices/data"), phase = result.read("phase/data");
  const std::vector<double> amplitude = result.read("amplitude/data");
  const std::size_t plane = phase.size();
  BOOST_REQUIRE(t.size() == 3 * plane);
  double worst = 0;
  for (std::size_t i = 0; i < plane; ++i) {
    double sum = 0, product = 1;
    for (std::size_t s = 0; s < 3; ++s) {
      worst =
          std::max(worst, std::abs(std::polar(std::abs(t[s * plane + i]), slices[s * plane + i]) - t[s * plane + i]));
      sum += slices[s * plane + i];
      product *= std::abs(t[s * plane + i]);
    }
    worst = std::max({worst, std::abs(sum - phase[i]), std::abs(product - amplitude[i])});
  }
  BOOST_TEST(worst < 1e-12);
}

}  // namespace tessera::testing
