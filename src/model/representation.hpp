#pragma once

#include <optional>
#include <string_view>

namespace tessera {

/// How the object's variables make its transmission: exp(i phase - absorption), exp(i phase), the transmission itself
/// as (re, im) pairs, exp((i - ratio) phase), or exp(i sigma v) with the potential v of a slice [V angstrom], which
/// does not depend on the beam's energy.
enum class Representation { phase_absorption, phase, complex_transmission, absorption_ratio, potential };

/// Numbers that some representations need.
struct RepresentationConstants {
  double absorption_ratio = 0;        ///< absorption over phase
  double interaction_rad_per_VA = 1;  ///< sigma
};

/// What one real variable a voxel does: phase = phase_rate u, absorption = absorption_rate u.
struct VoxelRates {
  double phase = 1;
  double absorption = 0;
};

/// The parts of an object that are held at or above zero.
struct PositiveParts {
  bool phase = false;
  bool absorption = true;
};

/// The rates where a voxel has one real variable; nothing where it has two.
inline std::optional<VoxelRates> voxel_rates(Representation representation, const RepresentationConstants& constants) {
  if (representation == Representation::phase) return VoxelRates{1, 0};
  if (representation == Representation::absorption_ratio) return VoxelRates{1, constants.absorption_ratio};
  if (representation == Representation::potential) return VoxelRates{constants.interaction_rad_per_VA, 0};
  return std::nullopt;
}

/// The unit of the variables.
inline std::string_view unit_of(Representation representation) {
  if (representation == Representation::complex_transmission) return "";
  return representation == Representation::potential ? "V angstrom" : "rad";
}

}  // namespace tessera
