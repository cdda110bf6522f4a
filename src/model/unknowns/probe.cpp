#include <algorithm>

#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// psi = sum of values times unit waves: the pixels of every mode.
class Probe : public LinearUnknown {
 public:
  explicit Probe(const UnknownContext& context)
      : shape_{context.shape.modes, context.shape.window.ny, context.shape.window.nx, 2}, start_(context.probe) {}
  std::vector<Index> shape() const override { return shape_; }
  std::vector<double> start() const override { return start_; }
  void add(std::span<const double> values, Instrument& to) const override { add_scaled(values, 1, to.probe); }
  void want(Instrument& gradient) const override { gradient.probe.resize(start_.size()); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    std::ranges::copy(gradient.probe, to.begin());
  }

 private:
  std::vector<Index> shape_;
  std::vector<double> start_;
};

}  // namespace

UnknownRow probe_row() {
  return {.name = "probe",
          .unit = "sqrt(electron)",
          .meaning = "the probe: amplitude and phase of every pixel of every mode",
          .extent = Extent::global,
          .axes = {"mode", "y", "x", "part"},
          .default_from = 0,
          .always = true,
          .lit = true,
          .make = [](const UnknownContext& context) { return std::make_unique<Probe>(context); }};
}

}  // namespace tessera
