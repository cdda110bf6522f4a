#include "src/workflow/reconstruct/fit_residuals.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "io/pictures.hpp"
#include "src/base/median.hpp"
#include "src/geometry/centred.hpp"
#include "src/workflow/reconstruct/parameter_output.hpp"

namespace tessera {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Which pixel of a picture shows a position. No side is longer than a picture can show.
struct ScanGrid {
  Index ny = 0, nx = 0;
  std::vector<Index> pixel;  ///< [position]
};
constexpr Index longest_side = 1024;

/// The values that occur, each once, in order.
std::vector<Index> distinct(std::vector<Index> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// Of the rows and columns that are used; where they are many, several in a pixel.
ScanGrid raster_grid(const Experiment& experiment) {
  std::vector<Index> y, x;
  for (const Index i : experiment.pattern_index) {
    y.push_back(i / experiment.scan_columns);
    x.push_back(i % experiment.scan_columns);
  }
  const std::vector<Index> rows = distinct(y), columns = distinct(x);
  const auto place = [](const std::vector<Index>& used, Index value) {
    return std::ranges::lower_bound(used, value) - used.begin();
  };
  const auto count = static_cast<Index>(std::max(rows.size(), columns.size()));
  const Index block = (count + longest_side - 1) / longest_side;
  const auto blocks = [&](const std::vector<Index>& used) { return (std::ssize(used) + block - 1) / block; };
  ScanGrid grid{blocks(rows), blocks(columns), {}};
  for (std::size_t j = 0; j < y.size(); ++j)
    grid.pixel.push_back(place(rows, y[j]) / block * grid.nx + place(columns, x[j]) / block);
  return grid;
}

/// Where positions of a list lie: in an area that they fill evenly few cells stay empty.
ScanGrid list_grid(const std::vector<PointYX>& positions) {
  constexpr double cell = 1.5;  // of the mean distance
  PointYX low = positions.front(), high = low;
  for (const PointYX& at : positions) {
    low = {std::min(low.y, at.y), std::min(low.x, at.x)};
    high = {std::max(high.y, at.y), std::max(high.x, at.x)};
  }
  const double height = high.y - low.y, width = high.x - low.x, longest = std::max(height, width);
  const double mean_distance = std::sqrt(height * width / static_cast<double>(positions.size()));
  const double least = longest / static_cast<double>(std::min(std::ssize(positions), longest_side - 1));
  const double side = longest > 0 ? std::max(cell * mean_distance, least) : 1;
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
    if (std::isnan(shown) || misfit[j] > shown) shown = misfit[j];
  }
  return image;
}

/// The frequencies of the patterns as they are compared, along one axis. Sums of pixels begin at the detector's edge:
/// the one that holds frequency zero need not have it in its middle.
Axis frequency_axis(const char* name, Index length, Index pixels, Index window, double pixel_A,
                    const DetectorAxis& axis) {
  const double pixel_invA = 1 / (static_cast<double>(window) * pixel_A), bin = static_cast<double>(axis.bin);
  const Index before_zero = pixels / 2;
  const double first = (bin - 1) / 2 - static_cast<double>(before_zero);
  return {name, "1/angstrom", first * pixel_invA, bin * pixel_invA, length};
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
  if (!problem.comm().is_root()) {
    found.misfit.clear();
    return found;
  }
  std::vector<double> deviations(residuals.excess.size(), nothing);
  for (std::size_t i = 0; i < deviations.size(); ++i)
    if (residuals.variance[i] > 0) deviations[i] = -residuals.excess[i] / std::sqrt(residuals.variance[i]);
  const bool channels = experiment.channels.sets != nullptr;
  found.deviations = channels ? deviations : centred(deviations, found.ny, found.nx);
  std::vector<double> known;
  for (const double value : found.misfit)
    if (std::isfinite(value)) known.push_back(value);
  found.median = median(known);
  if (known.empty()) return found;
  found.largest = *std::ranges::max_element(known);
  const auto worst = std::ranges::find(found.misfit, found.largest) - found.misfit.begin();
  found.worst = experiment.source.map.frame_of(experiment.pattern_index[static_cast<std::size_t>(worst)]);
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
                       .long_name =
                           "data minus model, summed over the patterns, in standard deviations; of channels "
                           "whose noise is shared, what those before do not tell",
                       .blocks = {},
                       .attributes = {}};
  const Grid& window = experiment.window;
  if (experiment.channels.sets == nullptr) {
    residual.long_name = "data minus model, summed over the patterns, in standard deviations of counting";
    residual.axes = {frequency_axis("ky", ny, experiment.pixels_ny, window.ny, window.dy_A, experiment.rows),
                     frequency_axis("kx", nx, experiment.pixels_nx, window.nx, window.dx_A, experiment.columns)};
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
    if (residuals.ny > 1) {
      write_map_picture(directory + "/residual.png", {residuals.ny, residuals.nx, residuals.deviations}, "data - model",
                        "\u03c3");
    } else {
      std::error_code none;  // of channels there is no picture, and one of an earlier run would be taken for it
      std::filesystem::remove(directory + "/residual.png", none);
    }
  });
}

template FitResiduals fit_residuals(Problem<float>&, const Experiment&, const Residuals&);
template FitResiduals fit_residuals(Problem<double>&, const Experiment&, const Residuals&);

}  // namespace tessera
