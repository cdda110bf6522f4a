#include <algorithm>
#include <cmath>

#include "io/h5.hpp"
#include "io/sources/h5_layouts.hpp"
#include "src/base/words.hpp"

namespace tessera {

namespace {

/// Numbers that calibrate, and where they were found.
struct Known {
  std::vector<double> values;
  std::string where;
};

/// The attribute of the patterns, of their group or of the file; or else a dataset of one or two numbers of that name.
std::optional<Known> known(const H5Look& look, const std::string& patterns, const std::string& name) {
  const std::string group = patterns.substr(0, patterns.rfind('/'));
  for (const std::string& place : {patterns, group.empty() ? "/" : group, std::string("/")})
    if (const auto values = look.file.attribute(place, name); values && !values->empty())
      return Known{*values, fmt::format("{}: attribute {} of {}", look.file.name(), name, place)};
  for (const ListedDataset& dataset : look.datasets) {
    if (!dataset.path.ends_with("/" + name) || !dataset.info.numeric) continue;
    const Index count = element_count(dataset.info.shape);
    if (count == 1 || count == 2)
      return Known{look.file.real(dataset.path), fmt::format("{}: {}", look.file.name(), dataset.path)};
  }
  return std::nullopt;
}

void add_known(const H5Look& look, const ListedDataset& patterns, SourceFacts& facts) {
  struct Name {
    const char* name;
    Quantity what;
    double factor = 1;
  };
  constexpr double keV_per_eV = 1e-3;
  const Name names[] = {{"energy_eV", Quantity::energy_keV, keV_per_eV},
                        {"energy_keV", Quantity::energy_keV},
                        {"wavelength_A", Quantity::wavelength_A},
                        {"semiangle_mrad", Quantity::semiangle_mrad},
                        {"detector_pixel_invA", Quantity::pixel_invA},
                        {"detector_pixel_mrad", Quantity::pixel_mrad},
                        {"C10_A", Quantity::C10_A},
                        {"scan_step_A", Quantity::scan_step_A}};
  for (const Name& name : names) {
    auto found = known(look, patterns.path, name.name);
    if (!found || found->values.size() > 2) continue;
    for (double& value : found->values) value *= name.factor;
    facts.add(name.what, found->values, found->where);
  }
  if (facts.find(Quantity::pixel_invA) != nullptr || facts.find(Quantity::pixel_mrad) != nullptr) return;
  const auto pixel_A = known(look, patterns.path, "pixel_size_A");
  if (!pixel_A || pixel_A->values.size() > 2) return;
  const auto& shape = patterns.info.shape;
  facts.add(Quantity::pixel_invA,
            {1 / (static_cast<double>(shape.end()[-2]) * pixel_A->values.front()),
             1 / (static_cast<double>(shape.back()) * pixel_A->values.back())},
            pixel_A->where + ", the object's pixel");
}

/// (N, 2) or (Ry, Rx, 2) with "position" in its path, of as many as there are patterns; /positions_A comes first.
void add_positions(const H5Look& look, const ListedDataset& patterns, SourceFacts& facts) {
  const auto& shape = patterns.info.shape;
  const Index n = element_count(std::span(shape).first(shape.size() - 2));
  const ListedDataset* found = nullptr;
  for (const ListedDataset& d : look.datasets) {
    const auto& axes = d.info.shape;
    const bool fits = d.info.numeric && (axes.size() == 2 || axes.size() == 3) && axes.back() == 2 &&
                      element_count(axes) == 2 * n && lower_case(d.path).find("position") != std::string::npos;
    if (fits && (found == nullptr || d.path == "/positions_A")) found = &d;
  }
  if (found == nullptr) return;
  facts.positions = plain_positions(look.file.name(), found->path);
}

}  // namespace

FoundPositions plain_positions(const std::string& file, const std::string& dataset) {
  return {.file = file,
          .y_dataset = dataset,
          .x_dataset = dataset,
          .plain = true,
          .where = fmt::format("{}: {}, as (y, x) in angstrom", file, dataset)};
}

std::optional<H5Layout> plain_layout(const H5Look& look) {
  const ListedDataset* found = find_patterns(look.datasets);
  if (!look.dataset.empty()) {
    found = look.find(look.dataset.starts_with("/") ? look.dataset : "/" + look.dataset);
    // What is not there, or no patterns, is said by who reads it.
    if (found == nullptr || found->info.shape.size() < 3)
      return H5Layout{.parts = {{look.file.name(), look.dataset, 0}}, .facts = {}};
  }
  if (found == nullptr)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: nothing in it looks like patterns, which are numbers with axes (N, ky, kx) or (Ry, Rx, "
                    "ky, kx); if there are some, give their path as data.patterns",
                    look.file.name()));
  H5Layout layout{.parts = {{look.file.name(), look.dataset.empty() ? found->path : look.dataset, 0}}, .facts = {}};
  // MATLAB counts the first axis fastest.
  layout.transposed = look.file.text_attribute(found->path, "MATLAB_class").has_value();
  layout.columns = layout.transposed && found->info.shape.size() == 4;
  add_known(look, *found, layout.facts);
  if (!layout.columns) add_positions(look, *found, layout.facts);
  return layout;
}

}  // namespace tessera
