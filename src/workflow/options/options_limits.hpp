#pragma once

#include "src/workflow/options/yaml_file.hpp"

/// Between which ends a number of a run file makes sense, and why. Units are the user's. What a number costs is checked
/// apart, against the memory that is there.
namespace tessera::limits {

// The beam.
inline constexpr Limit energy_keV{1, 3000};        ///< slower electrons are scattered back, which no multislice knows
inline constexpr Limit wavelength_A{0.003, 50};    ///< electrons of 3 MeV to soft X-rays
inline constexpr Limit semiangle_mrad{1e-3, 500};  ///< X-rays to the widest electron lens; waves are paraxial
inline constexpr Limit source_size_A{0, 1e4};      ///< a window is smaller
inline constexpr Limit focal_spread_A{0, 1e6};
inline constexpr Limit modes{1, 64};  ///< each costs as much as the first; sources have a few
inline constexpr Limit angle_deg{-360, 360};

/// Of an aberration of order n [A]: 1 mm of defocus for X-rays, and 10 times more with each order.
constexpr Limit aberration_A(int order) {
  double most = 1e6;
  for (int n = 0; n < order; ++n) most *= 10;
  return {-most, most};
}

// The detector.
inline constexpr Limit counts_per_electron{1e-12, 1e6};  ///< patterns normalised to 1 to integrating detectors
inline constexpr Limit psf_px{0, 16};                    ///< a pixel that shares with more resolves nothing
inline constexpr Limit bin{1, 16};
inline constexpr Limit simulate{1, 2};
inline constexpr Limit pixel_mrad{1e-6, 200};               ///< a few pixels of it are a right angle
inline constexpr Limit pixel_invA{1e-9, 10};                ///< windows of 0.1 A, less than an atom, to 10 cm
inline constexpr Limit bright_field_radius_px{0.5, 65535};  ///< of a detector of that many pixels
inline constexpr Limit centre_px{0, 65535};

// The scan.
inline constexpr Limit step_A{1e-3, 1e7};    ///< a hundredth of a picometre to a millimetre
inline constexpr Limit affine{-1e10, 1e10};  ///< positions in metres become angstrom
inline constexpr Limit index{0, 1e12};       ///< of a pattern
inline constexpr Limit index_step{1, 1e12};

// The object.
inline constexpr Limit absorption_ratio{0, 100};
inline constexpr Limit slices{1, 10000};
inline constexpr Limit states{1, 100};
inline constexpr Limit slice_spacing_A{1e-2, 1e8};  ///< less than an atom to the depth of a thick X-ray specimen
inline constexpr Limit margin_px{0, 4096};          ///< nothing lights the margin: a wide one is memory and no more

// What is fitted, and how.
inline constexpr Limit iteration{0, 1e6};
inline constexpr Limit epsilon_e{0, 100};    ///< more electrons than most pixels count hide the data
inline constexpr Limit band_limit{0.05, 1};  ///< less lets hardly a wave through
inline constexpr Limit fraction{0, 1};       ///< of a whole
inline constexpr Limit gradients{1, 1e7};
inline constexpr Limit history{1, 1000};       ///< TAO's own is 5; each is two more vectors of all variables
inline constexpr Limit expected_loss{0, 1e3};  ///< a start is rarely further from the data
inline constexpr Limit held_out{0, 0.5};
inline constexpr Limit weight{0, 1e4};  ///< 1 is as much as all electrons say of a voxel
inline constexpr Limit epsilon_rad{1e-9, 10};
inline constexpr Limit slope{1e-3, 1e3};
inline constexpr Limit eta{1e-6, 1};  ///< up to the mean voxel
inline constexpr Limit threads{1, 1024};
inline constexpr Limit batch{1, 65536};      ///< more waves than fill any GPU
inline constexpr Limit seed{0, 2147483647};  ///< 31 bits

// Simulation.
inline constexpr Limit potential_pixel_A{1e-3, 10};  ///< an atom's potential changes over 0.1 A
inline constexpr Limit slice_thickness_A{1e-2, 1e4};
inline constexpr Limit scan_shape{1, 1e5};
inline constexpr Limit start_A{-1e7, 1e7};
inline constexpr Limit jitter_A{0, 1e7};
inline constexpr Limit window_A{0.1, 1e9};
inline constexpr Limit detector_shape{1, 65535};
inline constexpr Limit dose_e_per_A2{
    1e-9, 1e12};  ///< less than one electron a field of a micrometre to more than any survives
inline constexpr Limit position_error_A{0, 1e7};
inline constexpr Limit dose_spread{0, 2};  ///< of a logarithm: a factor of 7
inline constexpr Limit descan_px{0, 1000};
inline constexpr Limit tilt_mrad{-500, 500};  ///< far from a right angle, where its tangent ends
inline constexpr Limit background_e{0, 1e6};

// Calibration.
inline constexpr Limit survey_patterns{64, 1048576};  ///< fewer show nothing; each is some hundred bytes on root
inline constexpr Limit trial_patterns{
    16, 65536};  ///< fewer overlap with nothing; a whole reconstruction is another command
inline constexpr Limit trial_gradients{2, 1000};

// Preprocessing.
inline constexpr Limit bad_pixel_sigma{3, 1000};  ///< less takes a good pixel in a thousand for a bad one
inline constexpr Limit ellipse_ratio{1, 2};       ///< lenses and cameras stretch by a few per cent
inline constexpr Limit polynomial_degree{1, 7};   ///< 36 numbers an axis; a tableau has some tens of discs
inline constexpr Limit lattice_A{-1e5, 1e5};
inline constexpr Limit rings_px{0.5, 65535};
inline constexpr Limit azimuths{1, 256};
inline constexpr Limit channels{1, 1024};    ///< dense weights of so many times a pattern's pixels are held
inline constexpr Limit block_MiB{1, 65536};  ///< a node's memory

}  // namespace tessera::limits
