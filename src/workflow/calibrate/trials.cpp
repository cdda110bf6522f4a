#include "src/workflow/calibrate/trials.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/workflow/reconstruct/kept_waves.hpp"
#include "src/workflow/start/check_memory.hpp"

namespace tessera {

namespace {

constexpr double held_out_share = 0.5;

/// The positions nearest to a place.
std::vector<Index> nearest(const std::vector<PointYX>& positions_A, const std::vector<Index>& among,
                           const PointYX& place, Index count) {
  std::vector<Index> order = among;
  const auto distance2 = [&](Index i) {
    const PointYX& p = positions_A[static_cast<std::size_t>(i)];
    return std::pow(p.y - place.y, 2) + std::pow(p.x - place.x, 2);
  };
  const auto n = std::min<std::size_t>(order.size(), static_cast<std::size_t>(count));
  std::ranges::nth_element(order, order.begin() + static_cast<std::ptrdiff_t>(n) - 1, {}, distance2);
  order.resize(n);
  std::ranges::sort(order);
  return order;
}

/// One patch in the middle or, of scans with room for two, one on either side of it.
std::vector<std::vector<Index>> make_patches(const std::vector<PointYX>& positions_A, Index count) {
  const auto all = static_cast<Index>(positions_A.size());
  std::vector<Index> every(static_cast<std::size_t>(all));
  std::iota(every.begin(), every.end(), Index{0});
  PointYX mean, low = positions_A.front(), high = low;
  for (const PointYX& p : positions_A) {
    mean = {mean.y + p.y / static_cast<double>(all), mean.x + p.x / static_cast<double>(all)};
    low = {std::min(low.y, p.y), std::min(low.x, p.x)};
    high = {std::max(high.y, p.y), std::max(high.x, p.x)};
  }
  if (all < 2 * count) return {nearest(positions_A, every, mean, count)};
  const bool along_y = high.y - low.y > high.x - low.x;
  const double quarter = (along_y ? high.y - low.y : high.x - low.x) / 4;
  std::vector<std::vector<Index>> patches;
  std::vector<Index> left = every;
  for (const double side : {-1.0, 1.0}) {
    const PointYX place = along_y ? PointYX{mean.y + side * quarter, mean.x} : PointYX{mean.y, mean.x + side * quarter};
    patches.push_back(nearest(positions_A, left, place, count));
    std::vector<Index> rest;
    std::ranges::set_difference(left, patches.back(), std::back_inserter(rest));
    left = std::move(rest);
  }
  return patches;
}

}  // namespace

std::array<double, 2> Setting::C12() const {
  // Along the final axes M = O S O^T, M_xx - M_yy = 2 C12 cos 2 phi, M_xy = C12 sin 2 phi.
  const Matrix2 turned = orientation().on_detector();
  const Matrix2 m = product(product(turned, defocus_A), transposed(turned));
  const double c = (m[3] - m[0]) / 2, s = (m[1] + m[2]) / 2;
  return {std::hypot(c, s), std::atan2(s, c) / 2};
}

Setting Setting::mirror_twin() const {
  Setting twin = *this;
  for (double& element : twin.to_scan) element = -element;
  for (double& element : twin.defocus_A) element = -element;
  return twin;
}

RunOptions trial_options(const RunOptions& options, const Setting& setting, const Effort& effort) {
  RunOptions trial = options;
  const Orientation o = setting.orientation();
  trial.detector.flip_y = o.flip_y;
  trial.detector.flip_x = o.flip_x;
  trial.detector.transpose = o.transpose;
  trial.scan.rotation_rad = o.rotation_rad;
  for (double& element : trial.scan.affine) element *= setting.step_scale;
  std::erase_if(trial.beam.aberrations,
                [](const auto& a) { return a.first == "C10_A" || a.first == "C12_A" || a.first == "phi12_rad"; });
  const auto [C12_A, phi12_rad] = setting.C12();
  trial.beam.aberrations.emplace_back("C10_A", setting.C10_A());
  trial.beam.aberrations.emplace_back("C12_A", C12_A);
  trial.beam.aberrations.emplace_back("phi12_rad", phi12_rad);
  trial.beam.modes = 1;
  trial.object.initial.reset();
  trial.object.states = 1;
  trial.object.positive = {};
  trial.regularisers.clear();
  trial.refine = {{"object", {}}};
  trial.solve = {};
  trial.solve.iterations = effort.gradients;
  trial.solve.max_gradients = effort.gradients;
  trial.solve.held_out = effort.held_out;
  trial.petsc.clear();
  return trial;
}

Trials::Trials(const Comm& comm, const RunOptions& options, const Experiment& experiment, ModelDevice device)
    : comm_(comm),
      options_(options),
      device_(device),
      patches_(make_patches(experiment.positions_A, options.calibrate.trial_patterns)) {}

/// At most as many ranks as there are settings have a trial at a time; the others hold nothing. A trial fills half of a
/// GPU's room (run_trial's batch).
void Trials::find_room(Progress& progress) {
  constexpr int settings_at_once = 8;
  const auto forecast = [&](Index kept_every) {
    MemoryForecast need;
    comm_.agree([&] {
      if (comm_.rank() < settings_at_once)
        need = forecast_trial(Comm(MPI_COMM_SELF), trial_options(options_, Setting{}, {gradients(), held_out_share}),
                              patches_.front(), device_, kept_every);
      else
        need.host.parts.push_back({"no trial", 0, ""});
    });
    return need;
  };
  ModelDevice half = device_;
  half.room_bytes /= 2;
  const Index kept_every = choose_kept_waves(comm_, options_, half, forecast, progress);
  if (kept_every > 1) options_.run.recompute = Recompute::always;
  const MemoryForecast need = forecast(kept_every);
  check_memory(comm_, progress, need.host);
  check_gpu_memory(comm_, need.gpu, half.room_bytes);
}

std::vector<TrialResult> Trials::run(const std::vector<Setting>& settings, std::size_t patch,
                                     const Effort& effort) const {
  const std::size_t n = settings.size();
  std::vector<TrialResult> results(n);
  std::vector<double> losses(2 * n, 0.0);
  const auto ranks = static_cast<std::size_t>(comm_.size()), rank = static_cast<std::size_t>(comm_.rank());
  comm_.agree([&] {
    const Comm self(MPI_COMM_SELF);
    for (std::size_t i = rank; i < n; i += ranks) {
      results[i] = run_trial(self, trial_options(options_, settings[i], effort), patches_[patch], device_);
      losses[2 * i] = results[i].start_loss;
      losses[2 * i + 1] = results[i].loss;
    }
  });
  comm_.sum(losses);
  for (std::size_t i = 0; i < n; ++i) {
    TrialResult& result = results[i];
    result.start_loss = losses[2 * i];
    result.loss = losses[2 * i + 1];
    // To root, who shows them: the shape first.
    if (ranks == 1) continue;
    std::vector<double> shape{static_cast<double>(result.phase.frame.ny), static_cast<double>(result.phase.frame.nx),
                              result.phase.frame.dy_A, result.phase.frame.dx_A};
    comm_.sum(shape);
    result.phase.frame.ny = static_cast<Index>(shape[0]);
    result.phase.frame.nx = static_cast<Index>(shape[1]);
    result.phase.frame.dy_A = shape[2];
    result.phase.frame.dx_A = shape[3];
    result.phase.values.resize(static_cast<std::size_t>(result.phase.frame.ny * result.phase.frame.nx), 0.0);
    comm_.sum_to_root(result.phase.values);
  }
  return results;
}

namespace {

struct PatchMinimum {
  double at = 0, error = 0;
  bool found = false;
};

/// A parabola through the least of five values about `centre`, which moves until that lies within; nothing where it
/// does not after a few moves.
std::optional<PatchMinimum> parabola(const Trials& trials, std::size_t patch, const Effort& effort, double centre,
                                     double spacing, const std::function<Setting(double)>& setting_of) {
  constexpr int values = 5, middle = 2, most_moves = 4;
  for (int moves = 0; moves <= most_moves; ++moves) {
    std::vector<Setting> settings;
    settings.reserve(values);
    for (int i = 0; i < values; ++i) settings.push_back(setting_of(centre + (i - middle) * spacing));
    const std::vector<TrialResult> results = trials.run(settings, patch, effort);
    const auto least = std::ranges::min_element(results, {}, &TrialResult::loss) - results.begin();
    centre += static_cast<double>(least - middle) * spacing;
    if (least == 0 || least == values - 1) continue;
    const auto loss = [&](std::ptrdiff_t i) { return results[static_cast<std::size_t>(i)].loss; };
    const double curvature = loss(least - 1) - 2 * loss(least) + loss(least + 1);
    if (!std::isfinite(curvature) || curvature <= 0) return std::nullopt;
    return PatchMinimum{centre + spacing / 2 * (loss(least - 1) - loss(least + 1)) / curvature,
                        spacing / std::sqrt(curvature), true};
  }
  return std::nullopt;
}

PatchMinimum minimum_on(const Trials& trials, std::size_t patch, double start, double spacing,
                        const std::function<Setting(double)>& setting_of) {
  const auto first = parabola(trials, patch, {trials.gradients(), held_out_share}, start, spacing, setting_of);
  if (!first) return {start, 0, false};
  const auto second =
      parabola(trials, patch, {2 * trials.gradients(), held_out_share}, first->at, spacing / 2, setting_of);
  if (!second) return {first->at, 0, false};
  return {second->at, std::max(second->error, std::abs(second->at - first->at)), true};
}

}  // namespace

Minimum find_minimum(const Trials& trials, double start, double spacing,
                     const std::function<Setting(double)>& setting_of) {
  constexpr double of_spacing = 0.125;  // losses are no parabolas: their minimum is not known better than so
  Minimum minimum{.error = of_spacing * spacing, .found = true};
  std::vector<double> places;
  for (std::size_t patch = 0; patch < trials.patches(); ++patch) {
    const PatchMinimum here = minimum_on(trials, patch, start, spacing, setting_of);
    minimum.found = minimum.found && here.found;
    places.push_back(here.at);
    minimum.error = std::max(minimum.error, here.error);
  }
  const auto [low, high] = std::ranges::minmax(places);
  minimum.at = (low + high) / 2;
  minimum.error = std::max(minimum.error, (high - low) / 2);
  return minimum;
}

Skewness skewness_of(const Image& image) {
  constexpr Index a_side = 4;
  constexpr std::size_t parts = a_side * a_side;
  double mean = 0;
  for (const double v : image.values) mean += v / static_cast<double>(image.values.size());
  std::array<double, parts> n{}, two{}, three{};
  for (Index y = 0; y < image.frame.ny; ++y)
    for (Index x = 0; x < image.frame.nx; ++x) {
      const double v = image.values[y * image.frame.nx + x] - mean;
      const auto part = static_cast<std::size_t>(y * a_side / image.frame.ny * a_side + x * a_side / image.frame.nx);
      n[part] += 1;
      two[part] += v * v;
      three[part] += v * v * v;
    }
  const auto of = [&](std::size_t without) {
    double count = 0, squares = 0, cubes = 0;
    for (std::size_t p = 0; p < parts; ++p) {
      if (p == without) continue;
      count += n[p];
      squares += two[p];
      cubes += three[p];
    }
    return squares > 0 ? cubes / count / std::pow(squares / count, 1.5) : 0.0;
  };
  Skewness result{.value = of(parts)};
  double sum = 0, squares = 0;
  for (std::size_t p = 0; p < parts; ++p) {
    sum += of(p) / parts;
    squares += of(p) * of(p);
  }
  const double count = parts;
  result.error = std::sqrt(std::max(0.0, (count - 1) / count * (squares - count * sum * sum)));
  return result;
}

}  // namespace tessera
