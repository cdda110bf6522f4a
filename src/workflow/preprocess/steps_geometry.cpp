#include <algorithm>
#include <cmath>
#include <limits>

#include "io/dataset.hpp"
#include "io/pictures.hpp"
#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/workflow/preprocess/descan.hpp"
#include "src/workflow/preprocess/steps.hpp"

namespace tessera {

namespace {

/// The mean pattern with the fitted rim in grey.
StepLog::Draw with_rim(Index ny, Index nx, std::vector<double> mean, const DiscFit& fit, const std::string& title) {
  return [=, mean = std::move(mean)](const std::string& path) mutable {
    const int points = static_cast<int>(16 * fit.radius_px) + 64;
    const double stretch = std::sqrt(fit.ratio);
    for (int i = 0; i < points; ++i) {
      const double turn = 2 * pi * i / points;
      const double along = fit.radius_px * stretch * std::cos(turn), across = fit.radius_px / stretch * std::sin(turn);
      const double c = std::cos(fit.angle_rad), s = std::sin(fit.angle_rad);
      const auto y = std::lround(fit.centre_px.y + along * s + across * c);
      const auto x = std::lround(fit.centre_px.x + along * c - across * s);
      if (y >= 0 && x >= 0 && y < ny && x < nx)
        mean[static_cast<std::size_t>(y * nx + x)] = std::numeric_limits<double>::quiet_NaN();
    }
    for (double& value : mean) value = std::sqrt(value);
    write_map_picture(path, {ny, nx, mean}, title, "sqrt");
  };
}

/// Bad pixels in grey, too.
std::vector<double> shown_mean(std::vector<double> mean, std::span<const double> valid) {
  for (std::size_t i = 0; i < mean.size(); ++i)
    if (valid[i] == 0) mean[i] = std::numeric_limits<double>::quiet_NaN();
  return mean;
}

DetectorGeometry as_it_is(Index ny, Index nx) {
  const Index my = ny / 2, mx = nx / 2;
  return {.ny = ny,
          .nx = nx,
          .centre_px = {static_cast<double>(my), static_cast<double>(mx)},
          .undistort = {},
          .crop = {ny, nx},
          .shape = {ny, nx}};
}

[[noreturn]] void no_disc(const char* key) {
  throw InputError(
      ExitCode::data_wrong,
      fmt::format("{}: no bright-field disc with a rim stands out in the mean pattern, or too little of it "
                  "is on valid pixels; give numbers in the place of fit, or leave descan out",
                  key),
      true);
}

/// The disc of the mean pattern on a detector without distortion, in its raw pixels.
DiscFit fit_undistorted(const StepPlace& place, const PatternStatistics& statistics, const Correction& correction,
                        const Undistort& undistort) {
  const PreprocessInput& input = place.input;
  const PreprocessOptions& steps = place.options.preprocess;
  std::vector<double> mean = statistics.mean, valid = correction.valid;
  if (undistort) {
    DetectorGeometry geometry = as_it_is(input.ny, input.nx);
    geometry.undistort = undistort;
    const Resampler resampler = make_resampler(geometry, correction.valid);
    resampler.apply(statistics.mean, mean);
    valid = resampler.valid;
  }
  const auto fit = fit_disc(mean, valid, input.ny, input.nx, statistics.patterns);
  if (!fit) no_disc(steps.centre_px.fit ? "preprocess.centre_px" : "preprocess.ellipse");
  const double angle_deg = fit->angle_rad / units::rad_per_degree;
  place.log.step(
      "disc",
      fmt::format("centre ({:.3f}, {:.3f}) +- {:.2g} px, radius {:.3f} px, long over short axis {:.4f} at "
                  "{:.1f} degrees",
                  fit->centre_px.y, fit->centre_px.x, fit->error_px(), fit->radius_px, fit->ratio, angle_deg),
      {{"centre_px", {fit->centre_px.y, fit->centre_px.x}},
       {"standard_error_px", fit->error_px()},
       {"radius_px", fit->radius_px},
       {"ratio", fit->ratio},
       {"angle_deg", angle_deg},
       {"rays", fit->rays}},
      with_rim(input.ny, input.nx, shown_mean(mean, valid), *fit, "mean pattern and its disc"));
  return *fit;
}

}  // namespace

void require_shapes(const DetectorGeometry& geometry, const PreprocessOptions& steps) {
  for (const std::size_t axis : {0U, 1U}) {
    const Index raw = axis == 0 ? geometry.ny : geometry.nx, sums = geometry.crop[axis] / steps.bin;
    if (geometry.crop[axis] > raw)
      throw InputError(ExitCode::run_file,
                       fmt::format("preprocess.crop_px is {} along {}, but a pattern has {} pixels; "
                                   "preprocess.pad_px widens it",
                                   geometry.crop[axis], axis == 0 ? "y" : "x", raw),
                       true);
    if (sums < 1 || geometry.shape[axis] < sums)
      throw InputError(ExitCode::run_file,
                       sums < 1 ? fmt::format("preprocess.bin is {}, more than the {} pixels along {}", steps.bin,
                                              geometry.crop[axis], axis == 0 ? "y" : "x")
                                : fmt::format("preprocess.pad_px is {} along {}, fewer than the {} pixels there are; "
                                              "preprocess.crop_px cuts",
                                              geometry.shape[axis], axis == 0 ? "y" : "x", sums),
                       true);
  }
}

Undistort find_distortion(const StepPlace& place) {
  const DistortionOptions& distortion = place.options.preprocess.distortion;
  if (!distortion.any()) return {};
  const Index ny = place.input.ny, nx = place.input.nx;
  const std::vector<Index> shape = {ny, nx}, with_axis = {2, ny, nx};
  std::vector<double> first, second;
  place.comm.agree([&] {
    if (!place.comm.is_root()) return;
    const std::string key = "preprocess.distortion.";
    if (distortion.map) first = read_pixel_map(key + "map", *distortion.map, with_axis);
    if (!distortion.map) first = read_pixel_map(key + "reference", *distortion.reference, shape);
    if (!distortion.map) second = read_pixel_map(key + "distorted", *distortion.distorted, shape);
  });
  place.comm.broadcast(first);
  place.comm.broadcast(second);
  DistortionFit fit;
  place.comm.agree([&] {
    fit = distortion.map
              ? DistortionFit{.undistort = map_distortion(first, ny, nx)}
              : fit_distortion(find_discs(first, ny, nx), find_discs(second, ny, nx), distortion.degree, ny, nx);
  });
  double largest = 0;
  std::vector<double> moved;
  std::vector<Arrow> arrows;
  constexpr Index arrows_a_side = 16;
  const Index step = std::max<Index>(1, std::max(ny, nx) / arrows_a_side);
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) {
      const auto py = static_cast<double>(y), px = static_cast<double>(x);
      const PointYX to = fit.undistort({py, px});
      moved.push_back(std::hypot(to.y - py, to.x - px));
      largest = std::max(largest, moved.back());
      if (y % step == step / 2 && x % step == step / 2) arrows.push_back({py, px, to.y, to.x});
    }
  const std::string from = distortion.map ? "given"
                                          : fmt::format(
                                                "of degree {} from {} discs, which it leaves {:.3g} "
                                                "px rms off",
                                                distortion.degree, fit.discs, fit.scatter_px);
  place.log.step("distortion", fmt::format("displacement {}; pixels move by up to {:.3g}", from, largest),
                 {{"discs", fit.discs}, {"scatter_px", fit.scatter_px}, {"largest_px", largest}},
                 [=](const std::string& path) {
                   write_arrow_picture(path, {ny, nx, moved}, 0, 0, "displacement [px]", arrows);
                 });
  return fit.undistort;
}

DetectorGeometry find_geometry(const StepPlace& place, const PatternStatistics& statistics,
                               const Correction& correction, const Undistort& undistort) {
  const PreprocessOptions& steps = place.options.preprocess;
  const PreprocessInput& input = place.input;
  const auto& given = steps.centre_px.given ? steps.centre_px.given : place.options.detector.centre_px;
  PointYX centre = as_it_is(input.ny, input.nx).centre_px;
  if (given) centre = {(*given)[0], (*given)[1]};
  if (given && undistort) centre = undistort(centre);
  std::array<double, 4> ellipse = {1, 0, 0, 1};
  const bool looks = !statistics.mean.empty();
  if (looks && (steps.centre_px.fit || steps.ellipse.fit)) {
    const DiscFit fit = fit_undistorted(place, statistics, correction, undistort);
    if (steps.centre_px.fit) centre = fit.centre_px;
    if (steps.ellipse.fit) ellipse = round_ellipse(fit.ratio, fit.angle_rad);
  }
  if (steps.ellipse.given) ellipse = round_ellipse((*steps.ellipse.given)[0], (*steps.ellipse.given)[1]);
  if (centre.y < 0 || centre.x < 0 || centre.y >= static_cast<double>(input.ny) ||
      centre.x >= static_cast<double>(input.nx))
    throw InputError(ExitCode::run_file,
                     fmt::format("preprocess.centre_px is [{}, {}], but a pattern has {} x {} pixels; it must lie on "
                                 "them",
                                 centre.y, centre.x, input.ny, input.nx),
                     true);
  return make_geometry(steps, {input.ny, input.nx}, centre, ellipse, undistort);
}

std::vector<PixelShift> find_shifts(const StepPlace& place, const PatternStatistics& statistics,
                                    const Correction& correction) {
  if (!place.options.preprocess.descan) return {};
  const PreprocessInput& input = place.input;
  const std::vector<PointYX> scan = scan_coordinates(input);
  const auto disc = fit_disc(statistics.mean, correction.valid, input.ny, input.nx, statistics.patterns);
  if (!disc) no_disc("preprocess.descan");
  const DescanPlane plane = find_descan(place.comm, place.reader, input, correction, place.plan, statistics, *disc);
  std::vector<PixelShift> shifts = descan_shifts(plane, scan);
  Index most = 0;
  std::vector<double> picture;
  for (const PixelShift& shift : shifts) {
    most = std::max({most, std::abs(shift.y), std::abs(shift.x)});
    picture.push_back(static_cast<double>(shift.y));
  }
  for (const PixelShift& shift : shifts) picture.push_back(static_cast<double>(shift.x));
  const auto& s = plane.slope_px;
  const Index row = input.scan.back(), rows = 2 * input.count() / row;
  place.log.step(
      "descan",
      fmt::format("the disc wanders by ({:.3f}, {:.3f}) px along y of the scan and ({:.3f}, {:.3f}) px along "
                  "x; patterns are moved by up to {} px",
                  2 * s[0], 2 * s[2], 2 * s[1], 2 * s[3], most),
      {{"along_y_px", {2 * s[0], 2 * s[2]}}, {"along_x_px", {2 * s[1], 2 * s[3]}}, {"largest_px", most}},
      [=](const std::string& path) {
        write_map_picture(path, {rows, row, picture}, "shift along y, and below along x", "px");
      });
  if (most == 0) shifts.clear();
  return shifts;
}

}  // namespace tessera
