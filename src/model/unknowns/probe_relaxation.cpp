#include <algorithm>

#include "src/model/probe.hpp"
#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// Waves in a basis beside the first mode: an orthogonal probe relaxation (Odstrcil et al., Opt. Express 24 (2016)
/// 8360) whose basis is refined with the amounts.
Index rank_of(const UnknownContext& context) { return static_cast<Index>(context.settings.numbers.at("rank")); }

/// The amount of each basis wave at each position.
class Amounts : public LinearUnknown {
 public:
  explicit Amounts(const UnknownContext& context)
      : rank_(rank_of(context)), count_(static_cast<std::size_t>(rank_ * context.positions)) {}
  std::vector<Index> shape() const override { return {rank_}; }
  void add(std::span<const double> values, Instrument& to) const override { add_scaled(values, 1, to.relaxation); }
  void want(Instrument& gradient) const override { gradient.relaxation.resize(count_); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    std::ranges::copy(gradient.relaxation, to.begin());
  }

 private:
  Index rank_;
  std::size_t count_;
};

/// The basis waves. They start as the gradients of the first mode along y and x, then its further Hermite products,
/// orthonormal to the mode and to each other and as strong as it: amounts are then shares of the amplitude.
class Basis : public LinearUnknown {
 public:
  explicit Basis(const UnknownContext& context)
      : shape_{rank_of(context), context.shape.window.ny, context.shape.window.nx, 2} {
    const Grid& window = context.shape.window;
    ComplexImage first;
    for (Index i = 0; i < window.count(); ++i) first.emplace_back(context.probe[2 * i], context.probe[2 * i + 1]);
    double power = 0;
    for (const auto& value : first) power += std::norm(value);
    const ComplexImage all = make_modes(first, window, static_cast<int>(shape_[0] + 1));
    for (Index l = 1; l <= shape_[0]; ++l) {
      ComplexImage wave(all.begin() + l * window.count(), all.begin() + (l + 1) * window.count());
      scale_to(wave, power);
      const std::vector<double> reals = as_reals(wave);
      start_.insert(start_.end(), reals.begin(), reals.end());
    }
  }
  std::vector<Index> shape() const override { return shape_; }
  std::vector<double> start() const override { return start_; }
  void add(std::span<const double> values, Instrument& to) const override {
    add_scaled(values, 1, to.relaxation_basis);
  }
  void want(Instrument& gradient) const override { gradient.relaxation_basis.resize(start_.size()); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    std::ranges::copy(gradient.relaxation_basis, to.begin());
  }

 private:
  std::vector<Index> shape_;
  std::vector<double> start_;
};

}  // namespace

UnknownRow relaxation_row() {
  return {.name = "probe_relaxation",
          .dataset = "relaxation_amounts",
          .unit = "",
          .meaning = "a probe that changes from position to position: amounts of waves added to the first mode",
          .extent = Extent::position,
          .axes = {"wave"},
          .keys = {{"rank", "3", 1, 64, "number of waves", 1, true},
                   {"prior", "0.1", 1e-4, 10, "standard deviation of the amounts"}},
          .prior_key = "prior",
          .make = [](const UnknownContext& context) { return std::make_unique<Amounts>(context); }};
}

UnknownRow relaxation_basis_row() {
  return {.name = "relaxation_waves",
          .part_of = "probe_relaxation",
          .unit = "sqrt(electron)",
          .meaning = "the waves that probe_relaxation adds to the first mode",
          .extent = Extent::global,
          .axes = {"wave", "y", "x", "part"},
          .even = true,
          .make = [](const UnknownContext& context) { return std::make_unique<Basis>(context); }};
}

}  // namespace tessera
