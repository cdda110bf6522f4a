#include "src/workflow/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "src/model/registration.hpp"

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

Field make_field(const PhaseStack& result, const PhaseStack& reference) {
  const ObjectFrame &a = result.sum.frame, &b = reference.sum.frame;
  const auto& positions_A = result.positions_A.empty() ? reference.positions_A : result.positions_A;
  if (positions_A.empty()) {
    throw InputError(ExitCode::data_missing, "neither file holds scan positions, which give the field to compare");
  }
  Field field;
  field.box = scanned_box(positions_A, a, edge_A);
  field.cutoff_invA = band_limit * 0.5 / std::max({a.dy_A, a.dx_A, b.dy_A, b.dx_A});
  field.shift_A = find_shift(field.of_result(result.sum), low_pass(reference.sum, field.cutoff_invA), largest_shift_A);
  return field;
}

Agreement agreement(const Field& field, const Image& result, const Image& reference) {
  const Image a = field.of_result(result), b = field.of_reference(reference, result.frame);
  return {correlation(a, b), normalised_error(a, b), frc_half_bit_A(a, b, field.cutoff_invA)};
}

/// Sums neighbours so that `groups` images are left.
std::vector<Image> grouped(const std::vector<Image>& slices, std::size_t groups) {
  std::vector<Image> sums;
  for (std::size_t g = 0; g < groups; ++g) {
    Image sum = slices[g * slices.size() / groups];
    for (std::size_t s = g * slices.size() / groups + 1; s < (g + 1) * slices.size() / groups; ++s) {
      for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += slices[s].values[i];
    }
    sums.push_back(std::move(sum));
  }
  return sums;
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
  const Field field = make_field(result, reference);
  Comparison comparison;
  comparison.sum = agreement(field, result.sum, reference.sum);
  const std::size_t n_slices = std::min(result.slices.size(), reference.slices.size());
  const std::vector<Image> ours = grouped(result.slices, n_slices), theirs = grouped(reference.slices, n_slices);
  for (std::size_t s = 0; s < n_slices; ++s) comparison.slices.push_back(agreement(field, ours[s], theirs[s]));
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
    const Comparison comparison = compare(read_phase_stack(line.result), read_phase_stack(line.reference));
    const std::string text = line.json ? as_json(comparison).dump(2) + "\n" : as_text(comparison);
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
  return 0;
}

}  // namespace tessera
