#include "src/workflow/calibrate/calibration_pictures.hpp"

#include <algorithm>
#include <cmath>

#include "io/pictures.hpp"
#include "src/workflow/calibrate/parallax.hpp"

namespace tessera {

namespace {

PictureImage cropped(const Image& image, Index ny, Index nx) {
  const Index y0 = (image.frame.ny - ny) / 2, x0 = (image.frame.nx - nx) / 2;
  const Image part = crop(image, {y0, x0, y0 + ny, x0 + nx});
  return {ny, nx, part.values};
}

void write_candidates(const std::string& directory, const Calibration& found) {
  const ObjectFrame& frame = found.candidates[found.choice.best].phase.frame;
  Index ny = frame.ny, nx = frame.nx;
  for (const Candidate& c : found.candidates) {
    if (c.phase.values.empty()) continue;
    ny = std::min(ny, c.phase.frame.ny);
    nx = std::min(nx, c.phase.frame.nx);
  }
  const Candidate& best = found.candidates[found.choice.best];
  std::vector<PictureImage> images;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < found.candidates.size(); ++i) {
    const Candidate& c = found.candidates[i];
    if (c.phase.values.empty()) continue;  // its probe did not fit the window
    images.push_back(cropped(c.phase, ny, nx));
    const Orientation o = c.setting.orientation();
    const std::string flips =
        fmt::format("{}{}{}", o.flip_y ? "flip_y " : "", o.flip_x ? "flip_x " : "", o.transpose ? "transpose" : "");
    titles.push_back(fmt::format("{}: {}", flips.empty() ? "no flip" : flips,
                                 i == found.choice.best
                                     ? std::string("best")
                                     : fmt::format("loss x {:.2f}", c.loss.front() / best.loss.front())));
  }
  write_montage(directory + "/candidates.png", images, titles, frame.dy_A, frame.dx_A);
}

}  // namespace

void write_calibration_pictures(const std::string& directory, const Calibration& found, const Survey& survey,
                                const SurveyedPart& part, const std::vector<double>& mean, const Experiment& experiment,
                                double semiangle_rad) {
  std::vector<double> roots;
  roots.reserve(mean.size());
  for (const double value : mean) roots.push_back(std::sqrt(std::max(0.0, value)));
  write_map_picture(directory + "/mean_pattern.png", {experiment.raw_ny, experiment.raw_nx, std::move(roots)},
                    "mean pattern, root of the counts", "root of counts");
  if (!found.candidates.empty()) write_candidates(directory, found);
  if (!part.raster) return;
  const double dy_A = std::hypot(part.step[0], part.step[2]), dx_A = std::hypot(part.step[1], part.step[3]);
  write_phase_picture(directory + "/dpc.png",
                      {part.rows, part.columns, integrated_phase(survey.deflections, found.setting.to_scan, part.step)},
                      dy_A, dx_A, "phase from the centres of mass");
  if (!found.images.tilt) return;
  const Matrix2& to_scan = found.setting.to_scan;
  const Matrix2 defocus_A = product(product(to_scan, found.setting.defocus_A), transposed(to_scan));
  Matrix2 shift = product(to_scan, found.setting.defocus_A);
  for (double& element : shift) element *= semiangle_rad;
  if (found.images.tilt->sure()) shift = found.images.tilt->shift;
  const std::vector<double> sum = tilt_corrected(survey.tilted, part.step, shift);
  write_map_picture(directory + "/bright_field.png", {part.rows, part.columns, sum},
                    "bright field, each cell of the disc displaced back", "relative");
  if (std::ranges::all_of(defocus_A, [](double element) { return element == 0; })) return;  // no contrast to undo
  Matrix2 step = part.step;
  for (double& element : step) element *= found.setting.step_scale;
  write_phase_picture(
      directory + "/parallax.png",
      {part.rows, part.columns,
       parallax_phase(sum, part.rows, part.columns, step, {experiment.wavelength_A, semiangle_rad, defocus_A})},
      dy_A, dx_A, "phase from the displaced images");
}

}  // namespace tessera
