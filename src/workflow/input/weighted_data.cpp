#include "src/workflow/input/weighted_data.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

#include "kernels/fft.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/options/about_key.hpp"

namespace tessera {

namespace {

/// Calls visit(set, its channels in electrons) for this rank's positions, and keeps what it makes of them.
void for_each_channels(Measurement& measurement, const std::vector<Index>& set_of,
                       const std::function<void(Index, std::vector<double>&)>& visit) {
  const Index bytes = measurement.nx * static_cast<Index>(sizeof(float));
  std::vector<float> stored(static_cast<std::size_t>(measurement.nx));
  for (Index slot = 0; slot * bytes < measurement.patterns.count(); ++slot) {
    measurement.patterns.download(std::as_writable_bytes(std::span(stored)), slot * bytes);
    std::vector<double> channels(stored.begin(), stored.end());
    visit(set_of.empty() ? 0 : set_of[slot], channels);
    stored.assign(channels.begin(), channels.end());
    measurement.patterns.upload(std::as_bytes(std::span(stored)), slot * bytes);
  }
}

/// Mean channels [electron] of each set, and how many positions use it (collective).
struct MeanChannels {
  std::vector<std::vector<double>> mean;
  std::vector<double> positions;
};

MeanChannels mean_channels(const Comm& comm, const std::vector<Index>& set_of, LoadedPatterns& loaded) {
  const std::size_t sets = loaded.detectors->size(), channels = static_cast<std::size_t>(loaded.measurement.nx);
  std::vector<double> sums(sets * (channels + 1), 0.0);
  for_each_channels(loaded.measurement, set_of, [&](Index set, std::vector<double>& values) {
    double* const to = sums.data() + static_cast<std::size_t>(set) * (channels + 1);
    for (std::size_t i = 0; i < channels; ++i) to[i] += values[i];
    to[channels] += 1;
  });
  comm.sum(sums);
  MeanChannels result;
  for (std::size_t s = 0; s < sets; ++s) {
    const double* const from = sums.data() + s * (channels + 1);
    result.positions.push_back(from[channels]);
    std::vector<double> mean(from, from + channels);
    for (double& value : mean) value *= loaded.measurement.electrons_per_count / std::max(1.0, from[channels]);
    result.mean.push_back(std::move(mean));
  }
  return result;
}

/// What the detector's pixels count of a probe without a specimen, a twentieth of it spread evenly over them, where a
/// specimen scatters; of one electron in all (collective: root's, so that plans of FFTs do not differ).
std::vector<double> expected_pattern(const Comm& comm, const ModelSetup& model, const ComplexImage& probe) {
  constexpr double scattered = 0.05;
  std::vector<double> pattern;
  comm.agree([&] {
    if (!comm.is_root()) return;
    const Grid& window = model.shape.window;
    ModelShape shape = model.shape;
    shape.device = DeviceKind::host;
    shape.batch = 1;
    DetectorSetup setup = model.detector;
    setup.virtual_detectors = nullptr;
    Detector<double> detector(shape, setup);
    Instrument instrument;
    if (setup.psf_radius_px > 0) instrument.psf_px = {model.psf_px};
    detector.prepare(instrument);
    const FftPlan<double> fft(shape.device, window.ny, window.nx, 1, FftEffort::once);
    std::vector<double> intensity(static_cast<std::size_t>(window.count()), 0.0);
    for (std::size_t first = 0; first < probe.size(); first += intensity.size()) {
      std::vector<Complex<double>> wave;
      for (std::size_t i = 0; i < intensity.size(); ++i)
        wave.push_back({probe[first + i].real(), probe[first + i].imag()});
      fft.forward(wave.data(), 1);
      for (std::size_t i = 0; i < intensity.size(); ++i)
        intensity[i] += wave[i].re * wave[i].re + wave[i].im * wave[i].im;
    }
    auto space = detector.make_space();
    const View3<double> counted =
        detector.forward(Lane(shape.device), space, 0, {intensity.data(), 1, window.ny, window.nx});
    pattern.assign(counted.data, counted.data + counted.count());
    double total = 0;
    for (const double value : pattern) total += value;
    for (double& value : pattern)
      value = (1 - scattered) * value / total + scattered / static_cast<double>(pattern.size());
  });
  comm.broadcast(pattern);
  return pattern;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The least change of a pattern, in units of its own counts, that makes it agree with a set's mean channels.
std::vector<double> agreeing(const std::vector<double>& pattern, const VirtualDetectors& set,
                             const std::vector<double>& mean) {
  constexpr double least = 0.1;
  std::vector<double> missing = mean;
  const std::vector<double> has = record(set, pattern);
  for (std::size_t i = 0; i < missing.size(); ++i) missing[i] -= has[i];
  const std::vector<double> change =
      spread(set, Whitening(set, pattern).weigh(missing), static_cast<Index>(pattern.size()));
  std::vector<double> changed = pattern;
  for (std::size_t q = 0; q < changed.size(); ++q) changed[q] *= std::max(least, 1 + change[q]);
  return changed;
}

void weigh_pixels(LoadedPatterns& loaded, const std::vector<double>& mean) {
  Measurement& measurement = loaded.measurement;
  measurement.weighted_loss = 0;
  for (std::size_t q = 0; q < mean.size(); ++q) {
    measurement.valid[q] /= mean[q];
    measurement.weighted_loss += measurement.valid[q] * loaded.mean_pattern[q] / 2;
  }
}

}  // namespace

void use_channels(const Experiment& experiment, const std::vector<Index>& mine, const LoadedPatterns& loaded,
                  ModelSetup& model) {
  model.detector.virtual_detectors = loaded.detectors;
  model.detector.set_of = experiment.channels.sets_of(mine);
}

ComplexImage starting_probe(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                            const std::vector<Index>& mine, const ModelSetup& model, LoadedPatterns& loaded) {
  if (!experiment.channels.in_file) return initial_probe(comm, options, experiment, loaded.mean_electrons);
  ComplexImage probe = initial_probe(comm, options, experiment, 1);
  const std::vector<double> pattern = expected_pattern(comm, model, probe);
  const MeanChannels data = mean_channels(comm, experiment.channels.sets_of(mine), loaded);
  comm.agree([&] {
    double along = 0, norm = 0;
    for (std::size_t s = 0; s < data.mean.size(); ++s) {
      if (data.positions[s] == 0) continue;
      const VirtualDetectors& set = (*loaded.detectors)[s];
      const std::vector<double> has = record(set, pattern);
      const std::vector<double> weighed =
          about_key("detector.virtual", [&] { return Whitening(set, pattern).weigh(has); });
      along += data.positions[s] * dot(weighed, data.mean[s]);
      norm += data.positions[s] * dot(weighed, has);
    }
    loaded.mean_electrons = along / norm;
    if (!(loaded.mean_electrons > 0))
      throw InputError(
          ExitCode::data_wrong,
          fmt::format("{}: the mean of {} agrees with no number of electrons under detector.virtual {}",
                      options.data.file, options.data.patterns, options.detector.virtual_detectors->dataset));
  });
  if (options.beam.rescale || !options.beam.initial) scale_to(probe, loaded.mean_electrons);
  return probe;
}

void weigh_data(const Comm& comm, const RunOptions& options, const std::vector<Index>& set_of,
                const ComplexImage& probe, ModelSetup& model, LoadedPatterns& loaded) {
  if (options.loss.kind != LossKind::weighted) return;
  constexpr double floor = 1e-3;
  std::vector<double> pattern = loaded.mean_pattern;
  const bool measured = !pattern.empty();
  if (!measured) pattern = expected_pattern(comm, model, probe);
  const double even = loaded.mean_electrons / static_cast<double>(pattern.size());
  for (double& value : pattern) value = measured ? value + floor * even : value * loaded.mean_electrons;
  if (!loaded.detectors) return weigh_pixels(loaded, pattern);
  const MeanChannels data = mean_channels(comm, set_of, loaded);
  comm.agree([&] {
    about_key("detector.virtual", [&] {
      std::vector<VirtualDetectors> white;
      std::vector<std::optional<Whitening>> whitenings;
      for (std::size_t s = 0; s < loaded.detectors->size(); ++s) {
        const VirtualDetectors& set = (*loaded.detectors)[s];
        const bool used = data.positions[s] > 0;
        whitenings.emplace_back();
        if (used) whitenings.back().emplace(set, measured ? pattern : agreeing(pattern, set, data.mean[s]));
        white.push_back(used ? whitenings.back()->whiten(set) : set);
      }
      loaded.detectors = std::make_shared<const std::vector<VirtualDetectors>>(std::move(white));
      for_each_channels(loaded.measurement, set_of,
                        [&](Index set, std::vector<double>& values) { whitenings[set]->whiten(values); });
    });
  });
  loaded.measurement.weighted_loss = static_cast<double>(loaded.measurement.nx) / 2;
  model.detector.virtual_detectors = loaded.detectors;
}

}  // namespace tessera
