#pragma once

#include <string>
#include <vector>

#include "src/geometry/scan.hpp"
#include "src/optimisation/depth_wedge.hpp"

namespace tessera {

enum class RegulariserKind { l1, reweighted_l1, l2, tv, z_smoothness, kz_wedge, absorption_ratio, state_variance };
enum class RegulariserTarget { phase, absorption };

/// A penalty on one part of the object (kernels/penalty.hpp). `weight` is dimensionless: 1 weighs as much as the data
/// do at the median lit voxel, per rad (or rad^2).
struct Regulariser {
  RegulariserKind kind = RegulariserKind::l1;
  RegulariserTarget of = RegulariserTarget::phase;
  double weight = 0;
  double epsilon_rad = 0.005;  ///< rounds the corner at zero
  double z_weight = 0;         ///< of differences between slices against those in the plane
  double beta = 1;             ///< slope of the wedge
  double eta = 0.1;            ///< of reweighted_l1
  double ratio = 0;            ///< absorption per phase
};

/// What penalties know of the object beside its values.
struct PenaltyFrame {
  Box object;
  Index planes = 1;
  Index slices = 1;   ///< of a state; planes are the states' slices
  double step_y = 1;  ///< reference pixels over pixels: differences are taken per reference pixel
  double step_x = 1;
};

/// `reference_pixel_A` 0: the root of a pixel's area.
PenaltyFrame penalty_frame(const ObjectFrame& frame, Index planes, Index slices, double reference_pixel_A);

/// What one evaluation of one regulariser reads and writes, on this rank. Weight and epsilon are in the unit of the
/// data and of the variable.
template <class Real>
struct PenaltyTask {
  const Lane& lane;
  const PenaltyFrame& frame;
  const Regulariser& regulariser;
  double weight, epsilon;
  View3<const Real> u;           ///< [plane, y, x] on the owned box: the part that is penalised
  View3<Real> slope;             ///< of it
  BoxedView<const Real> rimmed;  ///< the same with its rim, where the kind needs one
  Box owned;
  View3<Real> value;              ///< space like u
  View3<const Real> own_weights;  ///< of voxels, where the kind has them
  DepthWedge<Real>* wedge;        ///< where the kind has it
  View3<const Real> absorption;   ///< where the kind needs both; u is the phase then
  View3<Real> absorption_slope;
};

/// One kind: its words in the run file and what it needs. A new kind is a kernel and a row.
struct RegulariserRow {
  RegulariserKind kind;
  std::string name, meaning;
  std::vector<std::string> keys;  ///< of `regularisers[]` beside kind and weight, that it reads
  int degree;                     ///< R(c u) = c^degree R(u), epsilon apart
  double epsilon_rad;             ///< the default
  /// Pixels around the owned box that it reads.
  Index (*rim)(const PenaltyFrame&);
  bool needs_slices;  ///< has no meaning for one slice
  bool needs_states;  ///< nor for one state
  bool needs_both;    ///< phase and absorption must both be unknowns
  bool reweighted;    ///< voxels have weights of their own, made anew when a segment begins
  bool has_wedge;
  /// Adds the slope and returns this rank's share of the value.
  double (*single)(const PenaltyTask<float>&);
  double (*twice)(const PenaltyTask<double>&);
};

const std::vector<RegulariserRow>& regulariser_rows();
const RegulariserRow& regulariser_row(RegulariserKind kind);

}  // namespace tessera
