#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "io/sources/formats.hpp"
#include "io/sources/raw_frames.hpp"
#include "io/sources/small_files.hpp"
#include "src/base/words.hpp"

namespace tessera {

namespace {

namespace fs = std::filesystem;

// Frames of 130 rows, of which the last two are no image.
constexpr Index side_px = 128, footer_bytes = 1024, frame_bytes = side_px * side_px * 4, border_px = 2;

/// An XML file of an EMPAD.
class Metadata {
 public:
  explicit Metadata(std::string file)
      : file_(std::move(file)), elements_(xml_elements(read_metadata_text(file_), file_)) {}

  std::optional<std::string> text(const std::string& path) const {
    const XmlElement* element = find(path);
    return element == nullptr ? std::nullopt : std::optional(trimmed(element->text));
  }
  std::optional<double> number(const std::string& path) const {
    const XmlElement* element = find(path);
    return element == nullptr ? std::nullopt : as_number(element->text);
  }
  std::string where(const std::string& path) const { return fmt::format("{}: {}", file_, path); }

  /// The name of the raw file: an attribute in the first generation, an element in the second.
  std::string raw_name() const {
    const XmlElement* first = find("raw_file");
    if (first != nullptr && first->attributes.contains("filename")) return first->attributes.at("filename");
    for (const char* path : {"raw_file/filename", "rawfile/filename"})
      if (const auto name = text(path)) return *name;
    return "";
  }

  /// (Ry, Rx), or empty.
  std::vector<Index> scan() const {
    const Index acquired_y = count("scan_parameters/scan_resolution_y", "acquire");
    const Index acquired_x = count("scan_parameters/scan_resolution_x", "acquire");
    if (acquired_y > 0 && acquired_x > 0) return {acquired_y, acquired_x};
    const Index y = count("pix_y", ""), x = count("pix_x", "");
    if (y > 0 && x > 0) return {y, x};
    return {};
  }
  Index series() const { return std::max(count("scan_parameters/series_count", ""), count("count", "")); }

 private:
  /// A number of positions; 0 where it is none. `mode` of the element around it, or empty for any.
  Index count(const std::string& path, const std::string& mode) const {
    constexpr double most = 1e6;
    for (const XmlElement& element : elements_) {
      const auto found = element.outer_attributes.find("mode");
      const bool other = !mode.empty() && found != element.outer_attributes.end() && found->second != mode;
      const auto value = as_number(element.text);
      if (element.path == path && !other && value && *value >= 1 && *value <= most) return static_cast<Index>(*value);
    }
    return 0;
  }

  const XmlElement* find(const std::string& path) const {
    const auto found = std::ranges::find(elements_, path, &XmlElement::path);
    return found == elements_.end() ? nullptr : &*found;
  }

  std::string file_;
  std::vector<XmlElement> elements_;
};

/// "scan_x64_y32.raw" is (32, 64).
std::vector<Index> scan_by_name(const std::string& file) {
  long x = 0, y = 0;
  const std::string name = fs::path(file).stem().string();
  const auto at = name.find("_x");
  if (at == std::string::npos || std::sscanf(name.c_str() + at, "_x%7ld_y%7ld", &x, &y) != 2 || x < 1 || y < 1)
    return {};
  return {y, x};
}

/// The XML beside a raw file: of its name, or the only one that names it. Empty: none.
std::string xml_of(const std::string& raw) {
  std::error_code error;
  fs::path same = raw;
  same.replace_extension(".xml");
  if (fs::is_regular_file(same, error)) return same.string();
  constexpr int most = 64;
  int looked = 0;
  const fs::path folder = fs::path(raw).parent_path();
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error)) {
    if (entry.path().extension() != ".xml" || ++looked > most) continue;
    try {
      if (fs::path(Metadata(entry.path().string()).raw_name()).filename() == fs::path(raw).filename())
        return entry.path().string();
    } catch (const InputError&) {
      continue;  // another program's XML
    }
  }
  return "";
}

/// The two numbers of "[a, b]".
std::optional<std::array<double, 2>> pair_of(const std::string& text) {
  const auto comma = text.find(',');
  if (!text.starts_with("[") || !text.ends_with("]") || comma == std::string::npos) return std::nullopt;
  const auto first = as_number(text.substr(1, comma - 1));
  const auto second = as_number(text.substr(comma + 1, text.size() - comma - 2));
  if (!first || !second) return std::nullopt;
  return std::array{*first, *second};
}

void add_step(const Metadata& xml, const std::vector<Index>& scan, SourceFacts& facts) {
  if (scan.size() != 2) return;
  constexpr double A_per_m = 1e10;
  const auto ny = static_cast<double>(scan[0]), nx = static_cast<double>(scan[1]), longer = std::max(ny, nx);
  const std::string measured = "iom_measurements/";
  const std::string old = measured + "optics.get_full_scan_field_of_view", field = measured + "full_scan_field_of_view";
  const std::string second = measured + "ColumnOpticsGetFullScanFieldOfViewx";
  if (const auto text = xml.text(old))
    if (const auto fov_m = pair_of(*text))
      facts.add(Quantity::scan_step_A, {(*fov_m)[0] / ny * A_per_m, (*fov_m)[1] / nx * A_per_m},
                xml.where(old) + ", m");
  // From version 1.2 on x and y both are that of the longer side, times a factor.
  const auto fov_m = xml.number(field + "/x"), factor = xml.number(field + "/scale_factor");
  if (fov_m && factor && *factor > 0) {
    const double step_A = *fov_m / *factor / longer * A_per_m;
    facts.add(Quantity::scan_step_A, {step_A, step_A}, xml.where(field) + ", m");
  }
  if (const auto fov_x_m = xml.number(second)) {
    const double step_A = *fov_x_m / longer * A_per_m;
    facts.add(Quantity::scan_step_A, {step_A, step_A}, xml.where(second) + ", m");
  }
}

void add_facts(const Metadata& xml, const std::vector<Index>& scan, SourceFacts& facts) {
  constexpr double keV_per_V = 1e-3, mrad_per_rad = 1e3;
  const std::string measured = "iom_measurements/";
  for (const char* name : {"high_voltage", "ColumnSourceHighVoltage"})
    if (const auto volts = xml.number(measured + name))
      facts.add(Quantity::energy_keV, {*volts * keV_per_V}, xml.where(measured + name) + ", V");
  add_step(xml, scan, facts);
  if (const auto pixel = xml.number(measured + "calibrated_pixelsize")) {
    const double invA = *pixel * 1e9 * 0.1;  // as RosettaSciIO reads it: times 1e9 is 1/nm
    facts.add(Quantity::pixel_invA, {invA, invA}, xml.where(measured + "calibrated_pixelsize"));
  }
  if (const auto pixel = xml.number(measured + "calibrated_diffraction_angle")) {
    const double mrad = *pixel * mrad_per_rad;
    facts.add(Quantity::pixel_mrad, {mrad, mrad}, xml.where(measured + "calibrated_diffraction_angle") + ", rad");
  }
  for (const char* name : {"nominal_camera_length", "ColumnOpticsGetCameraLengthNominalCameraLength"})
    if (const auto length_m = xml.number(measured + name))
      facts.notes.push_back(fmt::format("camera length {} m ({})", *length_m, xml.where(measured + name)));
}

/// Whether two rows behind each image are no image: by the size of the file, where it tells.
Index gap_of(const std::string& raw, Index frames) {
  std::error_code error;
  const auto bytes = static_cast<Index>(fs::file_size(raw, error));
  if (error) return footer_bytes;
  if (frames > 0)
    return bytes < frames * (frame_bytes + footer_bytes) - footer_bytes && bytes >= frames * frame_bytes ? 0
                                                                                                         : footer_bytes;
  return bytes % (frame_bytes + footer_bytes) != 0 && bytes % frame_bytes == 0 ? 0 : footer_bytes;
}

}  // namespace

bool is_empad(const std::string& raw) { return !scan_by_name(raw).empty() || !xml_of(raw).empty(); }

Source look_at_empad(const SourceRequest& request) {
  const bool given_xml = fs::path(request.file).extension() == ".xml";
  const std::string xml_file = given_xml ? request.file : xml_of(request.file);
  std::string raw = request.file;
  std::optional<Metadata> xml;
  if (!xml_file.empty()) xml.emplace(xml_file);
  if (given_xml) {
    const std::string name = fs::path(xml->raw_name()).filename().string();
    if (name.empty())
      throw InputError(
          ExitCode::data_wrong,
          fmt::format("{}: names no raw file (raw_file or rawfile); it is no XML of an EMPAD", request.file));
    raw = (fs::path(request.file).parent_path() / name).string();
  }
  std::vector<Index> scan;
  if (xml) scan = xml->scan();
  if (scan.empty()) scan = scan_by_name(raw);
  if (scan.empty() && xml && xml->series() > 0) scan = {xml->series()};
  if (!request.scan_shape.empty()) scan.clear();
  const Index frames = scan.empty() ? 0 : element_count(scan);
  Source source = raw_source(request, {.format = "empad",
                                       .file = raw,
                                       .ny = side_px,
                                       .nx = side_px,
                                       .element = {.kind = 'f', .bytes = 4},
                                       .gap_bytes = gap_of(raw, frames),
                                       .count = frames,
                                       .scan = scan});
  SourceFacts& facts = source.facts;
  if (xml) add_facts(*xml, source.description.map.shape, facts);
  facts.add(Quantity::flip_y, {1}, "EMPAD: patterns are stored upside down");
  facts.mask =
      FoundMask{.file = raw, .border_px = border_px, .where = "EMPAD: the two outermost pixels do not count right"};
  return source;
}

}  // namespace tessera
