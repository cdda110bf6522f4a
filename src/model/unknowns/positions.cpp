#include <array>

#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// Shift of each window against its nominal position [A]: the incident slope is less by shift/pixel.
class Positions : public LinearUnknown {
 public:
  explicit Positions(const UnknownContext& context)
      : count_(static_cast<std::size_t>(2 * context.positions)),
        pixel_A_{context.shape.window.dy_A, context.shape.window.dx_A} {}
  std::vector<Index> shape() const override { return {2}; }
  void add(std::span<const double> values, Instrument& to) const override {
    std::vector<double>& slope = to.sites.front().slope;
    for (std::size_t i = 0; i < values.size(); ++i) slope[i] -= values[i] / pixel_A_[i % 2];
  }
  void want(Instrument& gradient) const override { gradient.sites.front().slope.resize(count_); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = -gradient.sites.front().slope[i] / pixel_A_[i % 2];
  }

 private:
  std::size_t count_;
  std::array<double, 2> pixel_A_;
};

}  // namespace

UnknownRow positions_row() {
  return {
      .name = "positions",
      .unit = "angstrom",
      .meaning = "where the probe stood: a shift (y, x) of each position against the nominal one",
      .extent = Extent::position,
      .axes = {"coordinate"},
      .keys = {{"prior_A", "0.3", "standard deviation of the shifts"},
               {"prior_affine_A", "null", "of what is no affine map of the nominal positions (null: no such prior)"},
               {"prior_line_A", "null", "of what differs from the mean of its scan line (null: no such prior)"}},
      .prior_key = "prior_A",
      .freedom_priors = {{"prior_affine_A", PriorFreedom::affine}, {"prior_line_A", PriorFreedom::lines}},
      .needs_object = true,
      .wanders = true,
      .make = [](const UnknownContext& context) { return std::make_unique<Positions>(context); }};
}

}  // namespace tessera
