#include <cmath>

#include "src/base/error.hpp"
#include "src/model/unknown.hpp"

namespace tessera {

namespace {

void need_slices(const UnknownContext& context, const char* what) {
  if (context.shape.slices > 1) return;
  throw InputError(ExitCode::run_file, fmt::format("{} can be refined between slices only, and there is one", what),
                   true);
}

/// Tilt of the specimen (y, x) [rad], one for all positions or one for each: tan(value) in the instrument.
class Tilt : public Unknown {
 public:
  /// `positions` 0: one for all.
  explicit Tilt(Index positions) : count_(static_cast<std::size_t>(2 * positions)) {}
  std::vector<Index> shape() const override { return {2}; }
  void apply(std::span<const double> values, Instrument& to) const override {
    std::vector<double> tangents;
    for (const double value : values) tangents.push_back(std::tan(value));
    add_scaled(tangents, 1, count_ == 0 ? to.tan_tilt : to.tan_tilts);
  }
  void tangent(std::span<const double> values, std::span<const double> direction, Instrument& change) const override {
    std::vector<double> tangents;
    for (std::size_t i = 0; i < values.size(); ++i) tangents.push_back(direction[i] * slope(values[i]));
    add_scaled(tangents, 1, count_ == 0 ? change.tan_tilt : change.tan_tilts);
  }
  void want(Instrument& gradient) const override {
    (count_ == 0 ? gradient.tan_tilt : gradient.tan_tilts).resize(count_ == 0 ? 2 : count_);
  }
  void adjoint(std::span<const double> values, const Instrument& gradient, std::span<double> to) const override {
    const std::vector<double>& from = count_ == 0 ? gradient.tan_tilt : gradient.tan_tilts;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i] * slope(values[i]);
  }

 private:
  static double slope(double value) { return 1 / (std::cos(value) * std::cos(value)); }
  std::size_t count_;
};

}  // namespace

UnknownRow tilt_row() {
  return {.name = "tilt",
          .dataset = "specimen_tilt",
          .unit = "mrad",
          .unit_factor = 1e-3,
          .meaning = "tilt (y, x) of the specimen against the beam, one for all positions",
          .extent = Extent::global,
          .axes = {"coordinate"},
          .keys = {{"prior_mrad", "5", 1e-4, 500, "standard deviation of its components", 1e-3}},
          .prior_key = "prior_mrad",
          .needs_object = true,
          .make = [](const UnknownContext& context) {
            need_slices(context, "a tilt");
            return std::make_unique<Tilt>(0);
          }};
}

UnknownRow tilts_row() {
  return {.name = "tilts",
          .dataset = "tilts_by_position",
          .unit = "mrad",
          .unit_factor = 1e-3,
          .meaning = "tilt (y, x) at each position, added to that of the whole specimen",
          .extent = Extent::position,
          .axes = {"coordinate"},
          .keys = {{"prior_mrad", "1", 1e-4, 500, "standard deviation of their components", 1e-3}},
          .prior_key = "prior_mrad",
          .needs_object = true,
          .make = [](const UnknownContext& context) {
            need_slices(context, "tilts");
            return std::make_unique<Tilt>(context.positions);
          }};
}

}  // namespace tessera
