#pragma once

#include <span>
#include <vector>

#include "src/geometry/scan.hpp"
#include "src/model/unknown.hpp"
#include "src/parallel/shared_sum.hpp"

namespace tessera {

/// Orthonormal patterns of positions that a prior leaves free: this rank's rows of B, [position, entries].
struct PriorBasis {
  struct Entry {
    Index column = 0;
    double weight = 0;
  };
  Index columns = 0;
  std::size_t entries_each = 0;
  std::vector<Entry> entries;
};

/// The affine maps: combinations of 1, y and x of the nominal positions. A scan along one line has fewer (collective).
PriorBasis affine_basis(const Comm& comm, std::span<const PointYX> positions_A);
/// A constant for each of `count` scan lines; `lines` are those of this rank's positions (collective). O(count) numbers
/// on every rank and in each reduction.
PriorBasis line_basis(const Comm& comm, std::span<const Index> lines, Index count);

/// A Gaussian prior of what a parameter's deviation rho from its start has beside a basis,
///   |rho - B B^T rho|^2/(2 sigma^2) = (|rho|^2 - |B^T rho|^2)/(2 sigma^2),
/// without a basis of all of it. B^T rho is a sum over positions: it rides in the reduction of the sweep.
class Prior {
 public:
  explicit Prior(double sigma, PriorBasis basis = {}) : sigma_(sigma), basis_(std::move(basis)) {}

  /// Of f along any one value, at the most.
  double curvature() const { return 1 / (sigma_ * sigma_); }
  /// This rank's share of B^T rho, [column, component].
  std::vector<double> coefficients(std::span<const double> rho) const;
  /// From |rho|^2 and B^T rho over all ranks.
  double value(double squares, std::span<const double> coefficients) const;
  /// to += (rho - B coefficients)/sigma^2.
  void add_gradient(std::span<const double> rho, std::span<const double> coefficients, std::span<double> to) const;

 private:
  std::size_t positions() const { return basis_.entries_each > 0 ? basis_.entries.size() / basis_.entries_each : 0; }

  double sigma_;
  PriorBasis basis_;
};

/// Where this rank's positions nominally are [A], up to a constant, and on which of how many scan lines.
struct ScanLayout {
  std::vector<PointYX> positions_A;
  std::span<const Index> lines;
  Index line_count = 0;
};
std::vector<PointYX> nominal_positions(std::span<const Placement> placements, const ObjectFrame& frame);

/// The priors that were given for an unknown: about all of the start, and beside what may move freely (collective).
std::vector<Prior> make_priors(const Comm& comm, const UnknownRow& row, const UnknownSettings& settings,
                               const ScanLayout& scan);

struct Parameter;

/// All priors' part of an evaluation: what they need of all ranks goes into its sum, and what follows comes from it.
class PriorSums {
 public:
  PriorSums(SharedSum& sum, const Comm& comm, std::span<const Parameter> parameters);
  /// The value over all ranks; adds to the gradients of active parameters.
  double finish(const SharedSum& sum, std::span<Parameter> parameters) const;

 private:
  struct Parts {
    SharedSum::Part squares;
    std::vector<SharedSum::Part> coefficients;
  };
  std::vector<Parts> parts_;
};

}  // namespace tessera
