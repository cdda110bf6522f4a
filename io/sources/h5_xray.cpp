#include <algorithm>
#include <cmath>
#include <filesystem>

#include "io/sources/h5_layouts.hpp"
#include "io/sources/unit_words.hpp"

namespace tessera {

namespace {

namespace fs = std::filesystem;

constexpr double A_per_m = 1e10, A_per_cm = 1e8, mrad_per_rad = 1e3, keV_per_J = 6.241509074460763e15,
                 keV_per_eV = 1e-3;

/// The first of these datasets that is there; empty: none.
std::string first_of(const H5Look& look, std::initializer_list<const char*> paths) {
  for (const char* path : paths)
    if (look.file.has(path)) return path;
  return "";
}

void add_pixel_angle(const H5Look& look, const std::string& detector, SourceFacts& facts) {
  const auto y = look.number(detector + "/y_pixel_size"), x = look.number(detector + "/x_pixel_size");
  auto distance = look.number(detector + "/distance");
  if (!distance) distance = look.number(detector + "/detector_distance");
  if (!y || !x || !distance || *distance <= 0) return;
  facts.add(Quantity::pixel_mrad, {*y / *distance * mrad_per_rad, *x / *distance * mrad_per_rad},
            fmt::format("{}: {}, pixel size over distance", look.file.name(), detector));
}

}  // namespace

std::optional<H5Layout> cxi_layout(const H5Look& look) {
  const std::string data = first_of(look, {"/entry_1/data_1/data", "/entry_1/instrument_1/detector_1/data"});
  if (data.empty()) return std::nullopt;
  H5Layout layout{.format = "cxi", .parts = {{look.file.name(), data, 0}}, .facts = {}};
  SourceFacts& facts = layout.facts;
  const std::string detector = "/entry_1/instrument_1/detector_1", source = "/entry_1/instrument_1/source_1";
  if (const auto wavelength = look.number(source + "/wavelength"))
    facts.add(Quantity::wavelength_A, {*wavelength * A_per_m}, look.file.name() + ": " + source + "/wavelength, m");
  else if (const auto energy = look.number(source + "/energy"))
    add_energy(facts, *energy * keV_per_J, look.file.name() + ": " + source + "/energy, J");
  add_pixel_angle(look, detector, facts);
  const std::string translation =
      first_of(look, {"/entry_1/data_1/translation", "/entry_1/sample_1/geometry_1/translation",
                      "/entry_1/instrument_1/detector_1/translation"});
  // The sample moves: the probe goes the other way on it.
  if (!translation.empty())
    facts.positions = {.file = look.file.name(),
                       .y_dataset = translation,
                       .x_dataset = translation,
                       .y_column = 1,
                       .x_column = 0,
                       .unit_A = {-A_per_m, -A_per_m},
                       .where = look.file.name() + ": " + translation + ", (x, y, z) of the sample in m"};
  constexpr std::uint64_t has_signal = 0x1000;
  if (look.has(detector + "/mask"))
    facts.mask = {.file = look.file.name(),
                  .dataset = detector + "/mask",
                  .zero_is_good = true,
                  .ignored = has_signal,
                  .where = look.file.name() + ": " + detector + "/mask, 0 is good"};
  return layout;
}

std::optional<H5Layout> ptypy_layout(const H5Look& look) {
  if (!look.file.has("/chunks/0/data") || (!look.file.has("/meta/energy") && !look.file.has("/meta/num_frames")))
    return std::nullopt;
  H5Layout layout{.format = "ptypy", .facts = {}};
  SourceFacts& facts = layout.facts;
  FoundPositions positions{.file = look.file.name(),
                           .y_dataset = {},
                           .x_dataset = {},
                           .y_column = 0,
                           .x_column = 1,
                           .unit_A = {A_per_m, A_per_m},
                           .where = look.file.name() + ": /chunks, positions in m"};
  bool all_have = true;
  for (int n = 0;; ++n) {
    const std::string chunk = fmt::format("/chunks/{}", n);
    if (!look.file.has(chunk + "/data")) break;
    const std::vector<Index> shape = look.file.info(chunk + "/data").shape;
    if (shape.size() != 3)
      throw InputError(ExitCode::data_wrong, fmt::format("{}: {}/data has the shape ({}), not (n, ky, kx)",
                                                         look.file.name(), chunk, fmt::join(shape, ",")));
    layout.parts.push_back({look.file.name(), chunk + "/data", shape[0]});
    all_have = all_have && look.file.has(chunk + "/positions");
    positions.further.push_back(chunk + "/positions");
  }
  positions.y_dataset = positions.x_dataset = positions.further.front();
  positions.further.erase(positions.further.begin());
  if (all_have) facts.positions = positions;
  if (const auto energy = look.number("/meta/energy"))
    add_energy(facts, *energy, look.file.name() + ": /meta/energy, keV");
  const auto pixel = look.number("/meta/psize"), distance = look.number("/meta/distance");
  if (pixel && distance && *distance > 0) {
    const double mrad = *pixel / *distance * mrad_per_rad;
    facts.add(Quantity::pixel_mrad, {mrad, mrad}, look.file.name() + ": /meta, psize over distance");
  }
  if (look.file.has("/meta/weight2d"))
    facts.mask = {
        .file = look.file.name(), .dataset = "/meta/weight2d", .where = look.file.name() + ": /meta/weight2d"};
  return layout;
}

std::optional<H5Layout> ptychoshelves_layout(const H5Look& look) {
  const ListedDataset* dp = look.find("/dp");
  if (dp == nullptr || !dp->info.numeric || dp->info.shape.size() != 3) return std::nullopt;
  H5Layout layout{.format = "ptychoshelves", .parts = {{look.file.name(), "/dp", 0}}, .transposed = true, .facts = {}};
  std::string para = look.file.name();
  if (!look.has("/ppX")) {
    const auto at = para.rfind("_dp.");
    if (at == std::string::npos) return layout;
    para.replace(at, 4, "_para.");
  }
  std::error_code error;
  if (!fs::is_regular_file(para, error)) return layout;
  const OpenFile file(para);
  if (!file.has("/ppX") || !file.has("/ppY")) return layout;
  // Electron data are in angstrom, X-ray data in metres: no scan is a centimetre, nor less than a hundredth of an
  // angstrom.
  constexpr double largest_m = 1e-2;
  double largest = 0;
  for (const char* path : {"/ppX", "/ppY"})
    for (const double value : file.real(path)) largest = std::max(largest, std::abs(value));
  const double unit_A = largest < largest_m ? A_per_m : 1;
  layout.facts.positions = {.file = para,
                            .y_dataset = "/ppY",
                            .x_dataset = "/ppX",
                            .y_column = -1,
                            .x_column = -1,
                            .unit_A = {-unit_A, -unit_A},
                            .where = fmt::format("{}: -ppY and -ppX in {}", para, unit_A == 1 ? "angstrom" : "m")};
  return layout;
}

std::optional<H5Layout> adorym_layout(const H5Look& look) {
  const ListedDataset* data = look.find("/exchange/data");
  if (data == nullptr) return std::nullopt;
  const std::vector<Index>& shape = data->info.shape;
  if (shape.size() != 4 && !(shape.size() == 3 && look.has("/metadata/probe_pos_px"))) return std::nullopt;
  if (shape.size() == 4 && shape[0] != 1 && look.has("/metadata/probe_pos_px"))
    throw InputError(
        ExitCode::data_wrong,
        fmt::format(
            "{}: /exchange/data has {} rotation angles; one is reconstructed: take one of them out, as "
            "python3 -c \"import h5py; h5py.File('one.h5', 'w')['data'] = h5py.File('{}')['exchange/data'][0]\"",
            look.file.name(), shape[0], look.file.name()));
  H5Layout layout{.format = "adorym",
                  .parts = {{look.file.name(), "/exchange/data", 0}},
                  .is_list = shape[0] == 1,
                  .may_be_complex = true,
                  .facts = {}};
  SourceFacts& facts = layout.facts;
  const auto where = [&](const char* name) { return fmt::format("{}: /metadata/{}", look.file.name(), name); };
  if (const auto energy = look.number("/metadata/energy_ev"))
    add_energy(facts, *energy * keV_per_eV, where("energy_ev"));
  if (const auto pixel_cm = look.number("/metadata/psize_cm"); pixel_cm && *pixel_cm > 0) {
    const double pixel_A = *pixel_cm * A_per_cm;
    facts.add(Quantity::pixel_invA,
              {1 / (pixel_A * static_cast<double>(shape.end()[-2])), 1 / (pixel_A * static_cast<double>(shape.back()))},
              where("psize_cm") + ", the object's pixel");
    if (look.has("/metadata/probe_pos_px"))
      facts.positions = {.file = look.file.name(),
                         .y_dataset = "/metadata/probe_pos_px",
                         .x_dataset = "/metadata/probe_pos_px",
                         .y_column = 0,
                         .x_column = 1,
                         .unit_A = {pixel_A, pixel_A},
                         .where = where("probe_pos_px") + ", in pixels of psize_cm"};
  }
  const fs::path path(look.file.name());
  const fs::path beamstop = path.parent_path() / (path.stem().string() + "_beamstop.npy");
  std::error_code error;
  if (fs::is_regular_file(beamstop, error))
    facts.mask = {.file = beamstop.string(), .where = beamstop.string() + ", true is good"};
  return layout;
}

}  // namespace tessera
