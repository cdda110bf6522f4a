#pragma once

#include <memory>
#include <optional>
#include <string>

#include "io/text_file.hpp"
#include "src/base/clock.hpp"
#include "src/optimisation/problem.hpp"
#include "src/optimisation/solver.hpp"
#include "src/workflow/input/sampling_sheet.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/provenance/run_facts.hpp"
#include "src/workflow/reconstruct/fit_residuals.hpp"
#include "src/workflow/reconstruct/kernel_profile.hpp"
#include "src/workflow/reconstruct/parameter_output.hpp"

namespace tessera {

/// What a run reports beside its images; metrics.json holds it.
struct RunFigures {
  SolveReport solve;
  FitQuality quality;
  FitResiduals residuals = {};
  double read_s = 0, write_s = 0, total_s = 0;
  double read_amplification = 1;
  double mean_electrons = 0;
  std::size_t predicted_bytes = 0;                ///< of this rank
  Index baseline_bytes = 0;                       ///< of this rank, when MPI and PETSc had started
  double begun_s = now_s();                       ///< by the clock that never goes back
  std::string start_time;                         ///< ISO 8601
  std::vector<ParameterSummary> parameters = {};  ///< what became of what was refined beside object and probe
  std::vector<UnknownHistory> histories = {};     ///< and on the way there
  std::vector<SheetRow> sheet = {};               ///< of root
  std::optional<KernelProfile> profile = {};      ///< of root; when kernels are measured
};

/// Where and how a run writes.
struct OutputPlace {
  std::string directory;
  bool pictures = true;
  std::string resolved_yaml;
  std::string stored_yaml = {};                                                ///< as the result holds it
  std::shared_ptr<const RunFacts> facts = std::make_shared<const RunFacts>();  ///< what is known of the run
  std::string data_file = {};          ///< what the run reads and never replaces
  Existing existing = Existing::keep;  ///< what becomes of a result that is there
};

/// metrics.json (collective).
template <class Real>
void write_metrics(Problem<Real>& problem, const RunOptions& options, const RunFigures& figures,
                   const OutputPlace& place);

/// This process's largest resident memory so far [bytes].
Index peak_memory_bytes();

}  // namespace tessera
