#include <algorithm>

#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// Shift of each pattern on the detector [pixel]: the slope of the exit site.
class Descan : public LinearUnknown {
 public:
  explicit Descan(Index positions) : count_(static_cast<std::size_t>(2 * positions)) {}
  std::vector<Index> shape() const override { return {2}; }
  void add(std::span<const double> values, Instrument& to) const override {
    add_scaled(values, 1, to.sites.back().slope);
  }
  void want(Instrument& gradient) const override { gradient.sites.back().slope.resize(count_); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    std::ranges::copy(gradient.sites.back().slope, to.begin());
  }

 private:
  std::size_t count_;
};

}  // namespace

UnknownRow descan_row() {
  return {.name = "descan",
          .unit = "pixel",
          .meaning = "shift (y, x) of each pattern on the detector: what the descan coils leave",
          .extent = Extent::position,
          .axes = {"coordinate"},
          .keys = {{"prior_px", "1", 1e-4, 1e3, "standard deviation of the shifts"}},
          .prior_key = "prior_px",
          .make = [](const UnknownContext& context) { return std::make_unique<Descan>(context.positions); }};
}

}  // namespace tessera
