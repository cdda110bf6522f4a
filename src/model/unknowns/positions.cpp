#include <array>

#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// Shift of each window against its nominal position [A]: the incident slope is less by shift/pixel.
class Positions : public LinearUnknown {
 public:
  explicit Positions(const UnknownContext& context)
      : count_(static_cast<std::size_t>(2 * context.positions)),
        pixel_A_{context.shape.window.dy_A, context.shape.window.dx_A} {
    if (context.settings.number("affine") == 0) scan_A_ = context.scan_A;
  }
  std::vector<Index> shape() const override { return {2}; }
  void add(std::span<const double> values, Instrument& to) const override {
    std::vector<double>& slope = to.sites.front().slope;
    for (std::size_t i = 0; i < values.size(); ++i) slope[i] -= values[i] / pixel_A_[i % 2];
  }
  void want(Instrument& gradient) const override { gradient.sites.front().slope.resize(count_); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = -gradient.sites.front().slope[i] / pixel_A_[i % 2];
  }
  /// The affine maps of the scan. The probe can make the mean shift, too; a stretch along any axis and another defocus
  /// or astigmatism give nearly the same patterns; a rotation turns the object with it.
  std::vector<std::vector<double>> held() const override {
    if (scan_A_.empty()) return {};
    std::vector<std::vector<double>> directions(6, std::vector<double>(scan_A_.size(), 0.0));
    for (std::size_t i = 0; i < scan_A_.size(); i += 2) {
      const double y = scan_A_[i], x = scan_A_[i + 1];
      directions[0][i] = directions[1][i + 1] = 1;
      directions[2][i] = y;
      directions[3][i + 1] = x;
      directions[4][i] = x;
      directions[5][i + 1] = y;
    }
    return directions;
  }

 private:
  std::vector<double> scan_A_;  ///< [position, 2]; empty: nothing is held
  std::size_t count_;
  std::array<double, 2> pixel_A_;
};

}  // namespace

UnknownRow positions_row() {
  return {.name = "positions",
          .unit = "angstrom",
          .meaning = "where the probe stood: a shift (y, x) of each position against the nominal one",
          .extent = Extent::position,
          .axes = {"coordinate"},
          .keys = {{"prior_A", "0.3", 1e-4, 1e6, "standard deviation of the shifts"},
                   {"affine", "null", 1, 1,
                    "1: also what shifts, stretches, shears or turns the whole scan, which another probe, defocus or "
                    "astigmatism nearly does, too"},
                   {"prior_affine_A", "null", 1e-4, 1e6,
                    "of what is no affine map of the nominal positions (null: no such prior)"},
                   {"prior_line_A", "null", 1e-4, 1e6,
                    "of what differs from the mean of its scan line (null: no such prior)"}},
          .prior_key = "prior_A",
          .freedom_priors = {{"prior_affine_A", PriorFreedom::affine}, {"prior_line_A", PriorFreedom::lines}},
          .needs_object = true,
          .wanders = true,
          .make = [](const UnknownContext& context) { return std::make_unique<Positions>(context); }};
}

}  // namespace tessera
