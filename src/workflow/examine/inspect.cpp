#include "src/workflow/examine/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <optional>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/workflow/examine/inspect_find.hpp"
#include "src/workflow/examine/inspect_sampling.hpp"
#include "src/workflow/input/phase_stack.hpp"
#include "src/workflow/start/outlet.hpp"

namespace tessera {
namespace {

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
  std::string file;
  std::vector<ListedDataset> datasets;
  const ListedDataset* patterns;  ///< null: none

  /// The attribute of the patterns, of their group or of the file; or else a dataset of one or two numbers of that
  /// name.
  std::optional<Known> known(const std::string& name) const {
    std::vector<std::string> places{"/"};
    if (patterns != nullptr) {
      const std::filesystem::path path(patterns->path);
      places = {path, path.parent_path(), "/"};
    }
    for (const std::string& place : places) {
      auto values = read_attribute(file, place, name);
      if (values && !values->empty()) return Known{*values, place};
    }
    for (const ListedDataset& dataset : datasets)
      if (dataset.path.ends_with("/" + name) && dataset.info.numeric && is_short(dataset.info))
        return Known{read_real(file, dataset.path), dataset.path};
    return std::nullopt;
  }

 private:
  static bool is_short(const DatasetInfo& info) {
    const Index count = element_count(info.shape);
    return count == 1 || count == 2;
  }
};

std::optional<double> number(const Listing& listing, const std::string& name, double factor = 1) {
  const auto known = listing.known(name);
  return known ? std::optional<double>(known->values.front() * factor) : std::nullopt;
}

Calibration read_calibration(const Listing& listing, Index ny, Index nx) {
  Calibration c;
  c.wavelength_A = number(listing, "wavelength_A");
  auto energy_eV = number(listing, "energy_eV");
  if (!energy_eV) energy_eV = number(listing, "energy_keV", units::eV_per_keV);
  if (!c.wavelength_A && energy_eV) c.wavelength_A = electron_wavelength_A(*energy_eV);
  c.semiangle_rad = number(listing, "semiangle_mrad", units::rad_per_mrad);
  c.C10_A = number(listing, "C10_A").value_or(0);
  if (const auto pair = listing.known("detector_pixel_invA")) {
    c.dk_y_invA = pair->values.front();
    c.dk_x_invA = pair->values.back();
  } else if (const auto pixel_rad = number(listing, "detector_pixel_mrad", units::rad_per_mrad);
             pixel_rad && c.wavelength_A) {
    c.dk_y_invA = c.dk_x_invA = *pixel_rad / *c.wavelength_A;
  } else if (const auto pixel_A = listing.known("pixel_size_A")) {
    c.dk_y_invA = 1 / (static_cast<double>(ny) * pixel_A->values.front());
    c.dk_x_invA = 1 / (static_cast<double>(nx) * pixel_A->values.back());
  }
  return c;
}

/// Reads up to 64 patterns, but no more than 128 MiB, from the first scan row (or the beginning of the stack).
PatternStatistics read_statistics(const std::string& file, const ListedDataset& patterns) {
  constexpr Index most = 64, most_pixels = Index{1} << 24;
  const std::vector<Index>& shape = patterns.info.shape;
  const std::size_t axes = shape.size();
  const Index ny = shape[axes - 2], nx = shape[axes - 1];
  std::vector<Index> start(axes, 0), count(axes, 1);
  count[axes - 3] = std::min(shape[axes - 3], std::clamp<Index>(most_pixels / (ny * nx), 1, most));
  count[axes - 2] = ny;
  count[axes - 1] = nx;
  std::vector<double> values;
  read_box(file, patterns.path, start, count, values);
  return pattern_statistics(values, element_count(shape) / (ny * nx), ny, nx);
}

std::string describe_datasets(const std::vector<ListedDataset>& datasets) {
  std::string text;
  for (const auto& [path, info] : datasets)
    text += fmt::format("{:<32} ({})  {}{}\n", path, fmt::join(info.shape, ", "), info.type_name,
                        info.chunk.empty() ? "" : fmt::format(", chunks of ({})", fmt::join(info.chunk, ", ")));
  return text.empty() ? "no datasets\n" : text;
}

std::string describe_known(const Listing& listing) {
  std::string text;
  for (const char* name : known_attributes)
    if (const auto known = listing.known(name))
      text += fmt::format("{:<24} {:.8g}{}\n", name, fmt::join(known->values, ", "),
                          known->place == "/" ? "" : "  (of " + known->place + ")");
  return text;
}

std::string describe_patterns(const Listing& listing) {
  if (listing.patterns == nullptr)
    return "warning: nothing here looks like patterns, which are numbers with axes (N, ky, kx) or (Ry, Rx, ky, kx); if "
           "there are some, give their path as data.patterns\n";
  const PatternStatistics statistics = read_statistics(listing.file, *listing.patterns);
  std::string text = fmt::format("patterns taken from {} (data.patterns)\n", listing.patterns->path);
  std::vector<PointYX> positions_A;
  if (const ListedDataset* positions = find_positions(listing.datasets, statistics.n_patterns)) {
    positions_A = read_points(listing.file, positions->path);
    text += fmt::format("positions taken from {} (data.positions), as (y, x) in angstrom\n", positions->path);
  }
  const Calibration calibration = read_calibration(listing, statistics.ny, statistics.nx);
  for (const std::string& line : describe_sampling(calibration, statistics, positions_A)) text += line + "\n";
  return text;
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

std::string describe_result(const std::string& file) {
  const PhasePlanes planes = find_phase_stack(file).sum;
  const ObjectFrame& f = planes.frame;
  const auto [low, high] = range_of_sum(planes);
  return fmt::format(
      "object {} x {} pixels of {:.4g} x {:.4g} A, pixel (0, 0) at ({:.6g}, {:.6g}) A\n"
      "phase from {:.4g} to {:.4g} rad over {} slices\n",
      f.ny, f.nx, f.dy_A, f.dx_A, f.origin_A.y, f.origin_A.x, low, high, planes.n_planes);
}

}  // namespace

std::string describe_file(const std::string& file) {
  Listing listing{file, list_datasets(file), nullptr};
  const bool is_result = dataset_exists(file, "/reconstruction/slices/data");
  if (!is_result) listing.patterns = find_patterns(listing.datasets);
  return describe_datasets(listing.datasets) + describe_known(listing) +
         (is_result ? describe_result(file) : describe_patterns(listing));
}

int run_inspect(const CommandLine& line) {
  print_whole(describe_file(line.result));
  return 0;
}

}  // namespace tessera
