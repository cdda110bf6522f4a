#pragma once

#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// A place of the wave's way where phases are added: in Fourier space before the first slice (incident) and between two
/// slices, in real space behind the last one (exit). Phase of position j: phase(k) + 2 pi (u_y slope_jy + u_x
/// slope_jx), u in cycles per pixel in Fourier space and (pixel - centre)/N in real space. So a slope is minus a shift
/// of the wave in pixels in Fourier space, and a shift of the pattern in detector pixels in real space.
struct PhaseSite {
  std::vector<double> phase;  ///< [y, x] rad, zero frequency at [0, 0]; empty: none
  std::vector<double> slope;  ///< [position, 2] pixels, (y, x); empty: none
};

/// All of an experiment that may be uncertain beside the object, as the operators of the forward model take it: waves
/// that are mixed, phases at sites, free space, an affine detector. Empty members are neutral. The same type holds a
/// direction (what changes) and a gradient, of which only the members that are not empty are computed. Unknowns
/// (unknown.hpp) write into it and read gradients from it; the operators know no unknown, an unknown knows no operator.
/// Positions are those of a rank, in its order.
struct Instrument {
  std::vector<double> probe;                ///< [mode, y, x] (re, im) sqrt(electron), centre at pixel floor(N/2)
  std::vector<double> relaxation_basis;     ///< [rank, y, x] (re, im): waves added to the first mode ...
  std::vector<double> relaxation;           ///< [position, rank] ... in these amounts
  std::vector<double> log_amplitude;        ///< [position] of the incident waves
  std::vector<double> state_log_amplitude;  ///< [state] of the waves that meet each state of the object
  std::vector<PhaseSite> sites;             ///< [slices + 1]: incident, behind slice 0, 1, ..., exit
  std::vector<double> gap_A;                ///< [gap] free space between two slices
  std::vector<double> tan_tilt;             ///< [2] (y, x) of the specimen against the beam, for all positions
  std::vector<double> tan_tilts;            ///< [position, 2] added to it
  std::vector<double> psf_px;               ///< [1] standard deviation of the detector's point spread [pixel]
  std::vector<double> background;           ///< [ky, kx] electrons, in the order of the stored patterns
};

/// A direction in which nothing changes, with the members that `instrument` has.
inline Instrument no_change(const Instrument& instrument) {
  Instrument direction = instrument;
  for (std::vector<double>* const values :
       {&direction.probe, &direction.relaxation_basis, &direction.relaxation, &direction.log_amplitude,
        &direction.state_log_amplitude, &direction.gap_A, &direction.tan_tilt, &direction.tan_tilts, &direction.psf_px,
        &direction.background})
    values->assign(values->size(), 0.0);
  for (PhaseSite& site : direction.sites) {
    site.phase.assign(site.phase.size(), 0.0);
    site.slope.assign(site.slope.size(), 0.0);
  }
  return direction;
}

}  // namespace tessera
