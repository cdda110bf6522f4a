#pragma once

#include <span>
#include <vector>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Numbers of several sources that are summed over all ranks in one reduction, with other work between its start and
/// its end. Every rank adds the same parts in the same order.
class SharedSum {
 public:
  SharedSum() = default;
  /// What has been started is waited for, as MPI writes here.
  ~SharedSum() {
    if (!requests_.empty()) MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE);
  }
  SharedSum(const SharedSum&) = delete;
  SharedSum& operator=(const SharedSum&) = delete;

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

  /// (collective) Between these nothing may be added or read.
  void start(const Comm& comm) { comm.start_sum(values_, requests_); }
  void finish() { wait_for(requests_); }

  std::span<const double> values(Part part) const { return std::span(values_).subspan(part.first, part.count); }
  double value(Part part) const { return values_[part.first]; }

 private:
  std::vector<double> values_;
  std::vector<MPI_Request> requests_;
};

}  // namespace tessera
