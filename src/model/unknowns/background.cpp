#include <algorithm>

#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// Electrons that every pattern has in a pixel beside those of the specimen.
class Background : public LinearUnknown {
 public:
  explicit Background(const UnknownContext& context) : shape_{context.detector_ny, context.detector_nx} {}
  std::vector<Index> shape() const override { return shape_; }
  void add(std::span<const double> values, Instrument& to) const override { add_scaled(values, 1, to.background); }
  void want(Instrument& gradient) const override {
    gradient.background.resize(static_cast<std::size_t>(shape_[0] * shape_[1]));
  }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    std::ranges::copy(gradient.background, to.begin());
  }

 private:
  std::vector<Index> shape_;
};

}  // namespace

UnknownRow background_row() {
  return {.name = "background",
          .unit = "electron",
          .meaning = "counts that all patterns share: dark current, stray light",
          .extent = Extent::global,
          .axes = {"ky", "kx"},
          .lower_bound = 0,
          .make = [](const UnknownContext& context) { return std::make_unique<Background>(context); }};
}

}  // namespace tessera
