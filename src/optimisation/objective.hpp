#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <vector>

#include "src/optimisation/solver_blocks.hpp"
#include "src/optimisation/solver_vector.hpp"

namespace tessera {

/// The active unknowns of one segment as one flat vector x = sqrt(D) u, where D is their scale: the only place
/// where the problem's precision meets the vector's doubles. Every rank holds [unknown after unknown] its own part.
class Objective {
 public:
  /// `evaluate` computes f and all gradients at the values that the unknowns hold (collective). `device` is the
  /// model's: the vectors live with it where PETSc can (make_solver_vector).
  Objective(const Comm& comm, std::vector<SolverBlock> active, std::function<double()> evaluate,
            DeviceKind device = DeviceKind::host);

  /// A vector of this layout; with `values` the scaled present values of the unknowns.
  PetscVector make_vector() const;
  void push_values(Vec x) const;
  /// Sets the unknowns from x (collective).
  void pull_values(Vec x) const;
  /// Bounds in scaled variables; false when no unknown has one.
  bool push_lower_bounds(Vec lower) const;

  /// A point and its gradient of scaled variables to the program's units, in place, and back.
  void unscale(Vec x, Vec gradient) const;
  void rescale(Vec x, Vec gradient) const;

  /// f and gradient at x (collective). They are not computed again when x is the point given to `reuse` just before.
  double evaluate(Vec x, Vec gradient);
  /// Says that the problem holds f and gradients of its present values, from an earlier segment.
  void reuse(double f, Vec x);
  /// Whether x is the last point computed, and its f (collective).
  bool is_last(Vec x) const;
  double last_value() const { return last_value_; }

 private:
  std::uint64_t fingerprint(Vec x) const;
  PetscVector scale_vector() const;
  Index local_size() const { return static_cast<Index>(scale_.size()); }

  const Comm& comm_;
  std::vector<SolverBlock> active_;
  std::function<double()> evaluate_;
  DeviceKind device_;
  std::vector<double> scale_;  ///< sqrt(D) of this rank's part
  double last_value_ = 0;
  std::uint64_t last_point_ = 0;
  bool has_last_ = false;
  bool reused_ = false;  ///< no evaluation since `reuse`
};

}  // namespace tessera
