#include "src/workflow/examine/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <optional>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "io/sources/look.hpp"
#include "io/sources/written_frames.hpp"
#include "src/base/constants.hpp"
#include "src/base/file_kind.hpp"
#include "src/base/units.hpp"
#include "src/base/words.hpp"
#include "src/workflow/examine/inspect_find.hpp"
#include "src/workflow/examine/inspect_sampling.hpp"
#include "src/workflow/examine/inspect_source.hpp"
#include "src/workflow/input/measured_positions.hpp"
#include "src/workflow/input/pattern_sample.hpp"
#include "src/workflow/input/phase_stack.hpp"
#include "src/workflow/input/valid_pixels.hpp"
#include "src/workflow/start/outlet.hpp"

namespace tessera {
namespace {

using Lines = std::vector<std::string>;

constexpr std::array<const char*, 14> known_attributes = {
    "energy_eV", "energy_keV",   "wavelength_A", "semiangle_mrad",  "detector_pixel_mrad", "detector_pixel_invA",
    "C10_A",     "pixel_size_A", "scan_step_A",  "slice_spacing_A", "dose_e_per_A2",       "electrons_per_pattern",
    "jitter_A",  "seed"};

/// Numbers that calibrate, and where they were found.
struct Known {
  std::vector<double> values;
  std::string place;
};

/// A file as `inspect` sees it.
struct Listing {
  OpenFile file;
  std::vector<ListedDataset> datasets;
  const ListedDataset* patterns = nullptr;  ///< null: none
  std::vector<std::string> warnings = {};   ///< about what calibrates

  /// The attribute of the patterns, of their group or of the file; or else a dataset of one or two numbers of that
  /// name.
  std::optional<Known> known(const std::string& name) const {
    std::vector<std::string> places{"/"};
    if (patterns != nullptr) {
      const std::filesystem::path path(patterns->path);
      places = {path, path.parent_path(), "/"};
    }
    for (const std::string& place : places) {
      auto values = file.attribute(place, name);
      if (values && !values->empty()) return Known{*values, place};
    }
    for (const ListedDataset& dataset : datasets)
      if (dataset.path.ends_with("/" + name) && dataset.info.numeric && is_short(dataset.info))
        return Known{file.real(dataset.path), dataset.path};
    return std::nullopt;
  }

 private:
  static bool is_short(const DatasetInfo& info) {
    const Index count = element_count(info.shape);
    return count == 1 || count == 2;
  }
};

/// A calibration of one or two lengths, which are above 0 or not believed.
std::optional<Known> lengths(Listing& listing, const std::string& name) {
  auto known = listing.known(name);
  const auto is_length = [](double value) { return std::isfinite(value) && value > 0; };
  if (!known || std::ranges::all_of(known->values, is_length)) return known;
  listing.warnings.push_back(
      fmt::format("{} is {:.4g}, which it cannot be, and is not used", name, fmt::join(known->values, ", ")));
  return std::nullopt;
}

std::optional<double> length(Listing& listing, const std::string& name, double factor = 1) {
  const auto known = lengths(listing, name);
  return known ? std::optional<double>(known->values.front() * factor) : std::nullopt;
}

Calibration read_calibration(Listing& listing, Index ny, Index nx) {
  Calibration c;
  c.wavelength_A = length(listing, "wavelength_A");
  auto energy_eV = length(listing, "energy_eV");
  if (!energy_eV) energy_eV = length(listing, "energy_keV", units::eV_per_keV);
  if (!c.wavelength_A && energy_eV) c.wavelength_A = electron_wavelength_A(*energy_eV);
  c.semiangle_rad = length(listing, "semiangle_mrad", units::rad_per_mrad);
  if (const auto defocus = listing.known("C10_A"); defocus && std::isfinite(defocus->values.front()))
    c.C10_A = defocus->values.front();
  if (const auto pair = lengths(listing, "detector_pixel_invA")) {
    c.dk_y_invA = pair->values.front();
    c.dk_x_invA = pair->values.back();
  } else if (const auto pixel_rad = length(listing, "detector_pixel_mrad", units::rad_per_mrad);
             pixel_rad && c.wavelength_A) {
    c.dk_y_invA = c.dk_x_invA = *pixel_rad / *c.wavelength_A;
  } else if (const auto pixel_A = lengths(listing, "pixel_size_A")) {
    c.dk_y_invA = 1 / (static_cast<double>(ny) * pixel_A->values.front());
    c.dk_x_invA = 1 / (static_cast<double>(nx) * pixel_A->values.back());
  }
  return c;
}

/// Looks at up to 64 patterns.
InspectedPatterns inspected(const SourceDescription& source, Lines& warnings) {
  const Index ny = source.pattern_ny(), nx = source.pattern_nx(), count = source.map.positions();
  std::vector<Index> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), Index{0});
  const PatternSample sample = read_sample(source, all);
  const double full = full_value(source.layout.info.type);
  const auto n_full = full > 0 ? std::ranges::count(sample.values, full) : 0;
  if (n_full > 0)
    warnings.push_back(fmt::format(
        "{} values of those read are {:.0f}, the largest {}: saturated, or marked as bad; pixels that hold it "
        "in every pattern are left out, others must be excluded with data.mask",
        n_full, full, source.layout.info.type_name));
  return {count, ny, nx, pattern_facts(sample, {}, 1)};
}

std::string describe_datasets(const std::vector<ListedDataset>& datasets) {
  std::string text;
  for (const auto& [path, info] : datasets)
    text += fmt::format("{:<32} ({})  {}{}\n", shown(path), fmt::join(info.shape, ", "), info.type_name,
                        info.chunk.empty() ? "" : fmt::format(", chunks of ({})", fmt::join(info.chunk, ", ")));
  return text.empty() ? "no datasets\n" : text;
}

std::string describe_known(const Listing& listing) {
  std::string text;
  for (const char* name : known_attributes)
    if (const auto known = listing.known(name))
      text += fmt::format("{:<24} {:.8g}{}\n", name, fmt::join(known->values, ", "),
                          known->place == "/" ? "" : "  (of " + shown(known->place) + ")");
  return text;
}

/// Whether it worked. What fails says so in a warning: the rest of the file may still be told of.
template <class Step>
bool attempt(Lines& warnings, const Step& step) {
  try {
    step();
    return true;
  } catch (const Error& error) {
    warnings.emplace_back(error.what());
    return false;
  }
}

std::vector<PointYX> describe_positions(const Listing& listing, Index n_patterns, Lines& lines, Lines& warnings) {
  std::vector<PointYX> positions_A;
  const ListedDataset* positions = find_positions(listing.datasets, n_patterns);
  if (positions == nullptr) return positions_A;
  attempt(warnings, [&] {
    positions_A = read_points(listing.file, positions->path);
    lines.push_back(
        fmt::format("positions taken from {} (data.positions), as (y, x) in angstrom", shown(positions->path)));
  });
  return positions_A;
}

void describe_patterns(Listing& listing, Lines& lines, Lines& warnings) {
  const std::string& path = listing.patterns->path;
  lines.push_back(fmt::format("patterns taken from {} (data.patterns)", shown(path)));
  std::optional<Source> source;
  std::optional<InspectedPatterns> patterns;
  const DatasetInfo& info = listing.patterns->info;
  const bool whole = attempt(warnings, [&] { listing.file.require_whole(path); });
  // HDF5 would follow a map of virtual datasets that holds itself until its stack ends.
  const bool is_map = !info.contiguous && info.chunk.empty();
  if (whole || !is_map)
    attempt(warnings, [&] {
      source = look_at({.file = listing.file.name(), .dataset = path});
      if (source->description.parts.size() > 1)
        require_frames(source->description, whole_of(source->description.map.shape));
      patterns = inspected(source->description, warnings);
    });
  if (!patterns) return;
  for (const std::string& line : describe_facts(*source)) lines.push_back(line);
  std::vector<PointYX> positions_A;
  const std::optional<FoundPositions>& found = source->facts.positions;
  if (found && !found->plain)
    attempt(warnings, [&] { positions_A = found_positions(*found, patterns->count); });
  else
    positions_A = describe_positions(listing, patterns->count, lines, warnings);
  Calibration calibration = read_calibration(listing, patterns->ny, patterns->nx);
  add_facts(source->facts, calibration);
  for (const std::string& line : describe_sampling(calibration, *patterns, positions_A)) lines.push_back(line);
}

/// Smallest and largest value of the sum of all planes, by strips of about 32 MiB.
std::pair<double, double> range_of_sum(const PhasePlanes& planes) {
  constexpr Index strip_pixels = Index{1} << 22;
  const Index rows = std::max<Index>(1, strip_pixels / planes.frame.nx);
  std::pair<double, double> range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (Index y = 0; y < planes.frame.ny; y += rows) {
    const Box strip{y, 0, std::min(y + rows, planes.frame.ny), planes.frame.nx};
    for (const double value : read_sum(planes, 0, planes.n_planes, strip).values)
      range = {std::min(range.first, value), std::max(range.second, value)};
  }
  return range;
}

void describe_result(const OpenFile& file, Lines& lines) {
  const PhasePlanes planes = find_phase_stack(file).sum;
  const ObjectFrame& f = planes.frame;
  lines.push_back(fmt::format("object {} x {} pixels of {:.4g} x {:.4g} A, pixel (0, 0) at ({:.6g}, {:.6g}) A", f.ny,
                              f.nx, f.dy_A, f.dx_A, f.origin_A.y, f.origin_A.x));
  const auto [low, high] = range_of_sum(planes);
  lines.push_back(fmt::format("phase from {:.4g} to {:.4g} rad over {} slices", low, high, planes.n_planes));
}

/// By the layout of the file, where one is known that tells more than the looks of its datasets.
void describe_data(Listing& listing, Lines& lines, Lines& warnings) {
  listing.patterns = find_patterns(listing.datasets);
  std::string failure;
  try {
    const Source known = look_at({.file = listing.file.name()});
    const std::vector<FramePart>& parts = known.description.parts;
    if (known.description.of_electrons() || parts.size() > 1) return lines.push_back(describe_source(known));
    const auto named = std::ranges::find(listing.datasets, parts[0].dataset, &ListedDataset::path);
    if (named != listing.datasets.end()) listing.patterns = &*named;
  } catch (const Error& error) {
    failure = error.what();
  }
  if (listing.patterns == nullptr && !failure.empty()) return warnings.push_back(failure);
  describe_patterns(listing, lines, warnings);
}

}  // namespace

std::string describe_file(const std::string& file) {
  if (file_kind(file) != "an HDF5 file" && !file_kind(file).empty()) return describe_source(look_at({.file = file}));
  Listing listing{OpenFile(file), {}};
  FileListing found = listing.file.list();
  listing.datasets = std::move(found.datasets);
  Lines lines, warnings;
  if (found.left_out)
    warnings.emplace_back("not everything is listed: the file has too many datasets, or groups too deep");
  if (listing.file.has("/reconstruction/slices/data")) {
    attempt(warnings, [&] { describe_result(listing.file, lines); });
  } else {
    describe_data(listing, lines, warnings);
  }
  std::string text = describe_datasets(listing.datasets) + describe_known(listing);
  for (const std::string& line : lines) text += line + "\n";
  for (const Lines* part : {&listing.warnings, &warnings})
    for (const std::string& warning : *part) text += "warning: " + warning + "\n";
  return text;
}

int run_inspect(const CommandLine& line) {
  print_whole(is_run_file(line.result) ? describe_run_file(line.result, line.sets) : describe_file(line.result));
  return 0;
}

}  // namespace tessera
