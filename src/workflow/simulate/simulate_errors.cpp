#include "src/workflow/simulate/simulate_errors.hpp"

#include "src/base/random.hpp"
#include "src/workflow/simulate/simulate_noise.hpp"

namespace tessera {
namespace {

/// Streams of random numbers; those before belong to jitter and noise.
enum Stream : std::uint64_t { moved = 4, dose = 5, descan = 6 };

std::vector<double> normals(const SimulateOptions& simulate, Stream stream, double deviation, Index per_position) {
  if (deviation == 0) return {};
  const std::uint64_t seed = random_key(simulate.seed, stream, 0);
  std::vector<double> values;
  for (Index i = 0; i < per_position * simulate.scan.shape[0] * simulate.scan.shape[1]; ++i)
    values.push_back(deviation * random_normal(seed, i));
  return values;
}

std::vector<PointYX> pairs(const std::vector<double>& values) {
  std::vector<PointYX> points;
  for (std::size_t i = 0; i < values.size(); i += 2) points.push_back({values[i], values[i + 1]});
  return points;
}

}  // namespace

SimulatedErrors simulated_errors(const SimulateOptions& simulate) {
  return {.moved_A = pairs(normals(simulate, moved, simulate.position_error_A, 2)),
          .log_dose = normals(simulate, dose, simulate.dose_spread, 1),
          .descan_px = pairs(normals(simulate, descan, simulate.descan_px, 2))};
}

}  // namespace tessera
