#include <algorithm>
#include <cmath>

#include "io/pictures.hpp"
#include "src/base/units.hpp"
#include "src/workflow/preprocess/lattice.hpp"
#include "src/workflow/preprocess/lattice_fit.hpp"
#include "src/workflow/preprocess/scan_images.hpp"
#include "src/workflow/preprocess/steps.hpp"

namespace tessera {

namespace {

std::string matrix_text(const Matrix2& m) {
  return fmt::format("[[{:.5f}, {:.5f}], [{:.5f}, {:.5f}]]", m[0], m[1], m[2], m[3]);
}

/// The spectrum around zero frequency, wide enough for second orders, with arrows to both reciprocal vectors.
StepLog::Draw spectrum_picture(const ScanSpectrum& spectrum, const LatticeVectors& measured_A) {
  const Matrix2 k = transposed(inverse({measured_A[0], measured_A[2], measured_A[1], measured_A[3]}));
  const Matrix2 to_bins = inverse(spectrum.to_k);
  const PointYX first = mapped(to_bins, {k[0], k[2]}), second = mapped(to_bins, {k[1], k[3]});
  const double reach = 2.5 * std::max({std::abs(first.y), std::abs(first.x), std::abs(second.y), std::abs(second.x)});
  const Index half_y = std::min(spectrum.ny / 2, static_cast<Index>(reach) + 1);
  const Index half_x = std::min(spectrum.nx / 2, static_cast<Index>(reach) + 1);
  std::vector<double> shown;
  for (Index y = -half_y; y < half_y; ++y)
    for (Index x = -half_x; x < half_x; ++x)
      shown.push_back(std::log10(
          1 + spectrum.power((y + spectrum.ny) % spectrum.ny * spectrum.nx + (x + spectrum.nx) % spectrum.nx)));
  const auto cy = static_cast<double>(half_y), cx = static_cast<double>(half_x);
  const std::vector<Arrow> arrows{{cy, cx, cy + first.y, cx + first.x}, {cy, cx, cy + second.y, cx + second.x}};
  return [=, ny = 2 * half_y, nx = 2 * half_x](const std::string& path) {
    write_arrow_picture(path, {ny, nx, shown}, 0, 0, "log10 of the power of the scan's images, a* and b*", arrows);
  };
}

std::array<double, 4> told_affine(const StepPlace& place, const Matrix2& m, const std::string& words,
                                  StepLog::Figures figures, const StepLog::Draw& draw) {
  const double area = determinant(m);
  figures["affine"] = {{m[0], m[1]}, {m[2], m[3]}};
  figures["area"] = area;
  place.log.step("lattice",
                 fmt::format("{}scan.affine is {}, areas become {:.4f} times as large", words, matrix_text(m), area),
                 figures, draw);
  constexpr double much = 0.2;
  if (std::abs(area - 1) > much)
    place.log.warn(
        fmt::format("preprocess.lattice changes areas by a factor of {:.3g}; check that both pairs of "
                    "vectors are in angstrom and the same vectors",
                    area));
  return m;
}

/// Root's fit, to all (collective).
LatticeFit found_lattice(const StepPlace& place, const Matrix2& step, const Correction& correction,
                         StepLog::Draw& draw) {
  const LatticeVectors& reference = *place.options.preprocess.lattice_reference_A;
  const ScanImages images = read_scan_images(place, correction);
  LatticeFit fit;
  place.comm.agree([&] {
    if (!place.comm.is_root()) return;
    const ScanSpectrum spectrum = scan_spectrum(images, step, shortest_frequency(reference) / 2);
    const auto found = fit_lattice(spectrum, reference, {step[1], step[3]});
    if (!found)
      throw InputError(ExitCode::data_wrong,
                       "preprocess.lattice.measured_A: fit: no lattice within a quarter of reference_A stands out in "
                       "the scan's images; check scan.step_A and reference_A, or give two vectors in the place of fit");
    fit = *found;
    draw = spectrum_picture(spectrum, fit.measured_A);
  });
  for (double& value : fit.affine) place.comm.broadcast(value);
  return fit;
}

}  // namespace

std::optional<std::array<double, 4>> given_affine(const StepPlace& place) {
  const PreprocessOptions& steps = place.options.preprocess;
  if (!steps.lattice_measured_A.given) return std::nullopt;
  return told_affine(place, lattice_affine(*steps.lattice_measured_A.given, *steps.lattice_reference_A), "", {}, {});
}

std::array<double, 4> fitted_affine(const StepPlace& place, const Correction& correction) {
  const PreprocessOptions& steps = place.options.preprocess;
  StepLog::Draw draw;
  const LatticeFit fit =
      found_lattice(place, lattice_raster(place.input, *steps.lattice_reference_A), correction, draw);
  const auto [ay, ax, by, bx] = fit.measured_A;
  const double turn_deg = fit.turn_rad / units::rad_per_degree;
  const auto affine = told_affine(
      place, fit.affine,
      fmt::format("vectors ({:.4f}, {:.4f}) and ({:.4f}, {:.4f}) A +- {:.2g} %, from {} spots of {}, turned by {:.2f} "
                  "degrees against the reference; ",
                  ay, ax, by, bx, 100 * fit.error, fit.spots, fit.spots + fit.off, turn_deg),
      {{"measured_A", {{ay, ax}, {by, bx}}},
       {"relative_standard_error", fit.error},
       {"spots", fit.spots},
       {"spots_off", fit.off},
       {"turn_deg", turn_deg}},
      draw);
  if (fit.spots == 2)
    place.log.warn(
        "preprocess.lattice rests on two spots, which make a lattice whatever they are; look at its picture");
  if (fit.rival)
    place.log.warn(fmt::format(
        "preprocess.lattice: reference_A fits the same spots in another way, by which scan.affine were {}; the "
        "less strained one is taken: give the vectors as measured_A where it is the other",
        matrix_text(*fit.rival)));
  return affine;
}

}  // namespace tessera
