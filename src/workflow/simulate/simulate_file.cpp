#include "src/workflow/simulate/simulate_file.hpp"

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>

#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/base/version.hpp"

namespace tessera {
namespace {

/// The type that holds any pixel's counts.
StoredType count_type(const RunOptions& options, const SimulationSetup& setup) {
  if (!setup.noisy) return StoredType::f32;
  return largest_count(options, setup) < std::numeric_limits<std::uint16_t>::max() ? StoredType::u16 : StoredType::u32;
}

/// One number when both axes agree, otherwise (y, x).
std::vector<double> pair_of(double y, double x) { return y == x ? std::vector<double>{y} : std::vector<double>{y, x}; }

NumericAttributes file_attributes(const RunOptions& options, const SimulationSetup& setup,
                                  std::span<const double> gaps_A) {
  const Grid& grid = setup.reconstruction;
  const double dk_y = 1 / (static_cast<double>(grid.ny) * grid.dy_A);
  const double dk_x = 1 / (static_cast<double>(grid.nx) * grid.dx_A);
  const double mrad = setup.wavelength_A / units::rad_per_mrad;
  const SimulateOptions& simulate = options.simulate;
  NumericAttributes attributes = {
      {"wavelength_A", {setup.wavelength_A}},
      {"semiangle_mrad", {*options.beam.semiangle_rad / units::rad_per_mrad}},
      {"detector_pixel_invA", pair_of(dk_y, dk_x)},
      {"detector_pixel_mrad", pair_of(dk_y * mrad, dk_x * mrad)},
      {"pixel_size_A", pair_of(grid.dy_A, grid.dx_A)},
      {"scan_step_A", pair_of((*options.scan.step_A)[0], (*options.scan.step_A)[1])},
      {"jitter_A", {simulate.scan.jitter_A}},
      {"electrons_per_pattern", {setup.electrons}},
      {"tilt_mrad", {simulate.tilt_rad[0] / units::rad_per_mrad, simulate.tilt_rad[1] / units::rad_per_mrad}},
      {"background_e", {simulate.background_e}},
      {"psf_px", {options.detector.psf_px}},
      {"source_size_A", {options.beam.source_size_A}},
      {"focal_spread_A", {options.beam.focal_spread_A}},
      {"seed", {static_cast<double>(simulate.seed)}}};
  if (options.beam.energy_eV) {
    attributes.push_back({"energy_eV", {*options.beam.energy_eV}});
    attributes.push_back({"sigma_rad_per_VA", {interaction_rad_per_VA(*options.beam.energy_eV)}});
  }
  if (setup.noisy) attributes.push_back({"dose_e_per_A2", {*simulate.dose_e_per_A2}});
  for (const auto& [name, value] : options.beam.aberrations) attributes.push_back({name, {value}});
  if (!gaps_A.empty()) attributes.push_back({"slice_spacing_A", {gaps_A.begin(), gaps_A.end()}});
  return attributes;
}

LocalBlock whole(std::vector<Index> shape, const void* values) {
  return {std::vector<Index>(shape.size(), 0), std::move(shape), values};
}

}  // namespace

SimulationFile::SimulationFile(const Comm& comm, const RunOptions& options, const SimulationSetup& setup,
                               const ObjectFrame& truth, std::span<const double> gaps_A, Existing existing)
    : type_(count_type(options, setup)),
      row_(options.simulate.scan.shape[1]),
      ky_(setup.sampling.ny),
      kx_(setup.sampling.nx) {
  const auto n = static_cast<Index>(setup.positions_A.size()), slices = static_cast<Index>(gaps_A.size()) + 1;
  const ComplexImage probe_wave = true_probe(options, setup);
  const std::vector<std::complex<float>> probe_values(probe_wave.begin(), probe_wave.end());
  const Index modes = options.beam.modes;
  const NumericAttributes where = {{"pixel_size_A", {truth.dy_A, truth.dx_A}},
                                   {"origin_A", {truth.origin_A.y, truth.origin_A.x}}};
  const std::vector<PlainArray> arrays = {
      {"/data", type_, {options.simulate.scan.shape[0], row_, ky_, kx_}, {}, {}, {{"units", "electrons"}}},
      {"/positions_A", StoredType::f64, {n, 2}, {}, {}, {{"axes", "y,x"}}},
      {"/truth/probe",
       StoredType::complex64,
       {modes, ky_, kx_},
       {},
       {{"pixel_size_A", {setup.reconstruction.dy_A, setup.reconstruction.dx_A}}},
       {{"origin", "center"}}},
      {"/truth/phase_rad", StoredType::f32, {truth.ny, truth.nx}, {}, where, {}},
      {"/truth/slice_phase_rad", StoredType::f32, {slices, truth.ny, truth.nx}, {}, where, {}},
      {"/truth/positions", StoredType::f64, {n, 2}, {}, {}, {{"axes", "y,x"}, {"units", "angstrom"}}},
      {"/truth/dose", StoredType::f64, {n, 1}, {}, {}, {{"meaning", "logarithm of electrons over nominal ones"}}},
      {"/truth/descan", StoredType::f64, {n, 2}, {}, {}, {{"axes", "y,x"}, {"units", "pixel"}}}};
  const TextAttributes texts = {{"program", fmt::format("tessera {}", version)}};
  writer_ = std::make_unique<PlainWriter>(comm, options.simulate.output, arrays,
                                          file_attributes(options, setup, gaps_A), texts, existing);
  std::vector<LocalBlock> probe_block;
  if (comm.is_root()) probe_block.push_back(whole({modes, ky_, kx_}, probe_values.data()));
  writer_->write(probe, probe_block);
  write_scan(comm, setup);
}

void SimulationFile::write_scan(const Comm& comm, const SimulationSetup& setup) {
  static_assert(sizeof(PointYX) == 2 * sizeof(double));
  const auto n = static_cast<Index>(setup.positions_A.size());
  const auto write = [&](Dataset dataset, Index components, const double* values) {
    std::vector<LocalBlock> block;
    if (comm.is_root()) block.push_back(whole({n, components}, values));
    writer_->write(dataset, block);
  };
  const std::vector<double> none(setup.positions_A.size() * 2, 0.0);
  const auto points = [&](const std::vector<PointYX>& values) { return values.empty() ? none.data() : &values[0].y; };
  write(positions, 2, points(setup.nominal_A));
  write(true_positions, 2, points(setup.positions_A));
  write(dose, 1, setup.errors.log_dose.empty() ? none.data() : setup.errors.log_dose.data());
  write(descan, 2, points(setup.errors.descan_px));
}

void SimulationFile::write_truth(const Specimen& specimen, const FrameBox& mine) {
  const Box& box = mine.box;
  std::vector<double> sum_rad(static_cast<std::size_t>(box.count()));
  const auto write = [&](Dataset dataset, std::vector<Index> start, std::vector<Index> count,
                         std::span<const double> values) {
    const std::vector<float> stored(values.begin(), values.end());
    const LocalBlock block{std::move(start), std::move(count), stored.data()};
    writer_->write(dataset, {&block, box.empty() ? std::size_t{0} : std::size_t{1}});
  };
  specimen.slices(mine, [&](Index slice, const SliceValues& values) {
    for (std::size_t i = 0; i < sum_rad.size(); ++i) sum_rad[i] += values.phase_rad[i];
    write(slice_phase, {slice, box.y0, box.x0}, {1, box.height(), box.width()}, values.phase_rad);
  });
  write(phase, {box.y0, box.x0}, {box.height(), box.width()}, sum_rad);
}

template <class Stored>
void SimulationFile::write_as(std::span<const Index> indices, std::span<const double> electrons) {
  std::vector<Stored> values(electrons.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    TESSERA_ASSERT(electrons[i] <= static_cast<double>(std::numeric_limits<Stored>::max()), electrons[i]);
    values[i] = static_cast<Stored>(electrons[i]);
  }
  std::vector<LocalBlock> blocks;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const bool goes_on = i > 0 && indices[i] == indices[i - 1] + 1 && indices[i] % row_ != 0;
    if (goes_on) {
      ++blocks.back().count[1];
    } else {
      blocks.push_back({{indices[i] / row_, indices[i] % row_, 0, 0},
                        {1, 1, ky_, kx_},
                        values.data() + static_cast<Index>(i) * ky_ * kx_});
    }
  }
  writer_->write(data, blocks);
}

void SimulationFile::write_patterns(std::span<const Index> indices, std::span<const double> electrons) {
  if (type_ == StoredType::u16) return write_as<std::uint16_t>(indices, electrons);
  if (type_ == StoredType::u32) return write_as<std::uint32_t>(indices, electrons);
  write_as<float>(indices, electrons);
}

}  // namespace tessera
