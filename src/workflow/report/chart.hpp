#pragma once

#include <string>
#include <vector>

#include "io/pictures.hpp"

namespace tessera {

/// Curves against the iteration as a drawing in a page (SVG), in the page's own colours. Every curve has a value for
/// each of `iterations`, or one for 0, 1, 2, ... where those are empty. The y axis is logarithmic when all values are
/// positive and span a factor of ten; values that are no numbers are gaps; of more than 1000 values every so many are
/// drawn. A dashed line at `marked` when it is not negative. Empty with fewer than two values.
std::string chart_svg(const CurvePanel& panel, const std::vector<double>& iterations, int marked);

}  // namespace tessera
