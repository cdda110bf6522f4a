// ranks: 1 2 3
// Virtual detectors of a file, in every form, and what is kept of patterns and channels, against plain loops.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <numbers>

#include "src/workflow/input/weighted_data.hpp"
#include "tests/support/compressed_file.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

constexpr Index n = CompressedFile::n, ny = CompressedFile::ny, nx = CompressedFile::nx, pixels = ny * nx;
constexpr Index channels = CompressedFile::channels;
const auto close = boost::test_tools::tolerance(1e-6);  // channels are kept as float

/// Every rank's positions, backwards.
std::vector<Index> mine_of(const Comm& comm) {
  std::vector<Index> mine;
  for (Index p = n; p-- > 0;)
    if (p % comm.size() == comm.rank()) mine.push_back(p);
  return mine;
}

struct Loaded {
  RunOptions options;
  Experiment experiment;
  std::vector<Index> mine;
  LoadedPatterns patterns;

  Loaded(const CompressedFile& file, const RunOptions& from)
      : options(from),
        experiment(load_experiment(file.comm, from)),
        mine(mine_of(file.comm)),
        patterns(load_patterns(file.comm, from, experiment, raw_pixels(file.comm, from, experiment), mine,
                               DeviceKind::host)) {}

  /// Of this rank's slot, in electrons.
  std::vector<double> channels_of(std::size_t slot) const {
    const Measurement& measurement = patterns.measurement;
    BOOST_REQUIRE((measurement.type == PixelType::float32));
    std::vector<float> stored(static_cast<std::size_t>(measurement.nx));
    measurement.patterns.download(std::as_writable_bytes(std::span(stored)),
                                  static_cast<Index>(slot * stored.size() * sizeof(float)));
    std::vector<double> values(stored.begin(), stored.end());
    for (double& value : values) value *= measurement.electrons_per_count;
    return values;
  }
};

/// c = V y by plain loops over raw pixels, masked ones left out.
void check_channels(const CompressedFile& file, const Loaded& loaded, bool masked) {
  const double electrons = 1 / loaded.options.data.counts_per_electron;
  for (std::size_t slot = 0; slot < loaded.mine.size(); ++slot) {
    const Index p = loaded.mine[slot];
    const std::vector<double> found = loaded.channels_of(slot);
    BOOST_REQUIRE(found.size() == channels);
    for (Index i = 0; i < channels; ++i) {
      double sum = 0, size = 0;
      const Index set = loaded.experiment.channels.sets->size() > 1 ? file.set_of(p) : 0;
      for (Index q = 0; q < pixels; ++q) {
        if (masked && q == 7) continue;
        sum += file.weight(set, i, q) * file.count(p, q) * electrons;
        size += std::abs(file.weight(set, i, q)) * file.count(p, q) * electrons;
      }
      BOOST_TEST(std::abs(found[i] - sum) < 1e-6 * size);
    }
  }
}

ModelSetup model_of(const Loaded& loaded) {
  return {.shape = {.window = loaded.experiment.window}, .propagation = {}, .gaps_A = {}, .detector = {}};
}

/// |sum_r psi(r) exp(-2 pi i k r)|^2 of pixel k in FFT order.
double far_field(const ComplexImage& psi, Index k) {
  std::complex<double> sum = 0;
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) {
      const Index along_y = k / nx * y, along_x = k % nx * x;
      const double turns = static_cast<double>(along_y) / ny + static_cast<double>(along_x) / nx;
      sum += psi[y * nx + x] * std::polar(1.0, -2 * std::numbers::pi * turns);
    }
  return std::norm(sum);
}

std::string refusal(const CompressedFile& file, const RunOptions& options) {
  try {
    const Loaded loaded(file, options);
  } catch (const Error& error) {
    BOOST_TEST(error.agreed());
    return error.what();
  }
  return "accepted";
}

}  // namespace

/// Whatever turns the patterns turns the detectors with them: the channels stay.
BOOST_DATA_TEST_CASE(patterns_are_summed_as_by_plain_loops,
                     data::make({"/list", "/raster"}) *
                         data::make({"/sets", "/csr_sets", "/dense", "/csr", "/csr_flat"}),
                     patterns, detectors) {
  const CompressedFile file;
  const bool with_sets = std::string(detectors).find("sets") != std::string::npos;
  RunOptions options = file.options(patterns, detectors, with_sets);
  options.detector.flip_x = options.detector.transpose = true;
  options.data.mask = "/mask";
  options.data.counts_per_electron = 4;
  const Loaded loaded(file, options);
  check_channels(file, loaded, true);
  BOOST_TEST(loaded.patterns.detectors->size() == (with_sets ? 2u : 1u));
  // The model's detectors make the same of the mean pattern, which lies in the model's order.
  double total = 0, counted = 0;
  for (const double value : loaded.patterns.mean_pattern) total += value;
  for (Index i = 0; i < n * pixels; ++i) counted += i % pixels == 7 ? 0 : file.count(0, i) / 4;
  BOOST_TEST(total == counted / n, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(loaded.patterns.mean_electrons == counted / n, boost::test_tools::tolerance(1e-12));
  if (with_sets) return;
  std::vector<double> mean(channels, 0.0);
  for (std::size_t slot = 0; slot < loaded.mine.size(); ++slot)
    for (Index i = 0; i < channels; ++i) mean[i] += loaded.channels_of(slot)[i] / n;
  file.comm.sum(mean);
  const std::vector<double> again = record(loaded.patterns.detectors->front(), loaded.patterns.mean_pattern);
  for (Index i = 0; i < channels; ++i) BOOST_TEST(std::abs(again[i] - mean[i]) < 1e-6 * total);
}

BOOST_DATA_TEST_CASE(channels_of_a_file_are_read_as_they_are, data::make({"/signed", "/signed_raster"}), patterns) {
  const CompressedFile file;
  RunOptions options = file.options(patterns, "/sets", true);
  options.data.counts_per_electron = 4;
  const Loaded loaded(file, options);
  check_channels(file, loaded, false);
  BOOST_TEST(loaded.experiment.window.ny == ny);
  BOOST_TEST(loaded.experiment.window.nx == nx);
  options = file.options("/signed_raster", "/sets", true);
  options.data.rx = {.start = 1, .stop = 3, .step = 1};
  BOOST_TEST(load_experiment(file.comm, options).channels.set_of.size() == 4u);
}

/// W = (V diag(I) V^T)^-1 of the mean pattern and a thousandth of it spread evenly: white detectors have covariance 1,
/// and make of a pattern what its channels have become.
BOOST_AUTO_TEST_CASE(signed_channels_are_whitened) {
  const CompressedFile file;
  Loaded loaded(file, file.options("/list", "/sets", true));
  ModelSetup model = model_of(loaded);
  use_channels(loaded.experiment, loaded.mine, loaded.patterns, model);
  std::vector<double> mean = loaded.patterns.mean_pattern;
  for (double& value : mean) value += 1e-3 * loaded.patterns.mean_electrons / pixels;
  weigh_data(file.comm, loaded.options, model.detector.set_of, {}, model, loaded.patterns);
  BOOST_TEST(loaded.patterns.measurement.weighted_loss == 1.5);
  const std::vector<Index> map = orientation_map(loaded.options.detector, ny, nx);
  for (const VirtualDetectors& white : *model.detector.virtual_detectors) {
    for (Index i = 0; i < channels; ++i)
      for (Index j = 0; j < channels; ++j) {
        std::vector<double> row(pixels, 0.0);
        for (Index k = white.start[j]; k < white.start[j + 1]; ++k)
          row[white.pixel[k]] = white.weight[k] * mean[white.pixel[k]];
        BOOST_TEST(std::abs(record(white, row)[i] - (i == j ? 1 : 0)) < 1e-10);
      }
  }
  for (std::size_t slot = 0; slot < loaded.mine.size(); ++slot) {
    const Index p = loaded.mine[slot];
    std::vector<double> turned;
    turned.reserve(map.size());
    for (const Index raw : map) turned.push_back(file.count(p, raw));
    const std::vector<double> expected = record((*model.detector.virtual_detectors)[file.set_of(p)], turned);
    for (Index i = 0; i < channels; ++i)
      BOOST_TEST(std::abs(loaded.channels_of(slot)[i] - expected[i]) < 1e-4 * std::abs(expected[i]) + 1e-4);
  }
}

/// Segments' counts vary by their mean, whatever the probe is like: their weights become 1/sqrt(mean), and the
/// electrons of a pattern are those of the segments over the share of the probe and of what is scattered that they see.
BOOST_AUTO_TEST_CASE(channels_alone_tell_electrons_and_variance) {
  const CompressedFile file;
  Loaded loaded(file, file.options("/segments", "/labels", false));
  ModelSetup model = model_of(loaded);
  use_channels(loaded.experiment, loaded.mine, loaded.patterns, model);
  std::vector<double> mean(channels, 0.0);
  for (Index p = 0; p < n; ++p)
    for (Index q = 0; q < pixels; ++q)
      if (q % 4 > 0) mean[q % 4 - 1] += file.count(p, q) / n;
  const ComplexImage probe =
      starting_probe(file.comm, loaded.options, loaded.experiment, loaded.mine, model, loaded.patterns);
  double power = 0;
  for (const auto& value : probe) power += std::norm(value);
  BOOST_TEST(power == loaded.patterns.mean_electrons, boost::test_tools::tolerance(1e-9));
  const std::vector<Index> map = orientation_map(loaded.options.detector, ny, nx);
  double seen = 0;
  for (Index k = 0; k < pixels; ++k)
    seen += map[k] % 4 > 0 ? 0.95 * far_field(probe, k) / (power * pixels) + 0.05 / pixels : 0;
  BOOST_TEST(power == (mean[0] + mean[1] + mean[2]) / seen, close);
  weigh_data(file.comm, loaded.options, model.detector.set_of, probe, model, loaded.patterns);
  const VirtualDetectors& white = model.detector.virtual_detectors->front();
  for (Index i = 0; i < channels; ++i) BOOST_TEST(white.weight[white.start[i]] == 1 / std::sqrt(mean[i]), close);
}

/// Without virtual detectors: 1/(2 v) (mu - y)^2, v the mean pattern; of Poisson counts half a pixel on average.
BOOST_AUTO_TEST_CASE(pixels_are_weighted_by_the_mean_pattern) {
  const CompressedFile file;
  RunOptions options = file.options("/list", "/dense", false);
  options.detector.virtual_detectors.reset();
  options.data.mask = "/mask";
  Loaded loaded(file, options);
  ModelSetup model = model_of(loaded);
  weigh_data(file.comm, options, {}, {}, model, loaded.patterns);
  BOOST_TEST((loaded.patterns.measurement.type == PixelType::uint16));
  const std::vector<Index> map = orientation_map(options.detector, ny, nx);
  double expected = 0;
  for (Index k = 0; k < pixels; ++k) {
    double mean = 0;
    for (Index p = 0; p < n; ++p) mean += file.count(p, map[k]) / n;
    const double variance = mean + 1e-3 * loaded.patterns.mean_electrons / pixels;
    BOOST_TEST(loaded.patterns.measurement.valid[k] == (map[k] == 7 ? 0 : 1 / variance),
               boost::test_tools::tolerance(1e-12));
    expected += map[k] == 7 ? 0 : mean / variance / 2;
  }
  BOOST_TEST(loaded.patterns.measurement.weighted_loss == expected, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const CompressedFile file;
  const auto check = [&](const RunOptions& options, const std::string& word) {
    const std::string found = refusal(file, options);
    BOOST_TEST((found.find(word) != std::string::npos), word << " not in: " << found);
  };
  check(file.options("/list", "/mask_that_is_not_there", false), "mask_that_is_not_there");
  check(file.options("/list", "/sets", false), "detector.virtual_set must name");
  check(file.options("/list", "/positions_A", false), "it must be (channel, ky, kx)");
  check(file.options("/list", "/raster", false), "detector.virtual_set must name");
  check(file.options("/signed", "/csr_flat", false), "(channels, ky, kx)");
  check(file.options("/segments", "/signed_raster", false), "data.patterns /segments has shape (8, 3)");
  check(file.options("/list", "/nothing", false), "no valid pixel in channel 0");
  RunOptions options = file.options("/list", "/dense", false);
  options.loss.kind = LossKind::poisson;
  check(options, "loss.kind: weighted");
  options.loss.kind = LossKind::gaussian;
  check(options, "loss.kind: weighted");
  options = file.options("/negative", "/labels", false);
  options.loss.kind = LossKind::poisson;
  check(options, "position 5, channel 2 is -1");
  options.data.patterns = "/segments";
  BOOST_TEST(refusal(file, options) == "accepted");
  options.data.mask = "/mask";
  check(options, "data.mask");
  options.data.mask.reset();
  options.detector.centre_px = {2, 2};
  check(options, "moves out of the window");
  options = file.options("/list", "/sets", true);
  options.detector.virtual_set = "/positions_A";
  check(options, "has shape (8, 2)");
  options.detector.virtual_detectors = {options.data.file, "/labels"};
  options.detector.virtual_set = "/set";
  check(options, "must be one of the sets 0 to 0");
}

}  // namespace tessera::testing
