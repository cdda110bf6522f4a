#include "io/sources/unit_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/words.hpp"

namespace tessera {

namespace {

/// Without blanks, underscores and brackets, in small letters: "[n_m^-1]" is "nm^-1".
std::string plain(const std::string& word) {
  std::string text;
  for (const char c : word)
    if (c != ' ' && c != '_' && c != '[' && c != ']') text += c;
  return text;
}

struct LengthWord {
  const char* word;
  double in_A;
};

// Letters count: pm and Pm, m and M are different units.
constexpr std::array<LengthWord, 16> length_words{{{"A", 1},
                                                   {"\u00c5", 1},
                                                   {"\u212b", 1},
                                                   {"angstrom", 1},
                                                   {"angstroms", 1},
                                                   {"Angstrom", 1},
                                                   {"Angstroms", 1},
                                                   {"\u00e5ngstr\u00f6m", 1},
                                                   {"pm", 0.01},
                                                   {"nm", 10},
                                                   {"um", 1e4},
                                                   {"\u00b5m", 1e4},
                                                   {"\u03bcm", 1e4},
                                                   {"mm", 1e7},
                                                   {"cm", 1e8},
                                                   {"m", 1e10}}};

std::optional<double> length_of(const std::string& text) {
  const auto found = std::ranges::find(length_words, text, [](const LengthWord& w) { return std::string(w.word); });
  if (found == length_words.end()) return std::nullopt;
  return found->in_A;
}

}  // namespace

std::optional<double> length_unit_A(const std::string& word) { return length_of(plain(word)); }

std::optional<PixelUnit> pixel_unit(const std::string& word) {
  const std::string text = plain(word);
  if (text == "mrad" || text == "mradians") return PixelUnit{Quantity::pixel_mrad, 1};
  if (text == "rad" || text == "radians") return PixelUnit{Quantity::pixel_mrad, 1e3};
  std::string inverse;
  if (text.starts_with("1/")) inverse = text.substr(2);
  for (const char* power : {"^-1", "-1", "\u207b\u00b9"})
    if (inverse.empty() && text.ends_with(power)) inverse = text.substr(0, text.size() - std::string(power).size());
  if (const auto length = length_of(inverse)) return PixelUnit{Quantity::pixel_invA, 1 / *length};
  return std::nullopt;
}

void add_step(SourceFacts& facts, double y, double x, const std::string& unit, const std::string& where) {
  if (const auto in_A = length_unit_A(unit))
    facts.add(Quantity::scan_step_A, {std::abs(y) * *in_A, std::abs(x) * *in_A}, where + ", " + unit);
}

void add_pixel(SourceFacts& facts, double y, double x, const std::string& unit, const std::string& where) {
  if (const auto pixel = pixel_unit(unit))
    facts.add(pixel->quantity, {std::abs(y) * pixel->factor, std::abs(x) * pixel->factor}, where + ", " + unit);
}

double photon_wavelength_A(double energy_keV) {
  constexpr double hc_keV_A = 12.398419843320026;
  return hc_keV_A / energy_keV;
}

void add_energy(SourceFacts& facts, double energy_keV, const std::string& where) {
  constexpr double slowest_keV = 30;
  if (energy_keV >= slowest_keV)
    facts.add(Quantity::energy_keV, {energy_keV}, where);
  else if (energy_keV > 0)
    facts.add(Quantity::wavelength_A, {photon_wavelength_A(energy_keV)}, where + ", of photons");
}

}  // namespace tessera
