#pragma once

#include "src/model/probe.hpp"
#include "src/optimisation/problem.hpp"
#include "src/workflow/input/experiment.hpp"

namespace tessera {

/// One mode of unit power from aperture and aberrations; throws InputError when the aperture reaches beyond the window.
ComplexImage computed_probe(const BeamOptions& beam, const Grid& window, double wavelength_A);

/// beam.modes modes of the power of `first` [y, x]: those of the beam's partial coherence where it is given, otherwise
/// Hermite-Gauss ones.
ComplexImage first_modes(const BeamOptions& beam, const ComplexImage& first, const Grid& window, double wavelength_A);

/// The starting probe, [mode, y, x], scaled to the electrons per pattern (collective): computed from the optics or
/// read, with further modes added. Throws InputError when it does not fit its window.
ComplexImage initial_probe(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                           double mean_electrons);

/// Throws what set_initial_object throws of the file's shape and place, without reading it (collective).
void check_initial_object(const Comm& comm, const RunOptions& options, const Experiment& experiment);

/// Sets the object from object.initial, if there is one: a transmission (complex) or a phase [rad], [slice, y, x] or
/// [y, x], placed by its origin_A; vacuum where the file does not reach. The transmission <group>/object/data of a
/// result takes its phase from <group>/slices/data beside it, which is not wrapped. Root looks at the file, each rank
/// reads its own box (collective). Throws InputError at NaN and infinities, and when the file's pixels do not lie on
/// the run's, within 0.01 pixel. With object.states each state starts as the same object, but for a noise of 0.02 rad.
template <class Real>
std::optional<std::string> set_initial_object(const RunOptions& options, const Experiment& experiment,
                                              Problem<Real>& problem);

}  // namespace tessera
