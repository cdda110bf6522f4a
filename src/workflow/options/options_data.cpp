#include <cmath>

#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {
namespace {

using Kind = OptionEntry::Kind;

/// null, or [start, stop] or [start, stop, step] with a stop of null for the end.
template <class Access>
OptionEntry range_entry(EntryText text, Access access) {
  const std::string allowed = "null, [start, stop] or [start, stop, step] with 0 <= start < stop and step >= 1";
  return entry(text, allowed,
               [=](const Value& value, RunOptions& options) {
                 Range& range = access(options);
                 range = {};
                 if (value.is_null()) return;
                 const std::vector<Value> items = value.items();
                 if (items.size() != 2 && items.size() != 3) value.reject(allowed);
                 assign(items[0], range.start, limits::index, 1);
                 assign(items[1], range.stop, limits::index, 1);
                 if (items.size() == 3) assign(items[2], range.step, limits::index_step, 1);
                 if (range.stop && *range.stop <= range.start) value.reject(allowed);
               },
               {{text.key, limits::index, "[VALUE, null]"},
                {text.key, limits::index, "[0, VALUE]"},
                {text.key, limits::index_step, "[0, null, VALUE]"}});
}

void read_affine(const Value& value, RunOptions& options) {
  const std::string allowed =
      fmt::format("[[a, b], [c, d]], each {}, with a determinant far from zero", limits::affine.text());
  const std::vector<Value> rows = value.items();
  if (rows.size() != 2) value.reject(allowed);
  auto& affine = options.scan.affine;
  for (std::size_t row = 0; row < 2; ++row) {
    const std::vector<Value> numbers = rows[row].items();
    if (numbers.size() != 2) value.reject(allowed);
    for (std::size_t i = 0; i < 2; ++i) affine[2 * row + i] = numbers[i].number(limits::affine);
  }
  // A plane that is pressed into a line says nothing of an object: the same for any unit of the positions.
  constexpr double flattest = 1e-4;
  double squares = 0;
  for (const double number : affine) squares += number * number;
  if (std::abs(affine[0] * affine[3] - affine[1] * affine[2]) <= flattest * squares) value.reject(allowed);
}

/// Patterns are turned and shifted pixel by pixel, without interpolation between counts.
OptionEntry centre_entry() {
  OptionEntry entry = number_entry(
      {"detector.centre_px", "pixels", "null",
       "zero angle [y, x] on the raw detector, in whole pixels; null: pixel N/2; not for simulate"},
      limits::centre_px, [](auto& o) -> auto& { return o.detector.centre_px; });
  entry.read = [read = entry.read](const Value& value, RunOptions& options) {
    read(value, options);
    const auto& centre_px = options.detector.centre_px;
    if (centre_px && (std::trunc((*centre_px)[0]) != (*centre_px)[0] || std::trunc((*centre_px)[1]) != (*centre_px)[1]))
      value.reject("a whole number along each axis; only whole pixels are supported");
  };
  return entry;
}

std::vector<OptionEntry> detector_entries() {
  return {
      number_entry(
          {"detector.psf_px", "pixels", "0",
           "standard deviation of the detector's point spread (Gaussian); 0: none; not for simulate"},
          limits::psf_px, [](auto& o) -> auto& { return o.detector.psf_px; }),
      number_entry(
          {"detector.bin", "pixels", "1",
           "patterns are summed over bin x bin pixels as they are read, those that are valid; a rest at the edge is "
           "left "
           "out; every other key counts the file's pixels, and the model sums, too; not for simulate"},
          limits::bin, [](auto& o) -> auto& { return o.detector.bin; }),
      number_entry(
          {"detector.simulate", "", "1",
           "side of the grid on which waves run over that of the detector, about, with a finer object pixel for higher "
           "angles than the detector's; 2 takes four times as long; not for simulate"},
          limits::simulate, [](auto& o) -> auto& { return o.detector.simulate; }),
      number_entry(
          {"detector.pixel_mrad", "mrad", "null", "angle of one detector pixel, one number or [y, x]"},
          limits::pixel_mrad, [](auto& o) -> auto& { return o.detector.pixel_rad; }, units::rad_per_mrad),
      number_entry(
          {"detector.pixel_invA", "1/A", "null", "spatial frequency of one detector pixel, one or [y, x]"},
          limits::pixel_invA, [](auto& o) -> auto& { return o.detector.pixel_invA; }),
      number_entry(
          {"detector.bright_field_radius_px", "pixels", "null",
           "radius of the bright-field disc, which beam.semiangle_mrad turns into a pixel size"},
          limits::bright_field_radius_px, [](auto& o) -> auto& { return o.detector.bright_field_radius_px; }),
      centre_entry(),
      bool_entry(
          {"detector.flip_y", "", "false",
           "mirrors the patterns and the mask along y about the centre, first; not for simulate"},
          [](auto& o) -> auto& { return o.detector.flip_y; }),
      bool_entry(
          {"detector.flip_x", "", "false", "mirrors them along x, second; not for simulate"},
          [](auto& o) -> auto& { return o.detector.flip_x; }),
      bool_entry(
          {"detector.transpose", "", "false", "exchanges y and x, last; not for simulate"},
          [](auto& o) -> auto& { return o.detector.transpose; }),
      dataset_entry(
          {"detector.virtual", "", "null",
           "detectors that are sums over pixels of the raw pattern, in its place: (channel, ky, kx) or (set, channel, "
           "ky, kx) of weights, integer labels (ky, kx) (0: not recorded, i: channel i - 1), or a group with indptr, "
           "indices, data and shape; patterns are summed when they are read, or data.patterns already is (N, channel) "
           "or (Ry, Rx, channel); not for simulate"},
          [](auto& o) -> auto& { return o.detector.virtual_detectors; }),
      text_entry(
          {"detector.virtual_set", "", "null",
           "dataset (N) or (Ry, Rx) in data.file: the set of detector.virtual that each position was recorded with"},
          "null or a dataset", [](auto& o) -> auto& { return o.detector.virtual_set; }),
  };
}

std::vector<OptionEntry> scan_entries() {
  return {
      number_entry(
          {"scan.step_A", "A", "null", "step of a raster scan, one number or [y, x]"}, limits::step_A,
          [](auto& o) -> auto& { return o.scan.step_A; }),
      number_entry(
          {"scan.rotation_deg", "degrees", "0",
           "rotation of the scan against the detector, after `affine`; not for simulate"},
          limits::angle_deg, [](auto& o) -> auto& { return o.scan.rotation_rad; }, units::rad_per_degree),
      {"scan.affine",
       "",
       "[[1, 0], [0, 1]]",
       fmt::format("[[a, b], [c, d]], each {}", limits::affine.text()),
       "matrix acting on the positions (y, x) about their mean; not for simulate",
       read_affine,
       {{"scan.affine", limits::affine, "[[VALUE, 0], [0, 1]]"}}},
  };
}

std::vector<OptionEntry> subset_entries() {
  return {
      number_entry(
          {"data.counts_per_electron", "counts", "1", "what one electron counts in the patterns; not for simulate"},
          limits::counts_per_electron, [](auto& o) -> auto& { return o.data.counts_per_electron; }),
      range_entry(
          {"data.subset.ry", "", "null", "rows of the scan that are used"}, [](auto& o) -> auto& { return o.data.ry; }),
      range_entry(
          {"data.subset.rx", "", "null", "columns of the scan that are used"},
          [](auto& o) -> auto& { return o.data.rx; }),
      range_entry(
          {"data.subset.n", "", "null", "patterns of (N, Ky, Kx) data that are used"},
          [](auto& o) -> auto& { return o.data.n; }),
      choice_entry<ScanHalf>(
          {"data.subset.half", "", "whole",
           "half of the positions that are left: even or odd fields of the checkerboard of a raster (Ry, Rx), even or "
           "odd numbers of (N, Ky, Kx) data; `tessera resolution` takes one after the other"},
          {{"whole", ScanHalf::whole}, {"even", ScanHalf::even}, {"odd", ScanHalf::odd}},
          [](auto& o) -> auto& { return o.data.half; }),
  };
}

}  // namespace

std::vector<OptionEntry> data_entries() {
  std::vector<OptionEntry> entries = {
      {"version",
       "",
       "1",
       "1",
       "version of the run file's format",
       [](const Value& value, RunOptions&) {
         value.integer({1, 1});
       },
       {{"version", {1, 1}}}},
      text_entry(
          {"data.file", "", "null",
           "file of the patterns; or a folder, or a pattern of names, of which each holds one: * is any text, {n} the "
           "number of a position, {y} and {x} its row and column"},
          "a file", [](auto& o) -> auto& { return o.data.file; }, Kind::path),
  };
  for (auto* part : {source_entries, subset_entries, detector_entries, scan_entries}) {
    for (OptionEntry& entry : part()) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace tessera::detail
