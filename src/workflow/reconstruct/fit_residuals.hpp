#pragma once

#include <string>
#include <vector>

#include "io/result_file.hpp"
#include "src/optimisation/problem.hpp"
#include "src/workflow/input/experiment.hpp"

namespace tessera {

/// What the model mu leaves unexplained of the data y, in electrons, over all valid pixels, to be looked at. With the
/// losses of kernels/likelihood.hpp, E[loss | mu] of model/expected_loss.hpp:
///   misfit_j    = sum_k loss(mu_jk, y_jk) / sum_k E[loss | mu_jk]
///   deviation_k = sum_j (y_jk - mu_jk) / sqrt(sum_j mu_jk);  weighted by w: sum_j w (y - mu) / sqrt(sum_j w)
/// Root alone has the values (as many as positions); the sizes are everywhere.
struct FitResiduals {
  std::vector<double> misfit;  ///< [position] 1 where all but counting noise is explained; NaN where no pixel is valid
  Index ny = 0, nx = 0;        ///< of the detector as it is compared
  std::vector<double> deviations;  ///< [ky, kx], zero frequency at pixel floor(N/2), or [channel]; NaN where not valid
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
