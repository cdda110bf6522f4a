#pragma once

#include <string>
#include <vector>

#include "io/result_file.hpp"
#include "src/optimisation/problem.hpp"
#include "src/workflow/input/experiment.hpp"

namespace tessera {

/// What became of one unknown, in its own unit.
struct ParameterSummary {
  std::string name;
  std::string unit;
  double rms_change = 0;       ///< of its values against the start, over all ranks
  double standard_error = 0;   ///< what counting noise leaves at the least, rms; 0: not known
  double joint_error = 0;      ///< the same with all that is refined free; 0: not asked for
  std::vector<double> values;  ///< of a global one with few, changes against the start
};

/// How far one unknown had moved at each iteration, in its own unit.
struct UnknownHistory {
  std::string name;
  std::string unit;
  std::vector<double> rms_change;  ///< [iteration] of its values against the start, over all ranks
};

/// Of every parameter but those that hold the start (collective).
template <class Real>
std::vector<ParameterSummary> summarise(const Problem<Real>& problem);

/// Adds Cramer and Rao's bound with everything else known, 1/sqrt(Fisher diagonal + prior), at the present values after
/// `Problem::update`; from a sample of 64 positions (collective). What is uncertain together is less certain.
template <class Real>
void add_standard_errors(Problem<Real>& problem, std::vector<ParameterSummary>& summaries);

/// Adds the summaries of one iteration.
void add_to(std::vector<UnknownHistory>& histories, const std::vector<ParameterSummary>& summaries);

/// "positions 0.21 angstrom rms, tilt (0.98, -0.51) mrad": what a run tells; empty when nothing is refined.
std::string summary_text(const std::vector<ParameterSummary>& summaries);

/// The values of all parameters as arrays of a result, held by root: global ones as they are, those of positions in the
/// order of the scan (N numbers on root); positions themselves as where the windows lie. Made from rows alone.
template <class Real>
class ParameterArrays {
 public:
  /// (collective)
  ParameterArrays(const Problem<Real>& problem, const Experiment& experiment);
  const std::vector<OutputArray>& arrays() const { return arrays_; }

 private:
  void add(const Parameter& parameter, std::vector<Index> shape, std::vector<double> values);

  const Problem<Real>& problem_;
  std::vector<std::vector<double>> buffers_;
  std::vector<OutputArray> arrays_;
};

/// The values [position, components] of all ranks on root, in the order of the scan (collective).
template <class Real>
std::vector<double> gather_positions(const Problem<Real>& problem, const std::vector<double>& mine);

/// Positions [position] (y, x) as refined, on root (collective).
template <class Real>
std::vector<PointYX> refined_positions(const Problem<Real>& problem, const Experiment& experiment);

}  // namespace tessera
