#include <algorithm>
#include <cmath>
#include <filesystem>

#include "io/h5.hpp"
#include "io/sources/file_names.hpp"
#include "io/sources/h5_layouts.hpp"
#include "io/sources/unit_words.hpp"

namespace tessera {

namespace {

namespace fs = std::filesystem;

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* data) {
  static_cast<std::vector<std::string>*>(data)->emplace_back(name);
  return 0;
}

/// The links "data_000001" ... of /entry/data, those that lead nowhere included, in the order of their numbers.
std::vector<std::string> data_links(const std::string& file) {
  const H5Id id = open_file_read(file);
  const H5Id group(H5Gopen2(id.get(), "/entry/data", H5P_DEFAULT), H5Gclose);
  std::vector<std::string> links;
  if (!group.valid() || H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &links) < 0)
    return {};
  std::erase_if(links, [](const std::string& name) { return !name.starts_with("data_"); });
  std::ranges::sort(links, natural_less);
  return links;
}

/// How many frames a data file holds: (n, H, W), or (n, 1, H, W) of one threshold.
Index frames_of(const std::string& file, const std::string& path, const std::vector<Index>& shape) {
  const std::size_t axes = shape.size();
  if (axes == 4 && shape[1] != 1)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} has {} channels (thresholds); one is read: write each into a "
                                 "dataset of its own",
                                 file, path, shape[1]));
  if (axes != 3 && axes != 4)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} has the shape ({}), not (n, ky, kx)", file, path, fmt::join(shape, ",")));
  return shape[0];
}

void add_detector(const H5Look& look, SourceFacts& facts) {
  const std::string detector = "/entry/instrument/detector";
  for (const std::string& mask : {detector + "/detectorSpecific/pixel_mask", detector + "/pixel_mask"})
    if (look.file.has(mask) && !facts.mask)
      facts.mask = {.file = look.file.name(),
                    .dataset = mask,
                    .zero_is_good = true,
                    .where = look.file.name() + ": " + mask + ", 0 is good"};
  const auto y = look.number(detector + "/y_pixel_size"), x = look.number(detector + "/x_pixel_size");
  const auto distance = look.number(detector + "/detector_distance");
  constexpr double mrad_per_rad = 1e3;
  if (y && x && distance && *distance > 0)
    facts.add(Quantity::pixel_mrad, {*y / *distance * mrad_per_rad, *x / *distance * mrad_per_rad},
              fmt::format("{}: {}, pixel size over detector_distance", look.file.name(), detector));
  const auto centre_y = look.number(detector + "/beam_center_y"), centre_x = look.number(detector + "/beam_center_x");
  if (centre_y && centre_x)
    facts.notes.push_back(fmt::format("{}: beam centre at pixel ({:.6g}, {:.6g}); where that is so, detector.centre_px",
                                      look.file.name(), *centre_y, *centre_x));
}

/// NCEM's microscope writes the step of the scan beside a master file.
void add_stem_metadata(const std::string& master, SourceFacts& facts) {
  const auto at = master.rfind("_master.h5");
  if (at == std::string::npos) return;
  const std::string beside = master.substr(0, at) + ".h5";
  std::error_code error;
  if (!fs::is_regular_file(beside, error)) return;
  const auto step_nm = read_attribute(beside, "/STEM Metadata", "Pixel Size");
  constexpr double A_per_nm = 10;
  if (step_nm && !step_nm->empty())
    facts.add(Quantity::scan_step_A, {step_nm->front() * A_per_nm, step_nm->back() * A_per_nm},
              beside + ": /STEM Metadata, Pixel Size, nm");
}

}  // namespace

std::optional<H5Layout> dectris_layout(const H5Look& look) {
  const std::vector<std::string> links = data_links(look.file.name());
  const bool whole = look.file.has("/entry/data/data") && look.file.has("/entry/instrument/detector/x_pixel_size");
  if (links.empty() && !whole) return std::nullopt;
  H5Layout layout{.format = "dectris", .facts = {}};
  std::vector<std::string> missing;
  for (const std::string& link : links) {
    const std::string path = "/entry/data/" + link;
    if (!look.file.has(path)) {
      missing.push_back(link);
      continue;
    }
    if (!missing.empty())
      throw InputError(
          ExitCode::data_missing,
          fmt::format("{}: {} leads to a file that is not there, but {} is there: the frames between are missing",
                      look.file.name(), missing.front(), link));
    layout.parts.push_back({look.file.name(), path, frames_of(look.file.name(), path, look.file.info(path).shape)});
  }
  if (!missing.empty() && layout.parts.empty())
    throw InputError(ExitCode::data_missing,
                     fmt::format("{}: none of its {} data files is there, {} first; put them beside it",
                                 look.file.name(), missing.size(), missing.front()));
  if (!missing.empty())
    layout.facts.warnings.push_back(
        fmt::format("{}: {} data files at the end are not there, {} first; their frames are left out", look.file.name(),
                    missing.size(), missing.front()));
  if (layout.parts.empty()) layout.parts = {{look.file.name(), "/entry/data/data", 0}};
  add_detector(look, layout.facts);
  add_stem_metadata(look.file.name(), layout.facts);
  return layout;
}

}  // namespace tessera
