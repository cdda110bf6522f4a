#include "src/workflow/reconstruct/metrics.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "src/arrays/gpu.hpp"
#include "src/base/median.hpp"
#include "src/base/version.hpp"

namespace tessera {

namespace {

std::string extent_name(Extent extent) {
  return extent == Extent::voxel ? "voxel" : extent == Extent::position ? "position" : "global";
}

nlohmann::ordered_json as_json(const std::vector<SolvedUnknown>& unknowns,
                               const std::vector<ParameterSummary>& parameters,
                               const std::vector<UnknownHistory>& histories) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const SolvedUnknown& unknown : unknowns)
    list.push_back({{"name", unknown.name},
                    {"unit", unknown.unit},
                    {"extent", extent_name(unknown.extent)},
                    {"reals", unknown.reals},
                    {"from", unknown.range.from}});
  for (nlohmann::ordered_json& unknown : list) {
    for (const UnknownHistory& history : histories)
      if (history.name == unknown["name"]) unknown["history"] = history.rms_change;
    for (const ParameterSummary& parameter : parameters) {
      if (parameter.name != unknown["name"]) continue;
      unknown["rms_change"] = parameter.rms_change;
      if (parameter.standard_error > 0) unknown["standard_error"] = parameter.standard_error;
      if (parameter.joint_error > 0) unknown["standard_error_joint"] = parameter.joint_error;
      if (!parameter.values.empty()) unknown["changes"] = parameter.values;
    }
  }
  return list;
}

/// What root's GPU is, how many positions it took together, how often the host waited for it, and how
/// overlaps cross between ranks.
void add_gpu(nlohmann::ordered_json& metrics, const ModelShape& shape, HaloPath halo) {
  if (shape.device != DeviceKind::cuda) return;
  const gpu::Card card = gpu::card(gpu::in_use());
  metrics["gpu"] = {{"name", card.name},
                    {"pci", card.bus_id},
                    {"batch", shape.batch},
                    {"waits", gpu::waits()},
                    {"halo", halo == HaloPath::direct ? "direct" : "staged"}};
}

/// What the pixels tell that were not fitted; nothing when there are none.
void add_held_out(nlohmann::ordered_json& metrics, const RunOptions& options, const RunFigures& figures) {
  const SolveReport& solve = figures.solve;
  if (solve.held_out_loss.empty()) return;
  const auto at = static_cast<std::size_t>(solve.result_iteration);
  metrics["held_out_share"] = options.solve.held_out;
  metrics["held_out_by"] = options.solve.held_out_patterns ? "pattern" : "pixel";
  metrics["held_out_pixels"] = solve.pixels.held_out;
  metrics["fitted_pixels"] = solve.pixels.fitted;
  metrics["held_out_loss"] = solve.held_out_loss;
  metrics["fitted_loss"] = solve.fitted_loss;
  metrics["held_out_loss_per_pixel"] = solve.held_out_loss[at] / solve.pixels.held_out;
  metrics["fitted_loss_per_pixel"] = solve.fitted_loss[at] / solve.pixels.fitted;
  metrics["held_out_r_factor"] = figures.quality.held_out_residual / figures.quality.held_out_root;
}

nlohmann::ordered_json as_json(const KernelTable& table) {
  nlohmann::ordered_json kernels = nlohmann::ordered_json::object();
  for (const auto& [name, kernel] : table)
    kernels[name] = {{"seconds", kernel.seconds},
                     {"calls", kernel.calls},
                     {"bytes_read", kernel.moved.read},
                     {"bytes_written", kernel.moved.written}};
  return kernels;
}

void add_profile(nlohmann::ordered_json& metrics, const std::optional<KernelProfile>& profile) {
  if (!profile) return;
  metrics["profile"] = {{"sweeps", profile->sweeps},
                        {"sweep_seconds", profile->sweep_seconds},
                        {"kernels", as_json(profile->in_sweeps)},
                        {"beside_sweeps", as_json(profile->beside)}};
}

/// Each figure with its good range, in which null is no limit.
nlohmann::ordered_json as_json(const std::vector<SheetRow>& rows) {
  const auto limit = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
  };
  nlohmann::ordered_json sheet = nlohmann::ordered_json::object();
  for (const SheetRow& row : rows)
    sheet[row.key] = {{"what", row.what},          {"unit", row.unit},        {"value", row.value},
                      {"least", limit(row.least)}, {"most", limit(row.most)}, {"good", row.good()}};
  return sheet;
}

}  // namespace

template <class Real>
void write_metrics(Problem<Real>& problem, const RunOptions& options, const RunFigures& figures,
                   const OutputPlace& place) {
  const Comm& comm = problem.comm();
  const SolveReport& solve = figures.solve;
  const ModelShape& shape = problem.shape();
  const double per_gradient_s = comm.max(median(solve.gradient_seconds));
  const auto traffic = problem.traffic();
  const std::vector<double> peak = comm.gather_all(static_cast<double>(peak_memory_bytes()));
  const std::vector<double> baseline = comm.gather_all(static_cast<double>(figures.baseline_bytes));
  const std::vector<double> predicted = comm.gather_all(static_cast<double>(figures.predicted_bytes));
  const double measured_bytes = comm.sum(traffic.measured_bytes), planned_bytes = comm.sum(traffic.planned_bytes);
  const double waiting_s = comm.max(traffic.seconds_waiting);
  const double compute_s = comm.max(problem.seconds().compute), exchange_s = comm.max(problem.seconds().exchange);
  const double reduce_s = comm.max(problem.seconds().reduce);
  comm.agree([&] {
    if (!comm.is_root()) return;
    const double wave_slices =
        static_cast<double>(problem.setup().tiling.owner.size()) * static_cast<double>(shape.modes * shape.slices);
    nlohmann::ordered_json metrics{
        {"run_id", place.facts->run_id},
        {"loss", solve.loss},
        {"r_factor", figures.quality.residual / figures.quality.root},
        {"expected_loss", figures.quality.expected_loss},
        {"misfit",
         {{"median", figures.residuals.median},
          {"largest", figures.residuals.largest},
          {"largest_of_pattern", figures.residuals.worst}}},
        {"unknowns", as_json(solve.unknowns, figures.parameters, figures.histories)},
        {"iterations", solve.iterations},
        {"gradients", solve.gradients},
        {"stop_reason", solve.stop_reason},
        {"result_iteration", solve.result_iteration},
        {"seconds_per_gradient", per_gradient_s},
        {"wave_slices_per_second", wave_slices / per_gradient_s},
        {"seconds",
         {{"read", figures.read_s},
          {"compute", compute_s},
          {"exchange", exchange_s},
          {"exposed_wait", waiting_s},
          {"reduce", reduce_s},
          {"solver", std::max(0.0, solve.seconds - compute_s - exchange_s - reduce_s)},
          {"write", figures.write_s},
          {"total", figures.total_s}}},
        {"exchanged_bytes_per_gradient", {{"measured", measured_bytes}, {"planned", planned_bytes}}},
        {"peak_memory_bytes", peak},
        {"baseline_memory_bytes", baseline},
        {"predicted_memory_bytes", predicted},
        {"read_amplification", figures.read_amplification},
        {"electrons_per_pattern", figures.mean_electrons},
        {"sampling", as_json(figures.sheet)},
        {"ranks", comm.size()},
        {"threads", options.run.threads},
        {"device", name_of(shape.device)},
        {"precision", options.run.precision == Precision::single ? "single" : "double"},
        {"versions", {{"tessera", version}, {"revision", revision}, {"compiler", compiler}}}};
    add_held_out(metrics, options, figures);
    add_gpu(metrics, shape, problem.setup().halo);
    add_profile(metrics, figures.profile);
    write_text_atomically(place.directory + "/metrics.json", metrics.dump(1) + "\n");
  });
}

Index peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<Index>(usage.ru_maxrss) * 1024;
}

template void write_metrics(Problem<float>&, const RunOptions&, const RunFigures&, const OutputPlace&);
template void write_metrics(Problem<double>&, const RunOptions&, const RunFigures&, const OutputPlace&);

}  // namespace tessera
