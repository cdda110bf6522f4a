#include "src/workflow/exports/export_source.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

#include "src/base/units.hpp"
#include "src/workflow/input/check_finite.hpp"
#include "src/workflow/input/phase_stack.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera {
namespace {

constexpr std::string_view root = "/reconstruction/";

std::string data_of(const std::string& array) { return fmt::format("{}{}/data", root, array); }

/// The shape of an array of so many axes, none of them empty, and complex or not.
std::vector<Index> shape_of(const OpenFile& file, const std::string& array, std::size_t axes, bool is_complex) {
  const DatasetInfo info = file.info(data_of(array));
  const bool of_kind =
      is_complex ? info.type == StoredType::complex64 || info.type == StoredType::complex128 : info.numeric;
  if (info.shape.size() != axes || element_count(info.shape) == 0 || !of_kind)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: {} is ({}) of {}; it must be {} numbers of {} axes, none empty", file.name(), data_of(array),
                    fmt::join(info.shape, ", "), info.type_name, is_complex ? "complex" : "real", axes));
  file.require_whole(data_of(array));
  return info.shape;
}

/// A key of the run file that the result keeps; null where it is not there.
YamlNode configured(const OpenFile& file, const std::string& key) {
  constexpr const char* config = "/reconstruction/process/config_yaml/data";
  YamlNode missing;
  missing.place = "it does not say";
  if (!file.has(config)) return missing;
  const std::optional<std::string> text = file.text(config);
  if (!text) throw InputError(ExitCode::data_wrong, fmt::format("{}: {} is not one text", file.name(), config));
  const YamlNode tree = parse_yaml(*text, file.name());
  const YamlNode* const node = find_yaml(tree, key);
  return node == nullptr ? missing : *node;
}

/// What `read` makes of the configuration; what is wrong in it is wrong in the file.
template <class Read>
auto from_configuration(const OpenFile& file, Read read) {
  try {
    return read();
  } catch (const InputError& error) {
    throw InputError(ExitCode::data_wrong, fmt::format("{}: its configuration: {}", file.name(), error.what()));
  }
}

std::vector<double> finite_numbers(const OpenFile& file, const std::string& array) {
  const std::vector<Index> shape = file.info(data_of(array)).shape;
  std::vector<double> values = file.real(data_of(array));
  check_finite(file.name(), data_of(array), std::vector<Index>(shape.size(), 0), shape, values);
  return values;
}

/// Arrays of the result that exports have no place for.
std::vector<std::string> other_arrays(const OpenFile& file) {
  constexpr std::array exported{"object", "slices", "phase",     "amplitude",    "potential", "probe",  "positions",
                                "loss",   "gaps",   "thickness", "nominal_scan", "held_out",  "misfit", "residual"};
  std::vector<std::string> others;
  for (const ListedDataset& listed : file.list().datasets) {
    if (!listed.path.starts_with(root) || !listed.path.ends_with("/data")) continue;
    const std::string name = listed.path.substr(root.size(), listed.path.find('/', root.size()) - root.size());
    if (listed.path == data_of(name) && std::ranges::find(exported, name) == exported.end()) others.push_back(name);
  }
  return others;
}

double wavelength_of(const OpenFile& file) {
  const std::string dataset = "/reconstruction/metadatabundle/reconstruction/wavelength_A";
  const std::vector<double> value = file.real(dataset);
  if (value.size() != 1 || !limits::wavelength_A.holds(value[0]))
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} must be one number, {} A", file.name(), dataset, limits::wavelength_A.text()));
  return value[0];
}

}  // namespace

ExportSource read_export_source(const OpenFile& file) {
  if (!file.has(data_of("object")))
    throw InputError(ExitCode::data_missing, fmt::format("{}: is no result of tessera reconstruct: there is no {}",
                                                         file.name(), data_of("object")));
  ExportSource source;
  source.file = file.name();
  const std::vector<Index> object = shape_of(file, "object", 3, true), probe = shape_of(file, "probe", 3, true);
  if (shape_of(file, "slices", 3, false) != object)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} and {} are of different shapes", file.name(),
                                                       data_of("object"), data_of("slices")));
  source.frame = stored_frame(file, data_of("object"));
  source.slices = object[0];
  source.modes = probe[0];
  const ObjectFrame window = stored_frame(file, data_of("probe"));
  source.window = {window.ny, window.nx, window.dy_A, window.dx_A};
  if (std::abs(window.dy_A - source.frame.dy_A) > 1e-6 * window.dy_A ||
      std::abs(window.dx_A - source.frame.dx_A) > 1e-6 * window.dx_A)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: object and probe have pixels of {} x {} and {} x {} A; they must be the same",
                                 file.name(), source.frame.dy_A, source.frame.dx_A, window.dy_A, window.dx_A));
  source.wavelength_A = wavelength_of(file);
  source.energy_eV = from_configuration(file, [&]() -> std::optional<double> {
    const YamlNode energy = configured(file, "beam.energy_keV");
    if (energy.is_null()) return std::nullopt;
    return Value("beam.energy_keV", "keV", energy).number(limits::energy_keV) * units::eV_per_keV;
  });
  source.positions_A = read_points(file, data_of("positions"));
  source.loss = finite_numbers(file, "loss");
  source.others = other_arrays(file);
  return source;
}

std::vector<double> slice_gaps_A(const OpenFile& file, const ExportSource& source) {
  const auto count = static_cast<std::size_t>(source.slices - 1);
  if (count == 0) return {};
  std::vector<double> gaps_A = from_configuration(file, [&] {
    const YamlNode node = configured(file, "object.slice_spacing_A");
    const Value given("object.slice_spacing_A", "A", node);
    if (!given.is_list()) return std::vector<double>(count, given.number(limits::slice_spacing_A));
    std::vector<double> list;
    for (const Value& item : given.items()) list.push_back(item.number(limits::slice_spacing_A));
    if (list.size() != count) given.reject(fmt::format("{} numbers, for {} slices", count, source.slices));
    return list;
  });
  if (file.has(data_of("thickness"))) {
    const std::vector<double> share = finite_numbers(file, "thickness");
    for (double& gap : gaps_A) gap *= 1 + (share.empty() ? 0 : share[0]);
  }
  if (file.has(data_of("gaps"))) {
    const std::vector<double> change_A = finite_numbers(file, "gaps");
    if (change_A.size() != count)
      throw InputError(ExitCode::data_wrong, fmt::format("{}: {} holds {} numbers for {} slices", file.name(),
                                                         data_of("gaps"), change_A.size(), source.slices));
    for (std::size_t i = 0; i < count; ++i) gaps_A[i] += change_A[i];
  }
  return gaps_A;
}

std::optional<double> even_gap_A(const std::vector<double>& gaps_A, double tolerance) {
  if (gaps_A.empty()) return std::nullopt;
  const double mean = std::accumulate(gaps_A.begin(), gaps_A.end(), 0.0) / static_cast<double>(gaps_A.size());
  const auto far = [&](double gap) { return std::abs(gap - mean) > tolerance * std::abs(mean); };
  return std::ranges::any_of(gaps_A, far) ? std::nullopt : std::optional(mean);
}

std::vector<Slab> slabs_of(const std::vector<Index>& shape, Index most) {
  if (shape.empty()) return {{{}, {}}};
  std::size_t axis = shape.size() - 1;  // that is cut; those behind it are whole
  Index inner = 1;
  if (axis > 0) inner = shape[axis--];
  while (axis > 0 && inner <= most / std::max<Index>(1, shape[axis])) inner *= shape[axis--];
  const Index step = std::max<Index>(1, most / std::max<Index>(1, inner));
  Index leading = 1;
  for (std::size_t i = 0; i < axis; ++i) leading *= shape[i];
  std::vector<Slab> slabs;
  for (Index outer = 0; outer < leading; ++outer)
    for (Index first = 0; first < shape[axis]; first += step) {
      Slab slab{std::vector<Index>(shape.size(), 0), shape};
      Index rest = outer;
      for (std::size_t i = axis; i-- > 0; rest /= shape[i]) {
        slab.start[i] = rest % shape[i];
        slab.count[i] = 1;
      }
      slab.start[axis] = first;
      slab.count[axis] = std::min(step, shape[axis] - first);
      slabs.push_back(std::move(slab));
    }
  return slabs;
}

}  // namespace tessera
