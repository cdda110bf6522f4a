#pragma once

#include <array>
#include <optional>
#include <vector>

#include "io/read_patterns.hpp"
#include "src/workflow/calibrate/deflection.hpp"
#include "src/workflow/calibrate/disc.hpp"
#include "src/workflow/calibrate/tilted_images.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/valid_pixels.hpp"

namespace tessera {

/// The part of the scan that is looked at: whole rows and columns in its middle, at most `most` positions. Positions of
/// a list are no raster: then `rows` is 1.
struct SurveyedPart {
  Index rows = 0, columns = 0;
  std::vector<Index> positions;  ///< [row, column], places in the experiment's positions
  Matrix2 step{};                ///< (row, column) to nominal position [A]
  bool raster = false;           ///< the positions lie on it, within a fifth of a step
};
SurveyedPart surveyed_part(const Experiment& experiment, Index most);

/// What one pass over patterns gives; on root.
struct Survey {
  Deflections deflections;  ///< [1/A]
  TiltedImages tilted;
};

/// The mean pattern [ky, kx] in counts of the raw detector, 0 where a pixel is not valid; on root (collective).
std::vector<double> mean_pattern(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                                 const RawPixels& pixels, const SurveyedPart& part, const ReadCheck& check);

/// Centres of mass (within 1.5 radii, where counts are the beam's) and images by the cells of the disc, in one pass
/// (collective). Each rank reads its share of the rows; root gets sums of some hundred bytes a position.
Survey survey(const Comm& comm, const RunOptions& options, const Experiment& experiment, const RawPixels& pixels,
              const SurveyedPart& part, const Disc& disc, const std::array<double, 2>& invA_per_px,
              const ReadCheck& check);

}  // namespace tessera
