#pragma once

#include <string>
#include <vector>

#include "src/optimisation/problem.hpp"
#include "src/optimisation/solver.hpp"
#include "src/workflow/input/experiment.hpp"

namespace tessera {

/// What a run reports beside its images; metrics.json holds it.
struct RunFigures {
  SolveReport solve;
  FitQuality quality;
  double read_s = 0, write_s = 0, total_s = 0;
  double read_amplification = 1;
  double mean_electrons = 0;
  std::size_t predicted_bytes = 0;  ///< of this rank
  Index baseline_bytes = 0;         ///< of this rank, when MPI and PETSc had started
  std::string start_time;           ///< ISO 8601
};

/// Where and how a run writes.
struct OutputPlace {
  std::string directory;
  bool pictures = true;
  std::string resolved_yaml;
};

/// result.emd and the pictures from the values that the problem holds (collective). Every file appears whole or not.
template <class Real>
void write_reconstruction(Problem<Real>& problem, const Experiment& experiment, const RunFigures& figures,
                          const OutputPlace& place);

/// Bytes that writing takes on this rank beside the problem's.
template <class Real>
std::size_t output_bytes(Problem<Real>& problem);

/// metrics.json (collective).
template <class Real>
void write_metrics(Problem<Real>& problem, const RunOptions& options, const RunFigures& figures,
                   const OutputPlace& place);

/// status.json: {"state": ..., "complete": ..., "stop_reason": ...} (root).
void write_status(const Comm& comm, const OutputPlace& place, const std::string& state, bool complete,
                  const std::string& stop_reason);

/// This process's largest resident memory so far [bytes].
Index peak_memory_bytes();

/// Now, ISO 8601 in UTC.
std::string utc_now();

}  // namespace tessera
