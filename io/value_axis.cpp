#include "io/value_axis.hpp"

#include <algorithm>
#include <cmath>

#include "io/colour.hpp"

namespace tessera {

double ValueAxis::share(double value) const { return ((logarithmic ? std::log10(value) : value) - low) / (high - low); }

ValueAxis value_axis(double smallest, double largest, bool may_be_logarithmic) {
  ValueAxis axis;
  axis.logarithmic = may_be_logarithmic && smallest > 0 && largest >= 10 * smallest;
  axis.low = axis.logarithmic ? std::log10(smallest) : smallest;
  axis.high = axis.logarithmic ? std::log10(largest) : largest;
  const double room = axis.high > axis.low ? 0.05 * (axis.high - axis.low) : std::max(1e-12, std::abs(axis.high));
  axis.low -= room;
  axis.high += room;
  return axis;
}

std::vector<double> value_ticks(const ValueAxis& axis) {
  if (!axis.logarithmic) return round_ticks(axis.low, axis.high, 5);
  const bool many = axis.high - axis.low > 3;
  const double every = std::max(1.0, std::ceil((axis.high - axis.low) / 8));
  std::vector<double> ticks;
  for (double decade = std::floor(axis.low); decade <= axis.high; ++decade)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double place = decade + std::log10(factor);
      const bool wanted = factor == 1 ? std::fmod(decade, every) == 0 : !many;
      if (wanted && place >= axis.low && place <= axis.high) ticks.push_back(factor * std::pow(10, decade));
    }
  return ticks;
}

}  // namespace tessera
