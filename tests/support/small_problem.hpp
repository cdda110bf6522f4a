#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/optimisation/problem.hpp"

namespace tessera::testing {

/// A problem small enough for plain loops, yet with nothing square or regular about it: oblong windows of non-square
/// pixels, slices with different gaps, two modes, an irregular scan with a hole, a detector mask. Everything random is
/// keyed by a global index, so that it is the same problem on any number of ranks.
struct SmallProblem {
  DeviceKind device = DeviceKind::host;
  Representation representation = Representation::phase_absorption;
  Loss loss{};
  TransmissionLimit transmission = TransmissionLimit::none;
  double band_limit = 2.0 / 3;
  std::vector<Regulariser> regularisers{};
  Grid window{.ny = 12, .nx = 16, .dy_A = 0.35, .dx_A = 0.25};
  Index slices = 3;
  Index modes = 2;
  Index states = 1;
  Index batch = 1;
  Index kept_every = 1;
  Index rows = 6;  ///< of the scan, before the hole
  Index columns = 7;
  double step_A = 0.9;  ///< of the scan; well below a window / ranks, tiles become smaller than the halo
  double electrons = 2000;
  std::vector<std::string> unknowns{};  ///< beside object and probe
  DetectorSetup detector{};
  Index virtual_sets = 0;       ///< of virtual detectors that positions use in turn; 0: pixels are recorded
  bool signed_weights = false;  ///< half of the virtual detectors' weights are negative, and data float
  double psf_px = 0;
  int lanes = 1;
  std::map<std::string, double> numbers{};  ///< given for unknowns, beside what is usual
  bool l_shaped = false;  ///< no quarter of high y and x: some owned pixels lie in windows of other ranks only
  HeldOutChoice held_out{};
  bool patterns_apart = false;  ///< patterns are kept in staging memory and copied batch by batch
  bool profile = false;
  HaloPath halo = HaloPath::staged;
};

/// Gives the problem a detector of ny x nx of the window's pixels, summed bin x bin, some of them dead in the sums.
void set_detector(SmallProblem& small, Index ny, Index nx, Index bin);
std::vector<PointYX> scan_of(const SmallProblem& small);
Propagation propagation_of(const SmallProblem& small);
std::vector<double> gaps_of(const SmallProblem& small);
/// The probe to start from, or the one that made the patterns.
ComplexImage probe_of(const SmallProblem& small, bool truth);
/// What a user who gives nothing gets for an unknown; small bases where there is a choice.
UnknownSettings usual_settings(const std::string& name);
/// `count` sets of nine virtual detectors, each on a third of the pixels, so that they overlap.
VirtualSets virtual_sets(Index count, Index pixels, bool signed_weights);
Index detector_pixels(const SmallProblem& small);
/// [y, x] 1 or 0: some pixels are invalid.
std::vector<double> mask_of(const SmallProblem& small);
/// Shape, tiles and this rank's positions.
ProblemSetup setup_of(const SmallProblem& small, const Comm& comm);
/// The counts of this rank's positions [position, y, x]: the model at true values, with noise.
std::vector<std::uint16_t> counts_of(const SmallProblem& small, const Comm& comm);

/// The problem at its start values, with these counts of this rank's positions.
template <class Real>
Problem<Real> problem_of(const SmallProblem& small, const Comm& comm, const std::vector<std::uint16_t>& counts);
/// The same with those of `counts_of`.
template <class Real>
Problem<Real> make_problem(const SmallProblem& small, const Comm& comm);

/// The probe's values.
template <class Real>
std::vector<Complex<Real>> probe_values(Problem<Real>& problem);
/// A change of an unknown that shows but does not upset the model, in the program's unit.
double usual_size(const std::string& name);
/// Adds noise of that size to a parameter, keyed by the place in the whole scan: the same on any number of ranks.
void perturb(Parameter& parameter, const std::vector<Index>& ids, double size);
/// The same for all parameters but those that hold the start.
template <class Real>
void perturb_all(Problem<Real>& problem);

/// Where this rank's real number i of the object lies among those of the whole object, [voxel, part].
template <class Real>
Index global_real(Problem<Real>& problem, Index i);
/// The object's reals of all ranks by global index, on every rank (collective).
template <class Real>
std::vector<double> gather_object(Problem<Real>& problem, const std::vector<Real>& mine);
/// Probe or its gradient as reals.
template <class Real>
std::vector<double> as_reals(const std::vector<Complex<Real>>& values);

}  // namespace tessera::testing
