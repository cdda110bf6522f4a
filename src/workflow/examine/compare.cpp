#include "src/workflow/examine/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "src/analysis/registration.hpp"
#include "src/workflow/start/outlet.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {
namespace {

constexpr double edge_A = 1;
constexpr double largest_shift_A = 1;
constexpr double band_limit = 2.0 / 3;

/// Rows of the sum of the planes first <= plane < last, read in strips of about 32 MiB.
RowSource rows_of_sum(const PhasePlanes& planes, Index first, Index last) {
  constexpr Index strip_pixels = Index{1} << 22;
  const Index height = std::max<Index>(1, strip_pixels / planes.frame.nx);
  return [=, strip = Image{}, begin = Index{0}, end = Index{0}](Index y, std::span<double> row) mutable {
    if (y < begin || y >= end) {
      begin = y;
      end = std::min(y + height, planes.frame.ny);
      strip = read_sum(planes, first, last, {begin, 0, end, planes.frame.nx});
    }
    std::copy_n(strip.values.begin() + (y - begin) * planes.frame.nx, row.size(), row.begin());
  };
}

/// The field on which images are compared, and how the reference comes onto it. Three images of the field's size are
/// the most that is held, 24 bytes a pixel, each of which is needed: while the shift is sought, the result's field, the
/// low-passed reference around it, and the latter moved to where it is tried. A low-pass needs half a spectrum of a
/// whole plane (5.3 bytes a pixel at 2/3 of its Nyquist frequency) beside the result's field, and the plane is read in
/// strips; ring correlation gives up either field for half a spectrum.
struct Field {
  Box box;            ///< of the result's pixels
  ObjectFrame frame;  ///< of the box
  double cutoff_invA = 0;
  PointYX shift_A;

  Image of_result(const ObjectFrame& result, const RowSource& rows) const {
    Image part = low_pass(result, rows, cutoff_invA, box);
    remove_plane(part);
    return part;
  }
  /// What any allowed shift needs of it.
  Image around(const ObjectFrame& reference, const RowSource& rows) const {
    const double limit_A = largest_shift_A + std::max(frame.dy_A, frame.dx_A);
    return low_pass(reference, rows, cutoff_invA, reached_by(frame, reference, limit_A));
  }
  Image moved(const Image& reference) const {
    Image part = resample(reference, frame, shift_A);
    remove_plane(part);
    return part;
  }
};

/// The pixels of the result whose centres lie within the reference's.
Box within(const ObjectFrame& result, const ObjectFrame& reference) {
  const PointYX last_A{reference.origin_A.y + static_cast<double>(reference.ny - 1) * reference.dy_A,
                       reference.origin_A.x + static_cast<double>(reference.nx - 1) * reference.dx_A};
  return pixels_within(result, reference.origin_A, last_A);
}

/// The scanned field of the result; its part that the reference has and, where its positions are known, has scanned,
/// when that is clearly less. The edge leaves room for positions that differ a little.
Field make_field(const PhaseStack& result, const PhaseStack& reference, Comparison& comparison) {
  constexpr double nearly_all = 0.95;
  constexpr Index least_px = 8;
  const ObjectFrame &ours = result.sum.frame, &theirs = reference.sum.frame;
  const std::vector<PointYX>& positions_A = result.positions_A.empty() ? reference.positions_A : result.positions_A;
  if (positions_A.empty()) {
    throw InputError(ExitCode::data_missing, "neither file holds scan positions, which give the field to compare");
  }
  Box box = scanned_box(positions_A, ours, edge_A);
  Box common = intersect(box, within(ours, theirs));
  if (!result.positions_A.empty() && !reference.positions_A.empty() && !common.empty())
    common = intersect(common, scanned_box(reference.positions_A, ours, 0));
  comparison.share = static_cast<double>(common.count()) / static_cast<double>(box.count());
  if (common.height() < least_px || common.width() < least_px)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("the fields do not overlap, or by {} x {} pixels only, where {} x {} are needed: {} begins "
                    "at ({:.6g}, {:.6g}) A with {} x {} pixels, {} at ({:.6g}, {:.6g}) A with {} x {}; check "
                    "origin_A and pixel_size_A",
                    common.height(), common.width(), least_px, least_px, result.sum.file, ours.origin_A.y,
                    ours.origin_A.x, ours.ny, ours.nx, reference.sum.file, theirs.origin_A.y, theirs.origin_A.x,
                    theirs.ny, theirs.nx));
  if (comparison.share < nearly_all) {
    box = common;
    comparison.warnings.push_back(fmt::format(
        "the fields overlap in part: {:.0f} % of the result's scanned field are compared", 100 * comparison.share));
  } else {
    comparison.share = 1;
  }
  const double coarsest_A = std::max({ours.dy_A, ours.dx_A, theirs.dy_A, theirs.dx_A});
  return {.box = box, .frame = crop(ours, box), .cutoff_invA = band_limit * 0.5 / coarsest_A, .shift_A = {}};
}

/// Without contrast a correlation is 0/0.
void require_contrast(const Image& image, const std::string& file) {
  const auto [low, high] = std::ranges::minmax(image.values);
  if (high - low > 1e-12 * std::max({1.0, std::abs(low), std::abs(high)})) return;
  throw InputError(
      ExitCode::data_wrong,
      fmt::format("{}: the phase is a plane in the field that is compared: there is nothing to compare", file));
}

Agreement agreement(Image result, Image reference, double cutoff_invA) {
  const double r = correlation(result, reference), error = normalised_error(result, reference);
  Agreement found{.correlation = r, .normalised_error = error, .frc_half_bit_A = 0, .rings = {}};
  found.rings = ring_correlation(std::move(result), std::move(reference), cutoff_invA);
  found.frc_half_bit_A = half_bit_A(found.rings, cutoff_invA);
  return found;
}

/// Group g of `groups`, of which each is the sum of neighbouring planes.
RowSource rows_of_group(const PhasePlanes& planes, Index g, Index groups) {
  return rows_of_sum(planes, g * planes.n_planes / groups, (g + 1) * planes.n_planes / groups);
}

/// Finds the field's shift on the sums and compares these.
Agreement register_sums(Field& field, const PhasePlanes& result, const PhasePlanes& reference) {
  Image ours = field.of_result(result.frame, rows_of_group(result, 0, 1));
  Image theirs = field.around(reference.frame, rows_of_group(reference, 0, 1));
  field.shift_A = find_shift(ours, theirs, largest_shift_A);
  theirs = field.moved(theirs);
  require_contrast(ours, result.file);
  require_contrast(theirs, reference.file);
  return agreement(std::move(ours), std::move(theirs), field.cutoff_invA);
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
          {"field_px", {comparison.ny, comparison.nx}},
          {"field_share", comparison.share},
          {"warnings", comparison.warnings}};
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
  for (const PhasePlanes* planes : {&result.sum, &reference.sum})
    if (!planes->has_origin) comparison.warnings.push_back(without_origin({planes->file, planes->dataset}));
  Field field = make_field(result, reference, comparison);
  comparison.sum = register_sums(field, result.sum, reference.sum);
  const Index n_slices = std::min(result.slices.n_planes, reference.slices.n_planes);
  for (Index s = 0; s < n_slices; ++s) {
    Image ours = field.of_result(result.slices.frame, rows_of_group(result.slices, s, n_slices));
    Image theirs = field.moved(field.around(reference.slices.frame, rows_of_group(reference.slices, s, n_slices)));
    comparison.slices.push_back(agreement(std::move(ours), std::move(theirs), field.cutoff_invA));
  }
  if (!result.positions_A.empty() && result.positions_A.size() == reference.positions_A.size()) {
    comparison.position_rms_A = position_rms_A(result.positions_A, reference.positions_A);
  }
  comparison.shift_A = field.shift_A;
  comparison.cutoff_invA = field.cutoff_invA;
  comparison.ny = field.box.height();
  comparison.nx = field.box.width();
  return comparison;
}

int run_compare(const Comm& comm, const CommandLine& line) {
  Progress progress(comm, "", false);
  comm.agree([&] {
    if (!comm.is_root()) return;
    const Comparison comparison =
        compare(find_phase_stack(OpenFile(line.result)), find_phase_stack(OpenFile(line.reference)));
    for (const std::string& warning : comparison.warnings) progress.warn(warning);
    print_whole(line.json ? as_json(comparison).dump(2) + "\n" : as_text(comparison));
  });
  return 0;
}

}  // namespace tessera
