#pragma once

#include <string>
#include <vector>

#include "io/result_file.hpp"
#include "src/optimisation/problem.hpp"
#include "src/workflow/input/experiment.hpp"

namespace tessera {

/// What the model leaves unexplained, to be looked at. Root alone has it (N numbers); the sizes are everywhere.
struct FitResiduals {
  std::vector<double> misfit;      ///< [position] loss over what counting noise alone leaves: 1 where all is explained
  Index ny = 0, nx = 0;            ///< of the detector as it is compared
  std::vector<double> deviations;  ///< [ky, kx], zero frequency at pixel N/2: (mean of data - mean of model) over the
                                   ///< standard deviation that counting leaves to it; NaN where no pixel is valid
  double median = 0, largest = 0;  ///< of misfit
  Index worst = 0;                 ///< number of the largest one's pattern in the file
};

/// From the residuals that Problem::quality found (collective).
template <class Real>
FitResiduals fit_residuals(Problem<Real>& problem, const Experiment& experiment, const Residuals& residuals);

/// The same as arrays of a result, "misfit" and "residual", as long as `residuals` lives.
std::vector<OutputArray> residual_arrays(const Comm& comm, const Experiment& experiment, const FitResiduals& residuals);

/// misfit.png, over the scan, and residual.png, over the detector where pixels are compared (root).
void write_residual_pictures(const Comm& comm, const Experiment& experiment, const FitResiduals& residuals,
                             const std::string& directory);

}  // namespace tessera
