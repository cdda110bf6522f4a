#pragma once

#include <span>
#include <vector>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Numbers of several sources that are summed over all ranks in one reduction. Every rank adds the same parts in the
/// same order.
class SharedSum {
 public:
  /// Which numbers of the sum belong to a part.
  struct Part {
    std::size_t first = 0;
    std::size_t count = 0;
  };

  Part add(std::span<const double> values) {
    const Part part{values_.size(), values.size()};
    values_.insert(values_.end(), values.begin(), values.end());
    return part;
  }
  Part add(double value) { return add(std::span(&value, 1)); }

  /// (collective)
  void reduce(const Comm& comm) { comm.sum(values_); }

  std::span<const double> values(Part part) const { return std::span(values_).subspan(part.first, part.count); }
  double value(Part part) const { return values_[part.first]; }

 private:
  std::vector<double> values_;
};

}  // namespace tessera
