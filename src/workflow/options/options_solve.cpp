#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {
namespace {

OptionEntry loss_epsilon_entry() {
  OptionEntry entry = number_entry(
      {"loss.epsilon", "electrons", "0.1",
       "added to model and data, which rounds the loss at empty pixels (poisson: 0.1, amplitude: 0.01; positive for "
       "both); the other kinds do not use it"},
      limits::epsilon_e, [](auto& o) -> auto& { return o.loss.epsilon; });
  entry.computed_default = [](const RunOptions& o) { return o.loss.kind == LossKind::amplitude ? "0.01" : "0.1"; };
  return entry;
}

std::vector<OptionEntry> loss_entries() {
  return {
      choice_entry<LossKind>(
          {"loss.kind", "", "poisson",
           "how the patterns are compared with the model; weighted: least squares with the variance of the mean "
           "pattern, and the covariance that it gives to channels, which may be negative"},
          {{"poisson", LossKind::poisson},
           {"amplitude", LossKind::amplitude},
           {"anscombe", LossKind::anscombe},
           {"gaussian", LossKind::gaussian},
           {"weighted", LossKind::weighted}},
          [](auto& o) -> auto& { return o.loss.kind; }),
      loss_epsilon_entry(),
      choice_entry<PropagatorKind>(
          {"propagation.kind", "", "angular_spectrum", "propagator between slices"},
          {{"angular_spectrum", PropagatorKind::angular_spectrum}, {"fresnel", PropagatorKind::fresnel}},
          [](auto& o) -> auto& { return o.propagation.kind; }),
      number_entry(
          {"propagation.band_limit", "", "null",
           "cut-off of the probe and between slices, of the Nyquist frequency of the waves' pixel; 1: none; null: 1, "
           "but 0.6667 with "
           "transmission: patch and for simulate"},
          limits::band_limit, [](auto& o) -> auto& { return o.propagation.band_limit; }),
      number_entry(
          {"propagation.taper", "", "0", "width of the cut-off's soft edge, of the Nyquist frequency"},
          limits::fraction, [](auto& o) -> auto& { return o.propagation.taper; }),
      choice_entry<TransmissionLimit>(
          {"propagation.transmission", "", "none",
           "whether the transmission of each patch is band limited, too; simulate always does it"},
          {{"none", TransmissionLimit::none}, {"patch", TransmissionLimit::patch}},
          [](auto& o) -> auto& { return o.propagation.transmission; }),
  };
}

std::vector<OptionEntry> method_entries() {
  return {
      choice_entry<std::string>(
          {"solve.method", "", "blmvm", "optimiser of PETSc/TAO"},
          {{"blmvm", "blmvm"}, {"lmvm", "lmvm"}, {"bqnls", "bqnls"}, {"bncg", "bncg"}, {"cg", "cg"}},
          [](auto& o) -> auto& { return o.solve.method; }),
      number_entry(
          {"solve.iterations", "", "60", "largest number of iterations"}, limits::iteration,
          [](auto& o) -> auto& { return o.solve.iterations; }),
      number_entry(
          {"solve.max_gradients", "", "null", "largest number of sweeps over the data; null: no bound"},
          limits::gradients, [](auto& o) -> auto& { return o.solve.max_gradients; }),
      number_entry(
          {"solve.history", "", "5", "pairs that a quasi-Newton method remembers"}, limits::history,
          [](auto& o) -> auto& { return o.solve.history; }),
      number_entry(
          {"solve.refresh", "", "0",
           "iterations after which windows follow their positions and the scales of the variables are made anew; 0: "
           "never"},
          limits::iteration, [](auto& o) -> auto& { return o.solve.refresh; }),
      number_entry(
          {"solve.relative_decrease", "", "0",
           "stops when an iteration lowers the loss by less than this part of it; 0: off"},
          limits::fraction, [](auto& o) -> auto& { return o.solve.relative_decrease; }),
      number_entry(
          {"solve.expected_loss", "", "0",
           "stops when the loss is below this multiple of the one that noise alone gives; 0: off"},
          limits::expected_loss, [](auto& o) -> auto& { return o.solve.expected_loss; }),
  };
}

std::vector<OptionEntry> held_out_entries() {
  OptionEntry stop{"solve.stop",
                   "",
                   "null",
                   "null or held_out",
                   "held_out: ends when the held-out loss has turned (no new minimum for some iterations, all unknowns "
                   "having begun); whatever ends the solve, its result is the iterate where that loss is smallest",
                   [](const Value& value, RunOptions& options) {
                     options.solve.stop = StopRule::none;
                     if (value.is_null()) return;
                     if (value.node().scalar != "held_out") value.reject("null or held_out");
                     options.solve.stop = StopRule::held_out;
                   }};
  return {
      number_entry(
          {"solve.held_out", "", "0",
           "share of the valid pixels, chosen at random, that is not fitted; their loss is reported beside the fitted "
           "one and tells when the fit begins to follow the noise; 0: none"},
          limits::held_out, [](auto& o) -> auto& { return o.solve.held_out; }),
      choice_entry<bool>(
          {"solve.held_out_by", "", "pixel",
           "what is held out: pixels of each pattern, or whole patterns; where the detector blurs, a pixel's "
           "neighbours tell a part of it, a pattern's do not"},
          {{"pixel", false}, {"pattern", true}}, [](auto& o) -> auto& { return o.solve.held_out_patterns; }),
      stop,
  };
}

std::vector<OptionEntry> device_entries() {
  return {
      choice_entry<Precision>(
          {"run.precision", "", "single", "precision of waves and object; sums are always double"},
          {{"single", Precision::single}, {"double", Precision::double_}},
          [](auto& o) -> auto& { return o.run.precision; }),
      choice_entry<DeviceChoice>(
          {"run.device", "", "auto",
           "where the model runs; auto: a GPU for each rank where program and node have one, else the host; debug: "
           "separate protected memory, to find missing copies"},
          {{"auto", DeviceChoice::automatic},
           {"host", DeviceChoice::host},
           {"debug", DeviceChoice::debug},
           {"cuda", DeviceChoice::cuda}},
          [](auto& o) -> auto& { return o.run.device; }),
      bool_entry(
          {"run.share_gpu", "", "false", "true: ranks of a node may share a GPU, which is slower than a GPU for each"},
          [](auto& o) -> auto& { return o.run.share_gpu; }),
      choice_entry<PatternPlace>(
          {"run.patterns_on", "", "auto",
           "where patterns are kept when a GPU computes: on it, or in the host's memory, from which each batch is "
           "copied when it is its turn (run.threads: 2 hides the copies); auto: on the GPU if they take at most half "
           "of its memory"},
          {{"auto", PatternPlace::automatic}, {"gpu", PatternPlace::gpu}, {"host", PatternPlace::host}},
          [](auto& o) -> auto& { return o.run.patterns_on; }),
      choice_entry<GpuAwareMpi>(
          {"run.gpu_aware_mpi", "", "auto",
           "whether ranks exchange straight from GPU to GPU; auto: where MPI says that it can, and a message between "
           "all ranks arrives; on: where the message arrives, whatever MPI says (one that cannot may crash); else, and "
           "with off, through memory of the host"},
          {{"auto", GpuAwareMpi::automatic}, {"on", GpuAwareMpi::on}, {"off", GpuAwareMpi::off}},
          [](auto& o) -> auto& { return o.run.gpu_aware_mpi; }),
      number_entry(
          {"run.batch", "", "null",
           "positions that a GPU computes together; null: what is fast and fits its memory; a host takes one"},
          limits::batch, [](auto& o) -> auto& { return o.run.batch; }),
      choice_entry<Recompute>(
          {"run.recompute", "", "auto",
           "whether the waves before each slice are kept for the way back (never), or only some 2 sqrt(slices) of "
           "them, from which the others are made again in 15 to 40 % more time (always); auto: kept, unless memory is "
           "short; the result is the same, bit for bit"},
          {{"auto", Recompute::automatic}, {"never", Recompute::never}, {"always", Recompute::always}},
          [](auto& o) -> auto& { return o.run.recompute; }),
      number_entry(
          {"run.threads", "", "1",
           "threads of each rank, or streams of its GPU; the result is the same for any number, bit for bit"},
          limits::threads, [](auto& o) -> auto& { return o.run.threads; }),
  };
}

std::vector<OptionEntry> run_entries() {
  return {
      number_entry(
          {"run.seed", "", "0", "seed of what is chosen at random: the pixels of solve.held_out"}, limits::seed,
          [](auto& o) -> auto& { return o.run.seed; }),
      bool_entry(
          {"run.profile", "", "false",
           "true: measures seconds, calls and bytes of every kernel, into metrics.json and as a table at the end; "
           "--profile sets it"},
          [](auto& o) -> auto& { return o.run.profile; }),
      bool_entry(
          {"run.reproducible", "", "false",
           "true: result.emd holds no times, places, paths or random numbers: two runs with as many ranks on the same "
           "data give the same bytes; --reproducible sets it"},
          [](auto& o) -> auto& { return o.run.reproducible; }),
      bool_entry(
          {"run.strict", "", "false", "true: what would be a warning before the solve ends the run, for batch jobs"},
          [](auto& o) -> auto& { return o.run.strict; }),
      text_entry(
          {"run.calibrated", "", "null",
           "what `tessera calibrate` says of itself in the run file that it writes, for results and `tessera history`; "
           "nothing acts on it"},
          "a text", [](auto& o) -> auto& { return o.run.calibrated; }),
  };
}

std::vector<OptionEntry> output_entries() {
  return {
      text_entry(
          {"output.directory", "", "null", "folder of the results; it is created"}, "a folder",
          [](auto& o) -> auto& { return o.output.directory; }, OptionEntry::Kind::path),
      bool_entry(
          {"output.pictures", "", "true", "writes PNG pictures of object, probe and loss"},
          [](auto& o) -> auto& { return o.output.pictures; }),
      bool_entry(
          {"output.report", "", "true", "writes report.html, one page with all that the run has to show"},
          [](auto& o) -> auto& { return o.output.report; }),
      choice_entry<HashChoice>(
          {"output.hash", "", "full",
           "what of the input files the result knows them by (SHA-256): all, which reads them once more, shared by the "
           "ranks; the first MiB; or nothing"},
          {{"full", HashChoice::full}, {"head", HashChoice::head}, {"none", HashChoice::none}},
          [](auto& o) -> auto& { return o.output.hash; }),
      number_entry(
          {"output.every", "", "0", "writes an intermediate result every so many iterations; 0: none"},
          limits::iteration, [](auto& o) -> auto& { return o.output.every; }),
      list_entry(
          {"output.joint_errors", "", "[]",
           "unknowns whose least uncertainty (Cramer and Rao) is also found with all that is refined free, after the "
           "solve; each takes as long as some 200 gradients"},
          "a list of refined unknowns", [](RunOptions& o) { o.output.joint_errors.clear(); },
          [](const Value& name, RunOptions& o) { o.output.joint_errors.push_back(name.text()); }),
      {"petsc",
       "",
       "{}",
       "{name: value}",
       "handed to PETSc's options database: {tao_monitor: true}",
       [](const Value& value, RunOptions& options) {
         options.petsc.clear();
         if (!value.is_map() && !value.is_null()) value.reject("a map of PETSc's option names and values");
         for (const auto& [name, node] : value.node().members) {
           options.petsc.emplace_back(name, node.is_null() ? "" : Value(value.key() + "." + name, "", node).text());
         }
       },
       {},
       OptionEntry::Kind::tree},
  };
}

}  // namespace

std::vector<OptionEntry> solve_entries() {
  std::vector<OptionEntry> entries = refine_entries();
  for (auto* part : {loss_entries, regulariser_entries, method_entries, held_out_entries, device_entries, run_entries,
                     output_entries}) {
    for (OptionEntry& entry : part()) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace tessera::detail
