#include "src/optimisation/objective.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "src/arrays/stage.hpp"

namespace tessera {

namespace {

/// Calls visit(block, its part of `all`) for each block.
template <class Value, class Visit>
void for_each_part(const std::vector<SolverBlock>& blocks, std::span<Value> all, const Visit& visit) {
  std::size_t first = 0;
  for (const SolverBlock& block : blocks) {
    const auto size = static_cast<std::size_t>(block.local_size);
    visit(block, all.subspan(first, size));
    first += size;
  }
}

}  // namespace

Objective::Objective(const Comm& comm, std::vector<SolverBlock> active, std::function<double()> evaluate,
                     DeviceKind device)
    : comm_(comm), active_(std::move(active)), evaluate_(std::move(evaluate)), device_(device) {
  Index size = 0;
  for (const SolverBlock& block : active_) size += block.local_size;
  scale_.resize(static_cast<std::size_t>(size));
  for_each_part(active_, std::span(scale_),
                [](const SolverBlock& block, std::span<double> part) { block.scale(part); });
  for (double& value : scale_) value = std::sqrt(value);
}

PetscVector Objective::make_vector() const { return make_solver_vector(comm_, local_size(), device_); }

void Objective::push_values(Vec x) const {
  const WrittenPart part(x);
  for_each_part(active_, part.values(), [](const SolverBlock& block, std::span<double> to) { block.push(to); });
  for (std::size_t i = 0; i < scale_.size(); ++i) part.values()[i] *= scale_[i];
}

void Objective::pull_values(Vec x) const {
  const Stage stage("pull");
  std::vector<double> values(scale_.size());
  {
    const ReadPart part(x);
    for (std::size_t i = 0; i < scale_.size(); ++i) values[i] = part.values()[i] / scale_[i];
  }
  for_each_part(active_, std::span<const double>(values),
                [](const SolverBlock& block, std::span<const double> from) { block.pull(from); });
}

PetscVector Objective::scale_vector() const {
  PetscVector scale = make_vector();
  const WrittenPart part(scale);
  std::ranges::copy(scale_, part.values().begin());
  return scale;
}

void Objective::unscale(Vec x, Vec gradient) const {
  const PetscVector scale = scale_vector();
  check_petsc(VecPointwiseDivide(x, x, scale), "VecPointwiseDivide");
  check_petsc(VecPointwiseMult(gradient, gradient, scale), "VecPointwiseMult");
}

void Objective::rescale(Vec x, Vec gradient) const {
  const PetscVector scale = scale_vector();
  check_petsc(VecPointwiseMult(x, x, scale), "VecPointwiseMult");
  check_petsc(VecPointwiseDivide(gradient, gradient, scale), "VecPointwiseDivide");
}

bool Objective::push_lower_bounds(Vec lower) const {
  const WrittenPart part(lower);
  bool any = false;
  for_each_part(active_, part.values(), [&](const SolverBlock& block, std::span<double> to) {
    std::ranges::fill(to, -std::numeric_limits<double>::infinity());
    if (!block.lower_bound) return;
    block.lower_bound(to);
    any = true;
  });
  for (std::size_t i = 0; i < scale_.size(); ++i) {
    double& bound = part.values()[i];
    bound = std::isinf(bound) ? PETSC_NINFINITY : bound * scale_[i];
  }
  return any;
}

double Objective::evaluate(Vec x, Vec gradient) {
  const bool known = std::exchange(reused_, false) && is_last(x);
  if (!known) {
    pull_values(x);
    last_value_ = evaluate_();
    last_point_ = fingerprint(x);
    has_last_ = true;
  }
  const Stage stage("push");
  const WrittenPart part(gradient);
  for_each_part(active_, part.values(),
                [](const SolverBlock& block, std::span<double> to) { block.push_gradient(to); });
  for (std::size_t i = 0; i < scale_.size(); ++i) part.values()[i] /= scale_[i];
  return last_value_;
}

void Objective::reuse(double f, Vec x) {
  reused_ = true;
  last_value_ = f;
  last_point_ = fingerprint(x);
  has_last_ = true;
}

bool Objective::is_last(Vec x) const { return !comm_.any(!has_last_ || fingerprint(x) != last_point_); }

/// FNV-1a over the local values' bytes, a word at a time.
std::uint64_t Objective::fingerprint(Vec x) const {
  const ReadPart part(x);
  std::uint64_t hash = 14695981039346656037ULL;
  for (const double value : part.values()) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    hash = (hash ^ word) * 1099511628211ULL;
  }
  return hash;
}

}  // namespace tessera
