#pragma once

#include <optional>
#include <string>

#include "io/sources/source_facts.hpp"

namespace tessera {

/// Angstrom in one of these: "nm", "[n_m]" (EMD 0.x), "m", "um", "pm", "A", "angstrom" ...; nothing for other words.
std::optional<double> length_unit_A(const std::string& word);

/// What a detector pixel is in, and how much of it one of these words is: "mrad", "rad", "1/nm", "A^-1" ...
struct PixelUnit {
  Quantity quantity;
  double factor;
};
std::optional<PixelUnit> pixel_unit(const std::string& word);

/// Adds the step of the scan or the pixel of the detector, (y, x), from scales in a unit; nothing where the unit is
/// neither. A scale may be negative: its axis runs the other way.
void add_step(SourceFacts& facts, double y, double x, const std::string& unit, const std::string& where);
void add_pixel(SourceFacts& facts, double y, double x, const std::string& unit, const std::string& where);

/// Of a photon of this energy. X-ray packages keep an energy without saying of what: below 30 keV, where no electron
/// microscope works, it is a photon's.
double photon_wavelength_A(double energy_keV);
/// The energy as a fact: electrons from 30 keV on, photons below.
void add_energy(SourceFacts& facts, double energy_keV, const std::string& where);

}  // namespace tessera
