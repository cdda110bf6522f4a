#include "src/workflow/reconstruct/problem_setup.hpp"

#include <cmath>

#include "src/base/constants.hpp"
#include "src/model/unknowns/rows.hpp"
#include "src/workflow/options/yaml_file.hpp"
#include "src/workflow/reconstruct/kept_waves.hpp"

namespace tessera {

Index psf_radius_px(double psf_px) { return psf_px > 0 ? static_cast<Index>(std::ceil(6 * psf_px + 1)) : 0; }

ProblemSetup problem_setup(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                           const Tiling& tiling, const std::vector<Index>& mine, DeviceKind device) {
  ProblemSetup setup{
      .model = {.shape = {.device = device,
                          .window = experiment.window,
                          .modes = options.beam.modes,
                          .states = options.object.states,
                          .slices = options.object.slices,
                          .batch = 1,
                          .kept_every = given_kept_waves(options)},
                .propagation = {.wavelength_A = experiment.wavelength_A,
                                .kind = options.propagation.kind,
                                .band_limit = band_limit(options.propagation),
                                .taper = options.propagation.taper,
                                .transmission = options.propagation.transmission},
                .gaps_A = options.object.slice_spacing_A,
                .detector = {},
                .psf_px = options.detector.psf_px,
                .lanes = options.run.threads},
      .frame = experiment.frame,
      .tiling = tiling,
      .placements = {},
      .ids = mine,
      .representation = options.object.representation,
      .constants = {.absorption_ratio = options.object.absorption_ratio,
                    .interaction_rad_per_VA = interaction_rad_per_VA(options.beam.energy_eV.value_or(1e5))},
      .positive = options.object.positive,
      .loss = {.kind = options.loss.kind, .epsilon = options.loss.epsilon},
      .held_out = {.share = options.solve.held_out,
                   .whole_patterns = options.solve.held_out_patterns,
                   .seed = static_cast<std::uint64_t>(options.run.seed)},
      .regularisers = options.regularisers,
      .unknowns = {},
      .profile = options.run.profile};
  if (options.beam.semiangle_rad) setup.aperture_invA = *options.beam.semiangle_rad / experiment.wavelength_A;
  // Weights mean the same however fine the waves' grid is: differences are taken per pixel of the detector's.
  const Grid& window = experiment.window;
  const double coarser_y = static_cast<double>(window.ny) / static_cast<double>(experiment.pixels_ny);
  const double coarser_x = static_cast<double>(window.nx) / static_cast<double>(experiment.pixels_nx);
  setup.reference_pixel_A = std::sqrt(window.dy_A * coarser_y * window.dx_A * coarser_x);
  for (const UnknownRow& row : unknown_rows())
    if (const auto found = options.refine.find(row.name); found != options.refine.end())
      setup.unknowns.push_back({&row, found->second.settings});
  for (const Index i : mine) setup.placements.push_back(experiment.placements[i]);
  const auto positions = options.refine.find("positions");
  const bool by_lines = positions != options.refine.end() && positions->second.settings.numbers.at("prior_line_A") > 0;
  if (by_lines && experiment.scan_columns == 0)
    throw_run_file("refine.positions.prior_line_A needs patterns in lines, (Ry, Rx, Ky, Kx)");
  if (experiment.scan_columns > 0)
    for (const Index i : mine) setup.lines.push_back(experiment.pattern_index[i] / experiment.scan_columns);
  setup.line_count = experiment.scan_rows;
  TESSERA_ASSERT(!mine.empty(), comm.rank());
  return setup;
}

}  // namespace tessera
