#include "src/workflow/exports/export_formats.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "src/base/constants.hpp"
#include "src/base/version.hpp"

namespace tessera {
namespace {

constexpr double m_per_A = 1e-10, cm_per_A = 1e-8;

void require_square_pixels(const ExportSource& source, const char* program) {
  if (std::abs(source.window.dy_A - source.window.dx_A) <= 1e-6 * source.window.dx_A) return;
  throw InputError(ExitCode::data_wrong,
                   fmt::format("{}: pixels are {:.6g} x {:.6g} A (y, x), and {} knows square ones alone; --to phaser "
                               "and --to cxi keep both",
                               source.file, source.window.dy_A, source.window.dx_A, program));
}

/// The window's first pixel in those of the object, (y, x) for each position.
std::vector<PointYX> corners_px(const ExportSource& source) {
  const ObjectFrame& frame = source.frame;
  std::vector<PointYX> corners;
  for (const PointYX& p : source.positions_A)
    corners.push_back({(p.y - frame.origin_A.y) / frame.dy_A - static_cast<double>(source.window.ny / 2),
                       (p.x - frame.origin_A.x) / frame.dx_A - static_cast<double>(source.window.nx / 2)});
  return corners;
}

std::vector<std::complex<float>> single(const std::vector<std::complex<double>>& values) {
  return {values.begin(), values.end()};
}

std::vector<Index> probe_shape(const ExportSource& source) {
  return {source.modes, source.window.ny, source.window.nx};
}

Index positions_of(const ExportSource& source) { return static_cast<Index>(source.positions_A.size()); }

std::vector<std::uint32_t> iterations_of(const ExportSource& source) {
  std::vector<std::uint32_t> iterations(source.loss.size());
  for (std::size_t i = 0; i < iterations.size(); ++i) iterations[i] = static_cast<std::uint32_t>(i);
  return iterations;
}

/// The last iteration; what is before the first is number 0.
Index last_iteration(const ExportSource& source) {
  return std::max<Index>(0, static_cast<Index>(source.loss.size()) - 1);
}

/// The window's corner in whole pixels, where the window still lies on the object, and what is left.
struct WholePixel {
  std::uint32_t whole;
  float rest;
};
WholePixel whole_pixel_of(double corner_px, Index object, Index window) {
  const double whole = std::clamp(std::round(corner_px), 0.0, static_cast<double>(std::max<Index>(0, object - window)));
  return {static_cast<std::uint32_t>(whole), static_cast<float>(corner_px - whole)};
}

/// What PtyRAD calls slice_thickness; it has one number.
double ptyrad_thickness_A(const ExportInput& input) {
  if (input.gaps_A.empty()) return 0;
  const auto gap_A = even_gap_A(input.gaps_A, 0.01);
  if (gap_A) return *gap_A;
  const auto [least, most] = std::ranges::minmax(input.gaps_A);
  throw InputError(ExitCode::data_wrong,
                   fmt::format("{}: slices are {:.4g} to {:.4g} A apart, and PtyRAD knows one distance; --to phaser "
                               "keeps them",
                               input.source.file, least, most));
}

}  // namespace

void plan_ptyrad(const ExportInput& input, PlainPlan& plan) {
  const ExportSource& source = input.source;
  const Grid& window = source.window;
  if (window.ny != window.nx)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: the window has {} x {} pixels, and PtyRAD knows square ones "
                                 "alone; --to phaser keeps it",
                                 source.file, window.ny, window.nx));
  require_square_pixels(source, "PtyRAD");
  std::vector<std::uint32_t> crop;
  std::vector<float> shifts;
  for (const PointYX& corner : corners_px(source)) {
    const WholePixel y = whole_pixel_of(corner.y, source.frame.ny, window.ny);
    const WholePixel x = whole_pixel_of(corner.x, source.frame.nx, window.nx);
    crop.insert(crop.end(), {y.whole, x.whole});
    shifts.insert(shifts.end(), {y.rest, x.rest});
  }
  const Index positions = positions_of(source);
  plan.text("/ptyrad_version", fmt::format("written by tessera {}", version));
  plan.count("/niter", last_iteration(source));
  plan.object("/optimizable_tensors/obja", ObjectPart::magnitude, ObjectOrder::slices_first, 1);
  plan.object("/optimizable_tensors/objp", ObjectPart::phase, ObjectOrder::slices_first, 1);
  plan.small("/optimizable_tensors/probe", StoredType::complex64, probe_shape(source), single(input.probe));
  plan.small("/optimizable_tensors/probe_pos_shifts", StoredType::f32, {positions, 2}, shifts);
  const double thickness_A = ptyrad_thickness_A(input);
  plan.number("/optimizable_tensors/slice_thickness", thickness_A);
  plan.small("/model_attributes/crop_pos", StoredType::u32, {positions, 2}, crop);
  plan.number("/model_attributes/dx", window.dx_A);
  plan.number("/model_attributes/dk", 1 / (static_cast<double>(window.nx) * window.dx_A));
  plan.number("/model_attributes/lambd", source.wavelength_A);
  plan.number("/model_attributes/slice_thickness", thickness_A);
  plan.count("/model_attributes/meas_Npix", window.nx);
  plan.count("/model_attributes/simu_Npix", window.nx);
  plan.small("/model_attributes/omode_occu", StoredType::f32, {1}, std::vector<float>{1});
  std::vector<double> losses;
  for (std::size_t i = 0; i < source.loss.size(); ++i)
    losses.insert(losses.end(), {static_cast<double>(i), source.loss[i]});
  plan.small("/loss_iters", StoredType::f64, {static_cast<Index>(source.loss.size()), 2}, losses);
}

void plan_phaser(const ExportInput& input, PlainPlan& plan) {
  const ExportSource& source = input.source;
  const Grid& window = source.window;
  const ObjectFrame& frame = source.frame;
  const auto pair = [&](const std::string& dataset, double y, double x) {
    plan.small(dataset, StoredType::f64, {2}, std::vector{y, x});
  };
  plan.text("/type", "phaser_state");
  plan.text("/version", "0.1");
  plan.number("/wavelength", source.wavelength_A);
  plan.small("/probe/data", StoredType::complex64, probe_shape(source), single(input.probe));
  pair("/probe/sampling", window.dy_A, window.dx_A);
  pair("/probe/extent", static_cast<double>(window.ny) * window.dy_A, static_cast<double>(window.nx) * window.dx_A);
  plan.object("/object/data", ObjectPart::transmission, ObjectOrder::slices_first);
  pair("/object/sampling", frame.dy_A, frame.dx_A);
  pair("/object/extent", static_cast<double>(frame.ny) * frame.dy_A, static_cast<double>(frame.nx) * frame.dx_A);
  pair("/object/corner", frame.origin_A.y, frame.origin_A.x);
  // It has a thickness for each slice: behind the last one nothing is propagated.
  std::vector<double> thicknesses = input.gaps_A;
  if (!thicknesses.empty()) thicknesses.push_back(thicknesses.back());
  std::vector<double> zs{0};
  for (const double gap_A : input.gaps_A) zs.push_back(zs.back() + gap_A);
  plan.small("/object/thicknesses", StoredType::f64, {static_cast<Index>(thicknesses.size())}, thicknesses);
  plan.small("/object/zs", StoredType::f64, {static_cast<Index>(zs.size())}, zs);
  const auto off_centre = [](Index n, double pixel_A) { return n % 2 == 0 ? pixel_A / 2 : 0; };
  std::vector<double> scan;
  for (const PointYX& p : source.positions_A)
    scan.insert(scan.end(), {p.y - off_centre(window.ny, window.dy_A), p.x - off_centre(window.nx, window.dx_A)});
  plan.small("/scan", StoredType::f64, {positions_of(source), 2}, scan);
  plan.count("/iter/engine_num", 1);
  plan.count("/iter/engine_iter", last_iteration(source));
  plan.count("/iter/total_iter", last_iteration(source));
  const std::vector<std::uint32_t> iterations = iterations_of(source);
  plan.small("/progress/iters", StoredType::u32, {static_cast<Index>(iterations.size())}, iterations);
  plan.small("/progress/detector_errors", StoredType::f64, {static_cast<Index>(iterations.size())}, source.loss);
}

void plan_cxi(const ExportInput& input, PlainPlan& plan) {
  const ExportSource& source = input.source;
  const ObjectFrame& frame = source.frame;
  plan.count("/cxi_version", 160);
  plan.text("/entry_1/title", "ptychographic reconstruction");
  plan.text("/entry_1/program_name", fmt::format("tessera {}", version));
  plan.object("/entry_1/image_1/data", ObjectPart::transmission, ObjectOrder::slices_first);
  plan.attributes({{"pixel_size_m", {frame.dy_A * m_per_A, frame.dx_A * m_per_A}},
                   {"origin_m", {frame.origin_A.y * m_per_A, frame.origin_A.x * m_per_A}}});
  plan.text("/entry_1/image_1/data_space", "real");
  plan.text("/entry_1/image_1/data_type", "complex transmission of each slice, exp(i phase - absorption)");
  plan.small("/entry_1/image_1/image_size", StoredType::f64, {2},
             std::vector{static_cast<double>(frame.nx) * frame.dx_A * m_per_A,
                         static_cast<double>(frame.ny) * frame.dy_A * m_per_A});
  plan.count("/entry_1/image_1/is_fft_shifted", 0);
  plan.small("/entry_1/instrument_1/source_1/probe", StoredType::complex64, probe_shape(source), single(input.probe));
  plan.attributes({{"pixel_size_m", {source.window.dy_A * m_per_A, source.window.dx_A * m_per_A}}});
  plan.number("/entry_1/instrument_1/source_1/wavelength", source.wavelength_A * m_per_A);
  const double photon_J = constants::planck_Js * constants::speed_of_light_m_per_s / (source.wavelength_A * m_per_A);
  plan.number("/entry_1/instrument_1/source_1/energy",
              source.energy_eV ? *source.energy_eV * constants::elementary_charge_C : photon_J);
  // The sample moves where the beam stands still: x, y, z.
  std::vector<double> translation;
  for (const PointYX& p : source.positions_A)
    translation.insert(translation.end(), {-p.x * m_per_A, -p.y * m_per_A, 0});
  plan.small("/entry_1/sample_1/geometry_1/translation", StoredType::f64, {positions_of(source), 3}, translation);
}

void plan_adorym(const ExportInput& input, PlainPlan& plan) {
  const ExportSource& source = input.source;
  require_square_pixels(source, "ADORYM");
  // It turns the energy into a wavelength as that of photons, by 1240 / energy nm: what gives the right wavelength.
  constexpr double eV_A = 12400;
  plan.number("/metadata/energy_ev", eV_A / source.wavelength_A);
  plan.number("/metadata/psize_cm", source.window.dx_A * cm_per_A);
  std::vector<double> corners;
  for (const PointYX& corner : corners_px(source)) corners.insert(corners.end(), {corner.y, corner.x});
  plan.small("/metadata/probe_pos_px", StoredType::f64, {positions_of(source), 2}, corners);
  std::vector<double> depths_cm{0};
  for (const double gap_A : input.gaps_A) depths_cm.push_back(depths_cm.back() + gap_A * cm_per_A);
  plan.small("/metadata/slice_pos_cm", StoredType::f64, {static_cast<Index>(depths_cm.size())}, depths_cm);
  plan.object("/initial_guess/obj_mag", ObjectPart::magnitude, ObjectOrder::slices_last);
  plan.object("/initial_guess/obj_phase", ObjectPart::phase, ObjectOrder::slices_last);
  std::vector<float> magnitude, phase;
  for (const std::complex<double>& psi : input.probe) {
    magnitude.push_back(static_cast<float>(std::abs(psi)));
    phase.push_back(static_cast<float>(std::arg(psi)));
  }
  plan.small("/initial_guess/probe_mag", StoredType::f32, probe_shape(source), magnitude);
  plan.small("/initial_guess/probe_phase", StoredType::f32, probe_shape(source), phase);
}

}  // namespace tessera
