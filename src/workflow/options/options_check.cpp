#include "src/workflow/options/options_check.hpp"

#include <algorithm>
#include <cmath>

#include "src/model/unknowns/rows.hpp"

namespace tessera {
namespace {

/// Reports against the keys of one run file.
class Checker {
 public:
  Checker(const YamlNode& root, Command command) : root_(root), command_(command) {}

  /// `key` is missing or null although the command needs it.
  void need(bool given, const std::string& keys) const {
    if (given) return;
    throw_run_file(fmt::format("{} is missing; `tessera {}` needs it", keys, command_word(command_)));
  }

  /// At most one of the keys may be given.
  void exclude(const std::vector<std::string>& keys) const {
    std::vector<std::string> given;
    for (const std::string& key : keys) {
      const YamlNode* node = find_yaml(root_, key);
      if (node && !node->is_null()) given.push_back(key);
    }
    if (given.size() > 1) {
      throw_run_file(fmt::format("{} and {} are both given; only one may be ({})", given[0], given[1],
                                 yaml_place(*find_yaml(root_, given[1]))));
    }
  }

  void reject(const std::string& key, const std::string& must) const {
    const YamlNode* node = find_yaml(root_, key);
    TESSERA_ASSERT(node != nullptr, key);
    Value(key, "", *node).reject(must);
  }

 private:
  const YamlNode& root_;
  Command command_;
};

void check_beam(const RunOptions& options, const Checker& check, Command command) {
  check.exclude({"beam.energy_keV", "beam.wavelength_A"});
  check.exclude({"detector.pixel_mrad", "detector.pixel_invA", "detector.bright_field_radius_px"});
  check.need(options.beam.energy_eV || options.beam.wavelength_A, "beam.energy_keV (or beam.wavelength_A)");
  const DetectorOptions& detector = options.detector;
  if (command != Command::calibrate)  // which finds it
    check.need(detector.pixel_rad || detector.pixel_invA || detector.bright_field_radius_px,
               "detector.pixel_mrad (or detector.pixel_invA or detector.bright_field_radius_px)");
  check.need(options.beam.semiangle_rad || !detector.bright_field_radius_px,
             "beam.semiangle_mrad, to which detector.bright_field_radius_px refers,");
  check.need(options.beam.semiangle_rad || options.beam.initial, "beam.semiangle_mrad (or beam.initial)");
  for (const auto& [name, value] : options.beam.aberrations) {
    if (!name.starts_with("phi") || value == 0) continue;
    const std::string order = name.substr(3, 2);
    const bool found = std::ranges::any_of(options.beam.aberrations,
                                           [&](const auto& other) { return other.first == "C" + order + "_A"; });
    if (!found)
      throw_run_file(fmt::format("beam.aberrations.phi{0}_deg is given without C{0}_A, whose angle it is", order));
  }
}

/// Where the model is dark, these have a slope only if the loss is rounded.
void check_loss(const LossOptions& loss, const Checker& check) {
  if (loss.epsilon == 0 && (loss.kind == LossKind::poisson || loss.kind == LossKind::amplitude))
    check.reject("loss.epsilon", "positive for loss.kind poisson and amplitude");
}

void check_virtual(const RunOptions& options, const Checker& check) {
  const DetectorOptions& detector = options.detector;
  if (detector.virtual_detectors && detector.bin > 1)
    check.reject("detector.bin", "1 with detector.virtual, whose weights are of the file's pixels");
  if (detector.virtual_set) check.need(detector.virtual_detectors.has_value(), "detector.virtual");
  const bool mixed = options.loss.kind == LossKind::weighted || detector.virtual_set;
  if (detector.virtual_detectors && mixed && options.refine.contains("background"))
    throw_run_file(
        "refine.background counts electrons in each channel, which mean nothing where loss.kind: weighted mixes "
        "channels or detector.virtual_set exchanges them; leave it out");
}

/// What an empty object says nothing of would be scaled by nothing; two names for one change have no minimum.
void check_order(const RunOptions& options) {
  const auto object = options.refine.find("object"), probe = options.refine.find("probe");
  for (const UnknownRow& row : unknown_rows()) {
    const auto found = options.refine.find(row.name);
    if (found == options.refine.end()) continue;
    const RefineOptions& range = found->second;
    if (row.needs_object && !options.object.initial &&
        (object == options.refine.end() || range.from <= object->second.from))
      throw_run_file(
          fmt::format("refine.{}.from is {}; it must be later than refine.object.from, as an empty object says "
                      "nothing of it (or give object.initial)",
                      row.name, range.from));
    if (row.within_probe && probe != options.refine.end() && range.from < probe->second.until &&
        probe->second.from < range.until)
      throw_run_file(
          fmt::format("refine.{} and refine.probe are active together, but the probe's pixels hold it, too; "
                      "let one end before the other begins (until, from)",
                      row.name));
  }
}

/// They are looked at when the solve has ended.
void check_joint_errors(const RunOptions& options, const Checker& check) {
  for (const std::string& name : options.output.joint_errors) {
    const auto found = options.refine.find(name);
    const bool to_the_end = found != options.refine.end() && found->second.from < options.solve.iterations &&
                            found->second.until >= options.solve.iterations;
    if (!to_the_end || name == "object" || name == "probe")
      check.reject("output.joint_errors",
                   "a list of unknowns that are refined to the end, other than object and probe");
  }
}

void check_representation(const ObjectOptions& object, const RunOptions& options, const Checker& check) {
  if (object.representation == Representation::potential && !options.beam.energy_eV)
    throw_run_file("object.representation is potential; it needs beam.energy_keV, which turns it into a phase");
  if (object.representation != Representation::absorption_ratio && object.absorption_ratio != 0)
    check.reject("object.absorption_ratio", "left out unless object.representation is absorption_ratio");
  const bool bounded =
      options.solve.method == "blmvm" || options.solve.method == "bqnls" || options.solve.method == "bncg";
  if (object.positive.phase && !bounded)
    check.reject("solve.method", "blmvm, bqnls or bncg with object.positive: [phase], which is a bound");
  if (object.positive.phase && object.representation == Representation::complex_transmission)
    check.reject("object.positive", "without phase when object.representation is complex");
}

/// The keys of a regulariser that only some kinds read, and whether they are other than by default.
std::vector<std::pair<std::string, bool>> given_beside_kind(const Regulariser& regulariser, const RegulariserRow& row) {
  const Regulariser usual;
  return {{"of", regulariser.of != usual.of},
          {"epsilon_rad", regulariser.epsilon_rad != row.epsilon_rad},
          {"z_weight", regulariser.z_weight != usual.z_weight},
          {"beta", regulariser.beta != usual.beta},
          {"eta", regulariser.eta != usual.eta},
          {"ratio", regulariser.ratio != usual.ratio}};
}

/// What each kind needs and reads is in its row.
void check_regularisers(const RunOptions& options, const Checker& check) {
  const Representation representation = options.object.representation;
  if (!options.regularisers.empty() && representation == Representation::complex_transmission)
    check.reject("object.representation", "phase_absorption or phase with regularisers, which act on these");
  for (std::size_t i = 0; i < options.regularisers.size(); ++i) {
    const RegulariserOptions& regulariser = options.regularisers[i];
    const RegulariserRow& row = regulariser_row(regulariser.kind);
    const std::string item = fmt::format("regularisers[{}].", i);
    for (const auto& [key, given] : given_beside_kind(regulariser, row))
      if (given && std::ranges::count(row.keys, key) == 0)
        check.reject(item + key, fmt::format("left out with kind {}, which does not use it", row.name));
    if (regulariser.of == RegulariserTarget::absorption && representation != Representation::phase_absorption)
      check.reject(item + "of",
                   "phase unless object.representation is phase_absorption, as another has no absorption of its own");
    if (row.needs_both && representation != Representation::phase_absorption)
      check.reject(item + "kind", "one of phase alone unless object.representation is phase_absorption");
    if (row.needs_states && options.object.states < 2)
      check.reject(item + "kind", "one of a single object when object.states is 1");
    if (row.needs_slices && options.object.slices < 2)
      check.reject(item + "kind", "one within a slice when object.slices is 1");
  }
}

void check_unknowns(const RunOptions& options, const Checker& check) {
  const bool starts = std::any_of(options.refine.begin(), options.refine.end(),
                                  [](const auto& unknown) { return unknown.second.from == 0; });
  const bool bounded =
      options.solve.method == "blmvm" || options.solve.method == "bqnls" || options.solve.method == "bncg";
  for (const UnknownRow& row : unknown_rows())
    if (!bounded && std::isfinite(row.lower_bound) && options.refine.contains(row.name))
      check.reject("solve.method", fmt::format("blmvm, bqnls or bncg with refine.{}, which has a bound", row.name));
  check_order(options);
  if (options.refine.contains("states") && options.object.states < 2)
    throw_run_file("refine.states needs object.states of 2 or more, whose weights it refines");
  const auto probe = options.refine.find("probe");
  if (probe != options.refine.end() && probe->second.settings.number("aperture") > 0 && !options.beam.semiangle_rad)
    throw_run_file("refine.probe.aperture needs beam.semiangle_mrad, of which it is a multiple");
  if (options.refine.contains("psf") && options.detector.psf_px == 0)
    throw_run_file("refine.psf needs a positive detector.psf_px, from which it starts");
  if (!starts) throw_run_file("refine leaves nothing to solve for; at least one unknown must have {from: 0}");
  check_representation(options.object, options, check);
  check_regularisers(options, check);
}

/// A held-out pattern says nothing of what it has alone: its loss would judge numbers that nothing has fitted.
void check_held_out(const RunOptions& options, const Checker& check) {
  const SolveOptions& solve = options.solve;
  if (solve.held_out > 0 && solve.held_out < 0.01) check.reject("solve.held_out", "0, or from 0.01 to 0.5");
  if (solve.stop == StopRule::held_out && solve.held_out == 0)
    check.reject("solve.stop", "null where solve.held_out is 0; 0.1 is a good share");
  for (const UnknownRow& row : unknown_rows())
    if (solve.held_out > 0 && solve.held_out_patterns && row.extent == Extent::position &&
        options.refine.contains(row.name))
      check.reject("solve.held_out_by",
                   fmt::format("pixel with refine.{}, which only a pattern's own pixels tell", row.name));
}

void check_reconstruct(const RunOptions& options, const Checker& check) {
  if (options.propagation.transmission == TransmissionLimit::patch && options.propagation.band_limit == 1)
    check.reject("propagation.band_limit", "below 1 with propagation.transmission: patch, which it limits");
  check.need(!options.data.file.empty(), "data.file");
  check.need(options.data.positions || options.scan.step_A, "data.positions (or scan.step_A for a raster)");
  check.need(!options.output.directory.empty(), "output.directory");
  check_virtual(options, check);
}

/// What turns, moves or scales measured data has no part in simulated ones.
void check_not_turned(const RunOptions& options, const Checker& check) {
  const DetectorOptions& detector = options.detector;
  const std::pair<const char*, bool> keys[] = {
      {"data.counts_per_electron", options.data.counts_per_electron != DataOptions{}.counts_per_electron},
      {"detector.centre_px", detector.centre_px.has_value()},
      {"detector.bin", detector.bin != 1},
      {"detector.simulate", detector.simulate != 1},
      {"detector.flip_y", detector.flip_y},
      {"detector.flip_x", detector.flip_x},
      {"detector.transpose", detector.transpose},
      {"detector.virtual", detector.virtual_detectors.has_value()},
      {"scan.rotation_deg", options.scan.rotation_rad != 0},
      {"scan.affine", options.scan.affine != ScanOptions{}.affine}};
  for (const auto& [key, turns] : keys)
    if (turns)
      check.reject(key, "left out for `tessera simulate`, which makes patterns that are as the model sees them");
}

void check_simulate(const RunOptions& options, const Checker& check) {
  const SimulateOptions& simulate = options.simulate;
  check.exclude({"simulate.atoms", "simulate.object"});
  check.need(!simulate.atoms.empty() || simulate.object, "simulate.atoms (or simulate.object)");
  check.need(simulate.atoms.empty() || options.beam.energy_eV,
             "beam.energy_keV, which turns the atoms' potential into a phase,");
  check.need(simulate.scan.shape[0] > 0, "simulate.scan.shape");
  check.need(options.scan.step_A.has_value(), "scan.step_A");
  check.need(simulate.detector.shape[0] > 0, "simulate.detector.shape");
  check.need(!simulate.output.empty(), "simulate.output");
  check_not_turned(options, check);
}

/// The aperture is the measure of all angles, and only whole patterns show it.
void check_calibrate(const RunOptions& options, const Checker& check) {
  check.need(options.beam.semiangle_rad.has_value(), "beam.semiangle_mrad");
  if (options.detector.virtual_detectors)
    check.reject("detector.virtual", "null for `tessera calibrate`, which looks at whole patterns");
  if (options.beam.initial)
    check.reject("beam.initial", "null for `tessera calibrate`, which looks for the probe's aberrations");
}

}  // namespace

std::vector<std::string> option_warnings(const RunOptions& options) {
  std::vector<std::string> warnings;
  const int iterations = options.solve.iterations;
  constexpr int object_from = 2;
  for (const auto& [name, range] : options.refine)
    // The object's own default is 2: a run of fewer iterations is a trial.
    if ((name != "object" || range.from > object_from) && iterations > 0 && range.from >= iterations)
      warnings.push_back(fmt::format("refine.{}.from is {}, but solve.iterations is {}: it will not be refined", name,
                                     range.from, iterations));
  return warnings;
}

void check_run_options(const RunOptions& options, const YamlNode& root, Command command) {
  if (command == Command::preprocess) return check_preprocess(options);
  const Checker check(root, command);
  command == Command::simulate ? check_simulate(options, check) : check_reconstruct(options, check);
  if (command == Command::calibrate) check_calibrate(options, check);
  check_beam(options, check, command);
  check_unknowns(options, check);
  check_joint_errors(options, check);
  check_loss(options.loss, check);
  check_held_out(options, check);
}

}  // namespace tessera
