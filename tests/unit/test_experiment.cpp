// ranks: 1
// From a file to positions and patterns: orientation of the detector and of the scan, counts, masks.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>

#include "io/plain_writer.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

/// An image whose pixels say where they come from; -1: from nowhere.
struct Picture {
  Index ny, nx;
  std::vector<Index> from;
  Index at(Index y, Index x) const { return y >= 0 && y < ny && x >= 0 && x < nx ? from[y * nx + x] : -1; }
};

template <class Source>
Picture make_picture(Index ny, Index nx, Source source) {
  Picture picture{ny, nx, {}};
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) picture.from.push_back(source(y, x));
  return picture;
}

Index mirrored(Index i, Index n) { return (2 * (n / 2) - i + n) % n; }

/// One step of the orientation after the other, each on the whole image.
Picture oriented(const DetectorOptions& detector, Index ny, Index nx) {
  const Index middle_y = ny / 2, middle_x = nx / 2;
  const auto [cy, cx] =
      detector.centre_px.value_or(std::array<double, 2>{static_cast<double>(middle_y), static_cast<double>(middle_x)});
  const Index dy = static_cast<Index>(cy) - middle_y, dx = static_cast<Index>(cx) - middle_x;
  const Picture raw = make_picture(ny, nx, [&](Index y, Index x) { return y * nx + x; });
  Picture p = make_picture(ny, nx, [&](Index y, Index x) { return raw.at(y + dy, x + dx); });
  if (detector.flip_y) p = make_picture(ny, nx, [p](Index y, Index x) { return p.at(mirrored(y, p.ny), x); });
  if (detector.flip_x) p = make_picture(ny, nx, [p](Index y, Index x) { return p.at(y, mirrored(x, p.nx)); });
  if (detector.transpose) p = make_picture(nx, ny, [p](Index y, Index x) { return p.at(x, y); });
  return make_picture(p.ny, p.nx, [p](Index y, Index x) { return p.at((y + p.ny / 2) % p.ny, (x + p.nx / 2) % p.nx); });
}

/// A folder with a file of 2 x 3 patterns of 4 x 6 pixels, where pixel i of pattern p counts 100 p + i.
class DataFile {
 public:
  DataFile() {
    for (Index i = 0; i < 6 * 24; ++i) counts_.push_back(static_cast<std::uint16_t>(100 * (i / 24) + i % 24));
    positions_A_ = {0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 5};
    mask_.assign(24, 1);
    mask_[1 * 6 + 5] = 0;
    const std::vector<PlainArray> arrays{
        {"/raster", StoredType::u16, {2, 3, 4, 6}, {{{0, 0, 0, 0}, {2, 3, 4, 6}, counts_.data()}}, {}, {}},
        {"/list", StoredType::u16, {6, 4, 6}, {{{0, 0, 0}, {6, 4, 6}, counts_.data()}}, {}, {}},
        {"/positions_A", StoredType::f64, {6, 2}, {{{0, 0}, {6, 2}, positions_A_.data()}}, {}, {}},
        {"/mask", StoredType::u8, {4, 6}, {{{0, 0}, {4, 6}, mask_.data()}}, {}, {}}};
    PlainWriter(comm, folder_.file("data.h5"), arrays).commit();
  }

  RunOptions options() const {
    RunOptions options;
    options.data.file = folder_.file("data.h5");
    options.data.patterns = "/list";
    options.data.positions = "/positions_A";
    options.detector.pixel_invA = {0.1, 0.05};
    options.beam.energy_eV = 8e4;
    return options;
  }
  const Comm comm{MPI_COMM_WORLD};

 private:
  TemporaryFolder folder_{comm};
  std::vector<std::uint16_t> counts_;
  std::vector<double> positions_A_;
  std::vector<std::uint8_t> mask_;
};

}  // namespace

BOOST_DATA_TEST_CASE(detectors_are_flipped_about_the_centre_pixel_and_then_transposed,
                     data::make({4, 5, 7}) * data::make({6, 4, 5}) * data::xrange(8) * data::xrange(3), ny, nx, turns,
                     centre) {
  DetectorOptions detector;
  detector.flip_y = (turns & 1) != 0;
  detector.flip_x = (turns & 2) != 0;
  detector.transpose = (turns & 4) != 0;
  if (centre == 1) detector.centre_px = {1, 3};
  if (centre == 2) detector.centre_px = {3, 1};
  const std::vector<Index> map = orientation_map(detector, ny, nx);
  BOOST_TEST(map == oriented(detector, ny, nx).from, boost::test_tools::per_element());
  const Index zero = centre == 0 ? ny / 2 * nx + nx / 2 : centre == 1 ? nx + 3 : 3 * nx + 1;
  BOOST_TEST(map[0] == zero);
}

BOOST_AUTO_TEST_CASE(an_orientation_by_hand) {
  DetectorOptions detector;
  detector.flip_x = true;
  BOOST_TEST(orientation_map(detector, 1, 4) == (std::vector<Index>{2, 1, 0, 3}), boost::test_tools::per_element());
  detector.centre_px = {0, 1};
  BOOST_TEST(orientation_map(detector, 1, 4) == (std::vector<Index>{1, 0, -1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_scan_is_mapped_and_then_rotated_about_the_mean_of_all_positions) {
  const DataFile file;
  RunOptions options = file.options();
  options.scan.affine = {1, 0.5, 0, 2};        // (y, x) to (y + x/2, 2 x)
  options.scan.rotation_rad = std::acos(0.0);  // and then to (x, -y)
  options.data.n = {.start = 3, .stop = {}, .step = 2};
  const Experiment experiment = load_experiment(file.comm, options);
  BOOST_TEST(experiment.pattern_index == (std::vector<Index>{3, 5}), boost::test_tools::per_element());
  const double mean_y = 0.5, mean_x = 1.5;
  const PointYX given_A[] = {{1, 0}, {1, 5}};
  for (int i = 0; i < 2; ++i) {
    const double y = given_A[i].y - mean_y, x = given_A[i].x - mean_x;
    BOOST_TEST(std::abs(experiment.positions_A[i].y - (mean_y + 2 * x)) < 1e-12);
    BOOST_TEST(std::abs(experiment.positions_A[i].x - (mean_x - (y + x / 2))) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(a_raster_runs_along_x_first_and_its_parts_keep_their_places) {
  const DataFile file;
  RunOptions options = file.options();
  options.data.patterns = "/raster";
  options.data.positions.reset();
  options.scan.step_A = {3, 0.5};
  options.data.ry = {.start = 1, .stop = {}, .step = 1};
  options.data.rx = {.start = 0, .stop = {}, .step = 2};
  const Experiment experiment = load_experiment(file.comm, options);
  BOOST_TEST(experiment.pattern_index == (std::vector<Index>{3, 5}), boost::test_tools::per_element());
  BOOST_TEST(experiment.positions_A[0].y == 3);
  BOOST_TEST(experiment.positions_A[0].x == 0);
  BOOST_TEST(experiment.positions_A[1].x == 1);
}

BOOST_AUTO_TEST_CASE(patterns_and_mask_turn_together_and_counts_become_electrons) {
  const DataFile file;
  RunOptions options = file.options();
  options.data.mask = "/mask";
  options.data.counts_per_electron = 4;
  options.data.n = {.start = 2, .stop = 3, .step = 1};
  options.detector.flip_y = true;
  options.detector.transpose = true;
  const Experiment experiment = load_experiment(file.comm, options);
  BOOST_TEST(experiment.window.ny == 6);
  BOOST_TEST(experiment.window.dy_A == 1 / (6 * 0.05), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(experiment.window.dx_A == 1 / (4 * 0.1), boost::test_tools::tolerance(1e-12));
  const LoadedPatterns loaded =
      load_patterns(file.comm, options, experiment, raw_pixels(file.comm, options, experiment), {0}, DeviceKind::host);
  const std::vector<Index> map = orientation_map(options.detector, 4, 6);
  const std::vector<std::byte> bytes = loaded.measurement.patterns.to_vector();
  double counts = 0;
  for (std::size_t k = 0; k < map.size(); ++k) {
    const bool valid = map[k] != 1 * 6 + 5;
    std::uint16_t count = 0;
    std::memcpy(&count, bytes.data() + 2 * k, 2);
    BOOST_TEST(count == (valid ? 200 + map[k] : 0));
    BOOST_TEST(loaded.measurement.valid[k] == (valid ? 1 : 0));
    counts += count;
  }
  BOOST_TEST(loaded.measurement.electrons_per_count == 0.25);
  BOOST_TEST(loaded.mean_electrons == counts / 4);
}

/// 4 x 6 pixels turned to 6 x 4, summed 2 x 2 from the turned pattern's edge on, without the masked pixel and those
/// that a centre off the middle leaves out of reach.
BOOST_AUTO_TEST_CASE(turned_patterns_are_summed_over_their_valid_pixels) {
  const DataFile file;
  RunOptions options = file.options();
  options.data.mask = "/mask";
  options.data.n = {.start = 2, .stop = 3, .step = 1};
  options.detector.transpose = true;
  options.detector.flip_x = true;
  options.detector.centre_px = {1, 4};
  options.detector.bin = 2;
  const Experiment experiment = load_experiment(file.comm, options);
  const LoadedPatterns loaded =
      load_patterns(file.comm, options, experiment, raw_pixels(file.comm, options, experiment), {0}, DeviceKind::host);
  const Picture turned = oriented(options.detector, 4, 6);
  BOOST_REQUIRE((loaded.measurement.ny == 3 && loaded.measurement.nx == 2));
  BOOST_TEST((loaded.measurement.type == PixelType::uint32));
  std::vector<std::uint32_t> sums(6);
  std::memcpy(sums.data(), loaded.measurement.patterns.to_vector().data(), 24);
  double electrons = 0;
  for (Index y = 0; y < 3; ++y)
    for (Index x = 0; x < 2; ++x) {
      std::uint32_t sum = 0;
      int valid = 0;
      for (Index i = 0; i < 2; ++i)
        for (Index j = 0; j < 2; ++j) {
          const Index at = (2 * y + i + 3) % 6 * 4 + (2 * x + j + 2) % 4, from = turned.from[at];
          const bool counts = from >= 0 && from != 1 * 6 + 5;
          BOOST_TEST(loaded.live[at] == (counts ? 1 : 0));
          if (counts) sum += static_cast<std::uint32_t>(200 + from);
          valid += counts ? 1 : 0;
        }
      const Index to = (y + 2) % 3 * 2 + (x + 1) % 2;
      BOOST_TEST(sums[to] == sum);
      BOOST_TEST(loaded.measurement.valid[to] == (valid > 0 ? 1 : 0));
      electrons += sum;
    }
  BOOST_TEST(loaded.mean_electrons == electrons);
  options.detector.bin = 5;
  BOOST_CHECK_THROW(load_experiment(file.comm, options), InputError);
}

/// Waves on finer pixels: a fast even number of at least as many, the same extent, and the detector is their middle.
BOOST_AUTO_TEST_CASE(waves_on_finer_pixels_keep_the_extent_of_the_window) {
  const DataFile file;
  RunOptions options = file.options();
  options.detector.simulate = 1;
  const Experiment plain = load_experiment(file.comm, options);
  BOOST_TEST(plain.rows.length == 0);
  BOOST_TEST(detector_setup(plain, {}).rows.length == 0);
  options.detector.simulate = 1.5;
  options.detector.transpose = true;  // 6 x 4
  const Experiment fine = load_experiment(file.comm, options);
  BOOST_TEST((fine.window.ny == 10 && fine.window.nx == 6));  // not 9
  BOOST_TEST(10 * fine.window.dy_A == 1 / 0.05, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(6 * fine.window.dx_A == 1 / 0.1, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(fine.frame.dy_A == fine.window.dy_A);
  const std::vector<Index> rows{0, 1, 2, -1, -1, -1, -1, 3, 4, 5}, columns{0, 1, -1, -1, 2, 3};
  BOOST_TEST(fine.rows.target == rows, boost::test_tools::per_element());
  BOOST_TEST(fine.columns.target == columns, boost::test_tools::per_element());
  std::vector<double> live(24, 1.0);
  live[3 * 4 + 2] = 0;  // the lowest frequency along both
  const std::vector<double> on_window = detector_setup(fine, live).live;
  for (Index y = 0; y < 10; ++y)
    for (Index x = 0; x < 6; ++x)
      BOOST_TEST(on_window[y * 6 + x] == (rows[y] < 0 || columns[x] < 0 || (y == 7 && x == 4) ? 0 : 1));
}

}  // namespace tessera::testing
