#include "src/workflow/examine/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "src/analysis/registration.hpp"

namespace tessera {
namespace {

constexpr double edge_A = 1;
constexpr double largest_shift_A = 1;
constexpr double band_limit = 2.0 / 3;

/// The field on which images are compared, and how the reference comes onto it.
struct Field {
  Box box;  ///< of the result's pixels
  double cutoff_invA = 0;
  PointYX shift_A;

  Image of_result(const Image& image) const {
    Image part = crop(low_pass(image, cutoff_invA), box);
    remove_plane(part);
    return part;
  }
  Image of_reference(const Image& image, const ObjectFrame& result) const {
    Image part = resample(low_pass(image, cutoff_invA), crop(result, box), shift_A);
    remove_plane(part);
    return part;
  }
};

Field make_field(const Image& result, const Image& reference, const std::vector<PointYX>& positions_A) {
  const ObjectFrame &a = result.frame, &b = reference.frame;
  if (positions_A.empty()) {
    throw InputError(ExitCode::data_missing, "neither file holds scan positions, which give the field to compare");
  }
  Field field;
  field.box = scanned_box(positions_A, a, edge_A);
  field.cutoff_invA = band_limit * 0.5 / std::max({a.dy_A, a.dx_A, b.dy_A, b.dx_A});
  field.shift_A = find_shift(field.of_result(result), low_pass(reference, field.cutoff_invA), largest_shift_A);
  return field;
}

Agreement agreement(const Field& field, const Image& result, const Image& reference) {
  const Image a = field.of_result(result), b = field.of_reference(reference, result.frame);
  return {correlation(a, b), normalised_error(a, b), frc_half_bit_A(a, b, field.cutoff_invA)};
}

/// Group g of `groups`, of which each is the sum of neighbouring planes.
Image read_group(const PhasePlanes& planes, Index g, Index groups) {
  return read_sum(planes, g * planes.n_planes / groups, (g + 1) * planes.n_planes / groups, planes.frame.box());
}

nlohmann::json as_json(const Comparison& comparison) {
  const auto values = [&](double Agreement::*member) {
    nlohmann::json slices = nlohmann::json::array();
    for (const Agreement& slice : comparison.slices) slices.push_back(slice.*member);
    return nlohmann::json{{"sum", comparison.sum.*member}, {"slices", slices}};
  };
  const auto& rms_A = comparison.position_rms_A;
  return {{"correlation", values(&Agreement::correlation)},
          {"normalised_error", values(&Agreement::normalised_error)},
          {"frc_half_bit_A", values(&Agreement::frc_half_bit_A)},
          {"position_rms_A", rms_A ? nlohmann::json(*rms_A) : nlohmann::json()},
          {"shift_A", {comparison.shift_A.y, comparison.shift_A.x}},
          {"field_px", {comparison.ny, comparison.nx}}};
}

std::string as_text(const Comparison& comparison) {
  const auto row = [](const std::string& name, const Agreement& a) {
    return fmt::format("{:<10} {:>11.4f} {:>16.4f} {:>14.3f}\n", name, a.correlation, a.normalised_error,
                       a.frc_half_bit_A);
  };
  std::string text = fmt::format("{} x {} pixels compared, reference shifted by ({:.3f}, {:.3f}) A\n", comparison.ny,
                                 comparison.nx, comparison.shift_A.y, comparison.shift_A.x);
  text += fmt::format("{:<10} {:>11} {:>16} {:>14}\n", "", "correlation", "normalised_error", "frc_half_bit_A");
  text += row("sum", comparison.sum);
  for (std::size_t s = 0; s < comparison.slices.size(); ++s) {
    text += row(fmt::format("slice {}", s), comparison.slices[s]);
  }
  if (comparison.position_rms_A) text += fmt::format("position_rms_A {:.4f}\n", *comparison.position_rms_A);
  return text;
}

}  // namespace

Comparison compare(const PhaseStack& result, const PhaseStack& reference) {
  Comparison comparison;
  Field field;
  {
    const Image ours = read_group(result.sum, 0, 1), theirs = read_group(reference.sum, 0, 1);
    field = make_field(ours, theirs, result.positions_A.empty() ? reference.positions_A : result.positions_A);
    comparison.sum = agreement(field, ours, theirs);
  }
  const Index n_slices = std::min(result.slices.n_planes, reference.slices.n_planes);
  for (Index s = 0; s < n_slices; ++s)
    comparison.slices.push_back(
        agreement(field, read_group(result.slices, s, n_slices), read_group(reference.slices, s, n_slices)));
  if (!result.positions_A.empty() && result.positions_A.size() == reference.positions_A.size()) {
    comparison.position_rms_A = position_rms_A(result.positions_A, reference.positions_A);
  }
  comparison.shift_A = field.shift_A;
  comparison.ny = field.box.height();
  comparison.nx = field.box.width();
  return comparison;
}

int run_compare(const Comm& comm, const CommandLine& line) {
  comm.agree([&] {
    if (!comm.is_root()) return;
    const Comparison comparison = compare(find_phase_stack(line.result), find_phase_stack(line.reference));
    const std::string text = line.json ? as_json(comparison).dump(2) + "\n" : as_text(comparison);
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
  return 0;
}

}  // namespace tessera
