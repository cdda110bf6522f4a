#include "src/workflow/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/workflow/compare_file.hpp"
#include "src/workflow/inspect_sampling.hpp"

namespace tessera {
namespace {

/// Where the data sets that we read and write, and those of common programs, keep their arrays.
constexpr std::array<const char*, 26> known_datasets = {"/data",
                                                        "/patterns",
                                                        "/dp",
                                                        "/entry/data/data",
                                                        "/entry_1/data_1/data",
                                                        "/exchange/data",
                                                        "/datacube_root/datacube/data",
                                                        "/positions_A",
                                                        "/positions",
                                                        "/mask",
                                                        "/probe_initial",
                                                        "/noise_free_electrons",
                                                        "/truth/phase_rad",
                                                        "/truth/layer_phase_rad",
                                                        "/truth/slice_phase_rad",
                                                        "/truth/probe",
                                                        "/truth/probe_fine",
                                                        "/reconstruction/object/data",
                                                        "/reconstruction/slices/data",
                                                        "/reconstruction/phase/data",
                                                        "/reconstruction/amplitude/data",
                                                        "/reconstruction/probe/data",
                                                        "/reconstruction/positions/data",
                                                        "/reconstruction/shifts/data",
                                                        "/reconstruction/loss/data",
                                                        "/reconstruction/frc/data"};
constexpr std::array<const char*, 14> known_attributes = {
    "energy_eV", "energy_keV",   "wavelength_A", "semiangle_mrad",  "detector_pixel_mrad", "detector_pixel_invA",
    "C10_A",     "pixel_size_A", "scan_step_A",  "slice_spacing_A", "dose_e_per_A2",       "electrons_per_pattern",
    "jitter_A",  "seed"};

const char* type_name(StoredType type) {
  switch (type) {
    case StoredType::u8:
      return "uint8";
    case StoredType::u16:
      return "uint16";
    case StoredType::u32:
      return "uint32";
    case StoredType::f32:
      return "float32";
    case StoredType::f64:
      return "float64";
    case StoredType::complex64:
      return "complex64";
    case StoredType::complex128:
      return "complex128";
    case StoredType::other:
      break;
  }
  return "another type";
}

std::optional<double> number(const std::string& file, const std::string& name, double factor = 1) {
  const auto values = read_attribute(file, "/", name);
  return values && !values->empty() ? std::optional<double>(values->front() * factor) : std::nullopt;
}

Calibration read_calibration(const std::string& file) {
  Calibration c;
  c.wavelength_A = number(file, "wavelength_A");
  const auto energy_eV = number(file, "energy_eV");
  if (!c.wavelength_A && energy_eV) c.wavelength_A = electron_wavelength_A(*energy_eV);
  c.semiangle_rad = number(file, "semiangle_mrad", units::rad_per_mrad);
  c.C10_A = number(file, "C10_A").value_or(0);
  const auto pair = read_attribute(file, "/", "detector_pixel_invA");
  if (pair && !pair->empty()) {
    c.dk_y_invA = pair->front();
    c.dk_x_invA = pair->back();
  } else if (const auto pixel_rad = number(file, "detector_pixel_mrad", units::rad_per_mrad);
             pixel_rad && c.wavelength_A) {
    c.dk_y_invA = c.dk_x_invA = *pixel_rad / *c.wavelength_A;
  }
  return c;
}

/// Reads up to 64 patterns from the first scan row (or the beginning of the stack).
PatternStatistics read_statistics(const std::string& file, const DatasetInfo& info) {
  constexpr Index most = 64;
  const std::size_t axes = info.shape.size();
  const Index ny = info.shape[axes - 2], nx = info.shape[axes - 1];
  std::vector<Index> start(axes, 0), count(axes, 1);
  count[axes - 3] = std::min(most, info.shape[axes - 3]);
  count[axes - 2] = ny;
  count[axes - 1] = nx;
  std::vector<double> patterns;
  if (element_count(info.shape) > 0) read_box(file, "/data", start, count, patterns);
  return pattern_statistics(patterns, element_count(info.shape) / std::max<Index>(1, ny * nx), ny, nx);
}

std::string describe_datasets(const std::string& file) {
  std::string text;
  for (const char* dataset : known_datasets) {
    if (!dataset_exists(file, dataset)) continue;
    const DatasetInfo info = dataset_info(file, dataset);
    text += fmt::format("{:<32} ({})  {}{}\n", dataset, fmt::join(info.shape, ", "), type_name(info.type),
                        info.chunk.empty() ? "" : fmt::format(", chunks of ({})", fmt::join(info.chunk, ", ")));
  }
  return text;
}

std::string describe_result(const std::string& file) {
  const PhaseStack stack = read_phase_stack(file);
  const ObjectFrame& f = stack.sum.frame;
  std::string text = fmt::format("object {} x {} pixels of {:.4g} x {:.4g} A, pixel (0, 0) at ({:.6g}, {:.6g}) A\n",
                                 f.ny, f.nx, f.dy_A, f.dx_A, f.origin_A.y, f.origin_A.x);
  const auto [low, high] = std::minmax_element(stack.sum.values.begin(), stack.sum.values.end());
  text += fmt::format("phase from {:.4g} to {:.4g} rad over {} slices\n", *low, *high,
                      std::max<std::size_t>(1, stack.slices.size()));
  return text;
}

}  // namespace

std::string describe_file(const std::string& file) {
  std::string text = describe_datasets(file);
  if (text.empty()) text = "none of the known datasets; give data.patterns the path of yours\n";
  for (const char* name : known_attributes) {
    const auto values = read_attribute(file, "/", name);
    if (values) text += fmt::format("{:<24} {:.8g}\n", name, fmt::join(*values, ", "));
  }
  if (dataset_exists(file, "/reconstruction/slices/data")) return text + describe_result(file);
  if (!dataset_exists(file, "/data")) return text;
  const DatasetInfo info = dataset_info(file, "/data");
  if (info.shape.size() < 3) return text + "warning: /data is not a stack of patterns: it needs 3 or 4 axes\n";
  std::vector<PointYX> positions_A;
  if (dataset_exists(file, "/positions_A")) positions_A = read_points(file, "/positions_A");
  const PatternStatistics statistics = read_statistics(file, info);
  Calibration calibration = read_calibration(file);
  const auto pixel_A = number(file, "pixel_size_A");
  if (!calibration.dk_y_invA && pixel_A) {
    calibration.dk_y_invA = 1 / (static_cast<double>(statistics.ny) * *pixel_A);
    calibration.dk_x_invA = 1 / (static_cast<double>(statistics.nx) * *pixel_A);
  }
  for (const std::string& line : describe_sampling(calibration, statistics, positions_A)) text += line + "\n";
  return text;
}

int run_inspect(const CommandLine& line) {
  const std::string text = describe_file(line.result);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace tessera
