#pragma once

#include <complex>
#include <string>
#include <vector>

#include "src/workflow/exports/plain_plan.hpp"

namespace tessera {

/// What every format of another program is made from, read by each rank (serial).
struct ExportInput {
  ExportSource source;
  std::vector<double> gaps_A;               ///< between slices
  std::vector<std::complex<double>> probe;  ///< [mode, y, x], centred at pixel N/2
};

/// PtyRAD's model file, of versions 0.1 and 1.0: what obj_source, probe_source and pos_source: PtyRAD read. Throws
/// InputError where windows or pixels are not square, or gaps differ by more than a percent.
void plan_ptyrad(const ExportInput& input, PlainPlan& plan);

/// phaser's state, version 0.1. Its window is centred at (N - 1)/2, which the positions then are, too.
void plan_phaser(const ExportInput& input, PlainPlan& plan);

/// CXI 1.6, in SI: the image, the probe and the sample's translations.
void plan_cxi(const ExportInput& input, PlainPlan& plan);

/// ADORYM's metadata and, under /initial_guess, the arrays of its arguments initial_guess and probe_initial for
/// unknown_type real_imag. Throws InputError where pixels are not square.
void plan_adorym(const ExportInput& input, PlainPlan& plan);

}  // namespace tessera
