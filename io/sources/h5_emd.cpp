#include <algorithm>

#include "io/sources/formats.hpp"
#include "io/sources/h5_layouts.hpp"
#include "io/sources/unit_words.hpp"

namespace tessera {

namespace {

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool has_pattern_axes(const DatasetInfo& info) {
  return info.numeric && (info.shape.size() == 3 || info.shape.size() == 4);
}

/// The dataset with the most elements of those that fit.
template <class Fits>
const ListedDataset* largest(const H5Look& look, const Fits& fits) {
  const ListedDataset* found = nullptr;
  for (const ListedDataset& dataset : look.datasets)
    if (has_pattern_axes(dataset.info) && fits(dataset) &&
        (found == nullptr || element_count(dataset.info.shape) > element_count(found->info.shape)))
      found = &dataset;
  return found;
}

/// The distance of the first two values of a dimension, and its unit.
struct Dimension {
  double scale = 0;
  std::string unit;
};
Dimension dimension(const H5Look& look, const std::string& path) {
  constexpr Index most = 1'000'000;
  const ListedDataset* found = look.find(path);
  if (found == nullptr || !found->info.numeric || element_count(found->info.shape) < 2 ||
      element_count(found->info.shape) > most)
    return {};
  const std::vector<double> values = look.file.real(path);
  return {values[1] - values[0], look.file.text_attribute(path, "units").value_or("")};
}

/// Of the axes of `dataset`, whose dimensions are called `stem` and a number from `first` on.
void add_dimensions(const H5Look& look, const ListedDataset& dataset, const std::string& stem, std::size_t first,
                    SourceFacts& facts) {
  const std::size_t axes = dataset.info.shape.size();
  const auto at = [&](std::size_t axis) { return fmt::format("{}{}", stem, axis + first); };
  const Dimension ky = dimension(look, at(axes - 2)), kx = dimension(look, at(axes - 1));
  add_pixel(facts, ky.scale, kx.scale, kx.unit, fmt::format("{}: {}", look.file.name(), at(axes - 1)));
  if (axes != 4) return;
  const Dimension y = dimension(look, at(0)), x = dimension(look, at(1));
  add_step(facts, y.scale, x.scale, x.unit, fmt::format("{}: {}", look.file.name(), at(1)));
}

/// py4DSTEM's calibration.
void add_calibration(const H5Look& look, const std::string& group, SourceFacts& facts) {
  const auto where = [&](const char* name) { return fmt::format("{}: {}/{}", look.file.name(), group, name); };
  const auto number = [&](const char* name) { return look.number(group + "/" + name); };
  const auto unit = [&](const char* name) { return look.file.text(group + "/" + name).value_or(""); };
  if (const auto pixel = number("Q_pixel_size"))
    add_pixel(facts, *pixel, *pixel, unit("Q_pixel_units"), where("Q_pixel_size"));
  if (const auto step = number("R_pixel_size"))
    add_step(facts, *step, *step, unit("R_pixel_units"), where("R_pixel_size"));
  for (const char* name : {"convergence_semiangle_mrad", "probe_convergence_semiangle_mrad"})
    if (const auto angle = number(name)) facts.add(Quantity::semiangle_mrad, {*angle}, where(name));
  if (const auto degrees = number("QR_rotation_degrees"))
    facts.notes.push_back(fmt::format("{} is {:.6g}: scan.rotation_deg is that or its negative, and is not filled",
                                      where("QR_rotation_degrees"), *degrees));
}

}  // namespace

std::optional<H5Layout> emd_layout(const H5Look& look) {
  if (look.file.text_attribute("/", "emd_group_type") != "file") return std::nullopt;
  const ListedDataset* found = largest(look, [&](const ListedDataset& d) {
    return d.path.ends_with("/data") && look.file.text_attribute(parent_of(d.path), "emd_group_type") == "array" &&
           d.path != "/reconstruction/slices/data";
  });
  if (found == nullptr) return std::nullopt;
  H5Layout layout{.format = "emd", .parts = {{look.file.name(), found->path, 0}}, .facts = {}};
  const std::string root = found->path.substr(0, found->path.find('/', 1));
  add_calibration(look, root + "/metadatabundle/calibration", layout.facts);
  add_dimensions(look, *found, parent_of(found->path) + "/dim", 0, layout.facts);
  return layout;
}

std::optional<H5Layout> old_emd_layout(const H5Look& look) {
  const ListedDataset* found = largest(look, [&](const ListedDataset& d) {
    if (d.path.starts_with("/4DSTEM_experiment/data/datacubes/") ||
        d.path.starts_with("/4DSTEM_simulation/data/datacubes/"))
      return true;
    const auto kind = look.file.attribute(parent_of(d.path), "emd_group_type");
    return d.path.ends_with("/data") && kind && !kind->empty() && kind->front() == 1;
  });
  if (found == nullptr) return std::nullopt;
  H5Layout layout{.format = "emd", .parts = {{look.file.name(), found->path, 0}}, .facts = {}};
  add_calibration(look, "/4DSTEM_experiment/metadata/calibration", layout.facts);
  add_dimensions(look, *found, parent_of(found->path) + "/dim", 1, layout.facts);
  return layout;
}

std::optional<H5Layout> hspy_layout(const H5Look& look) {
  const ListedDataset* found = largest(
      look, [](const ListedDataset& d) { return d.path.starts_with("/Experiments/") && d.path.ends_with("/data"); });
  if (found == nullptr) return std::nullopt;
  H5Layout layout{.format = "hspy", .parts = {{look.file.name(), found->path, 0}}, .facts = {}};
  const std::string group = parent_of(found->path);
  const std::size_t axes = found->info.shape.size();
  const auto axis = [&](std::size_t i) {
    const std::string path = fmt::format("{}/axis-{}", group, i);
    const auto scale = look.file.attribute(path, "scale");
    return Dimension{scale && !scale->empty() ? scale->front() : 0,
                     look.file.text_attribute(path, "units").value_or("")};
  };
  const auto where = [&](std::size_t i) { return fmt::format("{}: {}/axis-{}", look.file.name(), group, i); };
  add_pixel(layout.facts, axis(axes - 2).scale, axis(axes - 1).scale, axis(axes - 1).unit, where(axes - 1));
  if (axes == 4) add_step(layout.facts, axis(0).scale, axis(1).scale, axis(1).unit, where(1));
  const std::string tem = group + "/metadata/Acquisition_instrument/TEM";
  const std::pair<const char*, Quantity> known[] = {{"beam_energy", Quantity::energy_keV},
                                                    {"convergence_angle", Quantity::semiangle_mrad}};
  for (const auto& [name, what] : known)
    if (const auto value = look.file.attribute(tem, name); value && !value->empty())
      layout.facts.add(what, {value->front()}, fmt::format("{}: {}, {}", look.file.name(), tem, name));
  return layout;
}

std::optional<H5Layout> nion_layout(const H5Look& look) {
  const ListedDataset* found =
      largest(look, [&](const ListedDataset& d) { return look.file.text_attribute(d.path, "properties").has_value(); });
  if (found == nullptr) return std::nullopt;
  H5Layout layout{.format = "nion", .parts = {{look.file.name(), found->path, 0}}, .facts = {}};
  add_nion_facts(*look.file.text_attribute(found->path, "properties"),
                 fmt::format("{}: {}, properties", look.file.name(), found->path), layout.facts);
  return layout;
}

}  // namespace tessera
