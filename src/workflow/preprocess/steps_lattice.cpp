#include <algorithm>
#include <cmath>

#include "io/pictures.hpp"
#include "src/base/units.hpp"
#include "src/workflow/preprocess/lattice.hpp"
#include "src/workflow/preprocess/scan_images.hpp"
#include "src/workflow/preprocess/steps.hpp"

namespace tessera {

namespace {

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

std::array<double, 4> told_affine(const StepPlace& place, const LatticeVectors& measured_A,
                                  const LatticeVectors& reference_A, const std::string& words, StepLog::Figures figures,
                                  const StepLog::Draw& draw) {
  const std::array<double, 4> m = lattice_affine(measured_A, reference_A);
  const double area = m[0] * m[3] - m[1] * m[2];
  figures["affine"] = {{m[0], m[1]}, {m[2], m[3]}};
  figures["area"] = area;
  place.log.step(
      "lattice",
      fmt::format("{}scan.affine is [[{:.5f}, {:.5f}], [{:.5f}, {:.5f}]], areas become {:.4f} times as large", words,
                  m[0], m[1], m[2], m[3], area),
      figures, draw);
  constexpr double much = 0.2;
  if (std::abs(area - 1) > much)
    place.log.warn(
        fmt::format("preprocess.lattice changes areas by a factor of {:.3g}; check that both pairs of "
                    "vectors are in angstrom and the same vectors",
                    area));
  return m;
}

LatticeVectors turned(const LatticeVectors& lattice, double rad) {
  const double c = std::cos(rad), s = std::sin(rad);
  const auto [ay, ax, by, bx] = lattice;
  return {ay * c + ax * s, ax * c - ay * s, by * c + bx * s, bx * c - by * s};
}

}  // namespace

std::optional<std::array<double, 4>> given_affine(const StepPlace& place) {
  const PreprocessOptions& steps = place.options.preprocess;
  if (!steps.lattice_measured_A.given) return std::nullopt;
  return told_affine(place, *steps.lattice_measured_A.given, *steps.lattice_reference_A, "", {}, {});
}

std::optional<std::array<double, 4>> fitted_affine(const StepPlace& place, const Correction& correction) {
  const PreprocessOptions& steps = place.options.preprocess;
  if (!steps.lattice_measured_A.fit) return std::nullopt;
  const LatticeVectors& reference = *steps.lattice_reference_A;
  const ScanPart part = read_scan_part(place, correction);
  LatticeFit fit;
  StepLog::Draw draw;
  place.comm.agree([&] {
    if (!place.comm.is_root()) return;
    const ScanSpectrum spectrum = scan_spectrum(part.images, part.step_A, shortest_frequency(reference) / 2);
    const auto found = fit_lattice(spectrum, reference);
    if (!found)
      throw InputError(ExitCode::data_wrong,
                       "preprocess.lattice.measured_A: fit: no lattice within a quarter of reference_A stands out in "
                       "the scan's images; check scan.step_A and reference_A, or give two vectors in the place of fit");
    fit = *found;
    draw = spectrum_picture(spectrum, fit.measured_A);
  });
  for (double& value : fit.measured_A) place.comm.broadcast(value);
  place.comm.broadcast(fit.turn_rad);
  const auto [ay, ax, by, bx] = fit.measured_A;
  const double turn_deg = fit.turn_rad / units::rad_per_degree;
  return told_affine(
      place, fit.measured_A, turned(reference, fit.turn_rad),
      fmt::format("vectors ({:.4f}, {:.4f}) and ({:.4f}, {:.4f}) A +- {:.2g} %, from {} spots of {}, turned by {:.2f} "
                  "degrees against the reference; ",
                  ay, ax, by, bx, 100 * fit.error, fit.spots, fit.spots + fit.off, turn_deg),
      {{"measured_A", {{ay, ax}, {by, bx}}},
       {"relative_standard_error", fit.error},
       {"spots", fit.spots},
       {"spots_off", fit.off},
       {"turn_deg", turn_deg}},
      draw);
}

}  // namespace tessera
