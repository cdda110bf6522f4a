#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// Log of the factor of each pattern's dose: waves are exp(value/2) as strong.
class Dose : public LinearUnknown {
 public:
  explicit Dose(Index positions) : positions_(static_cast<std::size_t>(positions)) {}
  std::vector<Index> shape() const override { return {1}; }
  void add(std::span<const double> values, Instrument& to) const override { add_scaled(values, 0.5, to.log_amplitude); }
  void want(Instrument& gradient) const override { gradient.log_amplitude.resize(positions_); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = gradient.log_amplitude[i] / 2;
  }

 private:
  std::size_t positions_;
};

}  // namespace

UnknownRow dose_row() {
  return {.name = "dose",
          .unit = "",
          .meaning = "electrons of each pattern against the mean, as the logarithm of a factor",
          .extent = Extent::position,
          .axes = {"component"},
          .keys = {{"prior", "0.1", 1e-4, 10, "standard deviation of the logarithms"}},
          .prior_key = "prior",
          .make = [](const UnknownContext& context) { return std::make_unique<Dose>(context.positions); }};
}

}  // namespace tessera
