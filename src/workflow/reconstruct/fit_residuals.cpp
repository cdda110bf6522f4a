#include "src/workflow/reconstruct/fit_residuals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/pictures.hpp"
#include "src/base/median.hpp"
#include "src/workflow/reconstruct/parameter_output.hpp"

namespace tessera {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Zero frequency from [0, 0] to pixel N/2; channels stay in their order.
std::vector<double> centred(const std::vector<double>& values, Index ny, Index nx, bool channels) {
  if (channels) return values;
  std::vector<double> turned(values.size());
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) turned[(y + ny / 2) % ny * nx + (x + nx / 2) % nx] = values[y * nx + x];
  return turned;
}

/// Which pixel of a picture shows a position: its place in a raster; of a list, where it lies, in cells so wide that
/// few stay empty.
struct ScanGrid {
  Index ny = 0, nx = 0;
  std::vector<Index> pixel;  ///< [position]
};

/// Of the rows and columns that are used.
ScanGrid raster_grid(const Experiment& experiment) {
  Index y0 = experiment.scan_rows, y1 = 0, x0 = experiment.scan_columns, x1 = 0;
  for (const Index i : experiment.pattern_index) {
    const Index y = i / experiment.scan_columns, x = i % experiment.scan_columns;
    y0 = std::min(y0, y);
    y1 = std::max(y1, y + 1);
    x0 = std::min(x0, x);
    x1 = std::max(x1, x + 1);
  }
  ScanGrid grid{y1 - y0, x1 - x0, {}};
  for (const Index i : experiment.pattern_index)
    grid.pixel.push_back((i / experiment.scan_columns - y0) * grid.nx + i % experiment.scan_columns - x0);
  return grid;
}

ScanGrid list_grid(const std::vector<PointYX>& positions) {
  constexpr double cell = 1.5;  // of the mean distance
  PointYX low = positions.front(), high = low;
  for (const PointYX& at : positions) {
    low = {std::min(low.y, at.y), std::min(low.x, at.x)};
    high = {std::max(high.y, at.y), std::max(high.x, at.x)};
  }
  const double height = high.y - low.y, width = high.x - low.x, longest = std::max(height, width);
  const double area = std::max(height, longest / static_cast<double>(positions.size())) *
                      std::max(width, longest / static_cast<double>(positions.size()));
  const double side = longest > 0 ? cell * std::sqrt(area / static_cast<double>(positions.size())) : 1;
  ScanGrid grid{static_cast<Index>(height / side) + 1, static_cast<Index>(width / side) + 1, {}};
  for (const PointYX& at : positions)
    grid.pixel.push_back(static_cast<Index>((at.y - low.y) / side) * grid.nx +
                         static_cast<Index>((at.x - low.x) / side));
  return grid;
}

/// The largest misfit of each pixel; NaN where no position is.
PictureImage scan_picture(const Experiment& experiment, const std::vector<double>& misfit) {
  const ScanGrid grid = experiment.scan_columns > 0 ? raster_grid(experiment) : list_grid(experiment.positions_A);
  PictureImage image{grid.ny, grid.nx, std::vector<double>(static_cast<std::size_t>(grid.ny * grid.nx), nothing)};
  for (std::size_t j = 0; j < misfit.size(); ++j) {
    double& shown = image.values[static_cast<std::size_t>(grid.pixel[j])];
    if (!(shown > misfit[j])) shown = misfit[j];
  }
  return image;
}

/// The pixel of the patterns as they are compared, along one axis [1/A].
double pixel_invA(Index window, double pixel_A, const DetectorAxis& axis) {
  return static_cast<double>(axis.bin) / (static_cast<double>(window) * pixel_A);
}

}  // namespace

template <class Real>
FitResiduals fit_residuals(Problem<Real>& problem, const Experiment& experiment, const Residuals& residuals) {
  std::vector<double> ratio(residuals.loss.size(), nothing);
  for (std::size_t j = 0; j < ratio.size(); ++j)
    if (residuals.expected[j] > 0) ratio[j] = residuals.loss[j] / residuals.expected[j];
  FitResiduals found{.misfit = gather_positions(problem, ratio), .deviations = {}};
  found.ny = problem.model().detector().ny();
  found.nx = problem.model().detector().nx();
  if (!problem.comm().is_root()) return found;
  std::vector<double> deviations(residuals.excess.size(), nothing);
  for (std::size_t i = 0; i < deviations.size(); ++i)
    if (residuals.variance[i] > 0) deviations[i] = -residuals.excess[i] / std::sqrt(residuals.variance[i]);
  found.deviations = centred(deviations, found.ny, found.nx, experiment.channels.sets != nullptr);
  std::vector<double> known;
  for (const double value : found.misfit)
    if (std::isfinite(value)) known.push_back(value);
  found.median = median(known);
  if (known.empty()) return found;
  found.largest = *std::ranges::max_element(known);
  const auto worst = std::ranges::find(found.misfit, found.largest) - found.misfit.begin();
  found.worst = experiment.pattern_index[static_cast<std::size_t>(worst)];
  return found;
}

std::vector<OutputArray> residual_arrays(const Comm& comm, const Experiment& experiment,
                                         const FitResiduals& residuals) {
  const auto positions = static_cast<Index>(experiment.positions_A.size());
  OutputArray misfit{.name = "misfit",
                     .type = StoredType::f64,
                     .axes = {{"position", "", 0, 1, positions}},
                     .units = "",
                     .long_name = "loss over what counting noise alone leaves, of each position",
                     .blocks = {},
                     .attributes = {}};
  const Index ny = residuals.ny, nx = residuals.nx;
  OutputArray residual{.name = "residual",
                       .type = StoredType::f64,
                       .axes = {{"channel", "", 0, 1, nx}},
                       .units = "",
                       .long_name = "data minus model, summed over the patterns, in standard deviations of counting",
                       .blocks = {},
                       .attributes = {}};
  if (experiment.channels.sets == nullptr) {
    const double dy = pixel_invA(experiment.window.ny, experiment.window.dy_A, experiment.rows),
                 dx = pixel_invA(experiment.window.nx, experiment.window.dx_A, experiment.columns);
    const Index centre_y = ny / 2, centre_x = nx / 2;
    residual.axes = {{"ky", "1/angstrom", -static_cast<double>(centre_y) * dy, dy, ny},
                     {"kx", "1/angstrom", -static_cast<double>(centre_x) * dx, dx, nx}};
  }
  if (comm.is_root()) {
    misfit.blocks = {{{0}, {positions}, residuals.misfit.data()}};
    const bool plane = residual.axes.size() == 2;
    residual.blocks = {{plane ? std::vector<Index>{0, 0} : std::vector<Index>{0},
                        plane ? std::vector<Index>{ny, nx} : std::vector<Index>{nx}, residuals.deviations.data()}};
  }
  return {std::move(misfit), std::move(residual)};
}

void write_residual_pictures(const Comm& comm, const Experiment& experiment, const FitResiduals& residuals,
                             const std::string& directory) {
  comm.agree([&] {
    if (!comm.is_root()) return;
    write_map_picture(directory + "/misfit.png", scan_picture(experiment, residuals.misfit), "misfit", "");
    if (residuals.ny > 1)
      write_map_picture(directory + "/residual.png", {residuals.ny, residuals.nx, residuals.deviations}, "data - model",
                        "\u03c3");
  });
}

template FitResiduals fit_residuals(Problem<float>&, const Experiment&, const Residuals&);
template FitResiduals fit_residuals(Problem<double>&, const Experiment&, const Residuals&);

}  // namespace tessera
