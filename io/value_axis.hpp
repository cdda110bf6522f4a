#pragma once

#include <vector>

namespace tessera {

/// An axis of values in [low, high], which for a logarithmic one are decimal logarithms.
struct ValueAxis {
  bool logarithmic = false;
  double low = 0;
  double high = 1;

  /// Where a value lies: 0 at the low end, 1 at the high one.
  double share(double value) const;
};

/// The axis of values from `smallest` to `largest`, with a twentieth of room at either end: logarithmic, where it may
/// be, when all are positive and span a factor of ten.
ValueAxis value_axis(double smallest, double largest, bool may_be_logarithmic = true);

/// Round values inside the axis: decades when there are many, otherwise 1, 2, 5 of each decade.
std::vector<double> value_ticks(const ValueAxis& axis);

}  // namespace tessera
