#include <algorithm>

#include "src/base/words.hpp"
#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {
namespace {

/// Orders n and multiplicities m of the aberrations C_nm of Krivanek up to n = 5; those with m > 0 have an angle
/// phi_nm.
constexpr const char* aberration_orders[] = {"10", "12", "21", "23", "30", "32", "34",
                                             "41", "43", "45", "50", "52", "54", "56"};

std::vector<std::string> aberration_names() {
  std::vector<std::string> names;
  for (const std::string order : aberration_orders) {
    names.push_back("C" + order + "_A");
    if (order[1] != '0') names.push_back("phi" + order + "_deg");
  }
  return names;
}

/// Of a name that is one of them.
Limit limit_of(const std::string& name) {
  return name.front() == 'p' ? limits::angle_deg : limits::aberration_A(name[1] - '0');
}

std::vector<NumberRange> aberration_numbers() {
  std::vector<NumberRange> numbers;
  for (const std::string& name : aberration_names()) numbers.push_back({"beam.aberrations." + name, limit_of(name)});
  return numbers;
}

void read_aberrations(const Value& value, RunOptions& options) {
  auto& aberrations = options.beam.aberrations;
  aberrations.clear();
  if (value.is_null()) return;
  if (!value.is_map()) value.reject("a map such as {C10_A: 100, C12_A: 20, phi12_deg: 30}");
  const std::vector<std::string> known = aberration_names();
  for (const auto& [name, node] : value.node().members) {
    const bool is_angle = name.ends_with("_deg");
    const Value number(value.key() + "." + name, is_angle ? "degrees" : "A", node);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = nearest_word(name, known);
      throw_run_file(fmt::format("unknown key {} ({}); {} known: C10_A to C56_A and phi12_deg to phi56_deg",
                                 number.key(), yaml_place(node),
                                 near.empty() ? "these are" : "did you mean " + near + "? These are"));
    }
    const std::string stored = is_angle ? name.substr(0, name.size() - 3) + "rad" : name;
    aberrations.emplace_back(stored, number.number(limit_of(name)) * (is_angle ? units::rad_per_degree : 1));
  }
}

void read_slice_spacing(const Value& value, RunOptions& options) {
  auto& spacing = options.object.slice_spacing_A;
  const std::size_t gaps = static_cast<std::size_t>(options.object.slices) - 1;
  spacing.clear();
  options.object.even_spacing_A.reset();
  if (value.is_null()) {
    if (gaps > 0) value.reject(fmt::format("given when object.slices is {}", gaps + 1));
  } else if (value.is_list()) {
    for (const Value& gap : value.items()) spacing.push_back(gap.number(limits::slice_spacing_A));
    if (spacing.size() != gaps) value.reject(fmt::format("a number or a list of object.slices - 1 = {} gaps", gaps));
  } else {
    options.object.even_spacing_A = value.number(limits::slice_spacing_A);
    spacing.assign(gaps, *options.object.even_spacing_A);
  }
}

std::vector<OptionEntry> object_entries() {
  return {
      choice_entry<Representation>(
          {"object.representation", "", "phase_absorption",
           "what stands for the object in each voxel; absorption_ratio: a phase, with object.absorption_ratio times it "
           "as "
           "absorption; potential: of each slice in V angstrom, which the beam's energy turns into a phase"},
          {{"phase_absorption", Representation::phase_absorption},
           {"phase", Representation::phase},
           {"complex", Representation::complex_transmission},
           {"absorption_ratio", Representation::absorption_ratio},
           {"potential", Representation::potential}},
          [](auto& o) -> auto& { return o.object.representation; }),
      number_entry(
          {"object.absorption_ratio", "", "0", "absorption over phase, for object.representation: absorption_ratio"},
          limits::absorption_ratio, [](auto& o) -> auto& { return o.object.absorption_ratio; }),
      list_entry(
          {"object.positive", "", "[absorption]",
           "parts of the object that are held at or above zero (phase: with potential, too)"},
          "a list of phase, absorption",
          [](RunOptions& o) {
            o.object.positive = {false, false};
          },
          [](const Value& part, RunOptions& o) {
            (part.choice({"phase", "absorption"}) == 0 ? o.object.positive.phase : o.object.positive.absorption) = true;
          }),
      number_entry(
          {"object.slices", "", "1", "number of slices along the beam"}, limits::slices,
          [](auto& o) -> auto& { return o.object.slices; }),
      number_entry(
          {"object.states", "", "1",
           "objects that take turns during the exposure and add up incoherently, such as moving or vibrating atoms"},
          limits::states, [](auto& o) -> auto& { return o.object.states; }),
      {"object.slice_spacing_A",
       "A",
       "null",
       limits::slice_spacing_A.text() + "; one number or a list of slices - 1",
       "gaps between the centres of the slices; for simulate.object, which brings its slices, one number will do",
       read_slice_spacing,
       {{"object.slice_spacing_A", limits::slice_spacing_A},
        {"object.slice_spacing_A", limits::slice_spacing_A, "[VALUE]"}}},
      dataset_entry(
          {"object.initial", "", "vacuum", "starting object: complex transmission, (y, x) or (slice, y, x)"},
          [](auto& o) -> auto& { return o.object.initial; }),
      number_entry(
          {"object.margin_px", "pixels", "4", "rim around the field that the probe windows cover"}, limits::margin_px,
          [](auto& o) -> auto& { return o.object.margin_px; }),
  };
}

}  // namespace

std::vector<OptionEntry> beam_entries() {
  std::vector<OptionEntry> entries = {
      number_entry(
          {"beam.energy_keV", "keV", "null", "kinetic energy of the electrons"}, limits::energy_keV,
          [](auto& o) -> auto& { return o.beam.energy_eV; }, units::eV_per_keV),
      number_entry(
          {"beam.wavelength_A", "A", "null", "wavelength, in place of the energy"}, limits::wavelength_A,
          [](auto& o) -> auto& { return o.beam.wavelength_A; }),
      number_entry(
          {"beam.semiangle_mrad", "mrad", "null", "convergence semi-angle; needed unless `initial` is given"},
          limits::semiangle_mrad, [](auto& o) -> auto& { return o.beam.semiangle_rad; }, units::rad_per_mrad),
      {"beam.aberrations", "", "{}",
       fmt::format(
           "C10_A, C12_A, phi12_deg ... C56_A, phi56_deg; Cn_A {}, each further order up to 10 times more; angles {}",
           limits::aberration_A(1).text(), limits::angle_deg.text()),
       "aberration coefficients in Krivanek's notation, polar; C10_A > 0 is overfocus", read_aberrations,
       aberration_numbers(), OptionEntry::Kind::tree},
      dataset_entry(
          {"beam.initial", "", "null", "starting probe: complex, (y, x) or (mode, y, x), centred"},
          [](auto& o) -> auto& { return o.beam.initial; }),
      number_entry(
          {"beam.source_size_A", "A", "0",
           "standard deviation of the source's image on the specimen; the probe starts as the modes of that mixture"},
          limits::source_size_A, [](auto& o) -> auto& { return o.beam.source_size_A; }),
      number_entry(
          {"beam.focal_spread_A", "A", "0", "standard deviation of the defocus (chromatic), mixed in the same way"},
          limits::focal_spread_A, [](auto& o) -> auto& { return o.beam.focal_spread_A; }),
      number_entry(
          {"beam.modes", "", "1", "number of mutually incoherent probe modes"}, limits::modes,
          [](auto& o) -> auto& { return o.beam.modes; }),
      bool_entry(
          {"beam.rescale", "", "true", "scales a given probe to the mean electrons per pattern"},
          [](auto& o) -> auto& { return o.beam.rescale; }),
  };
  for (OptionEntry& entry : object_entries()) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace tessera::detail
