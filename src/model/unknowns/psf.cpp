#include "src/base/error.hpp"
#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// Change of the width of the detector's point spread [pixel].
class Psf : public LinearUnknown {
 public:
  std::vector<Index> shape() const override { return {1}; }
  void add(std::span<const double> values, Instrument& to) const override { add_scaled(values, 1, to.psf_px); }
  void want(Instrument& gradient) const override { gradient.psf_px.resize(1); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    to[0] = gradient.psf_px[0];
  }
};

}  // namespace

UnknownRow psf_row() {
  return {.name = "psf",
          .unit = "pixel",
          .meaning = "change of the width (standard deviation) of the detector's point spread",
          .extent = Extent::global,
          .axes = {"component"},
          .keys = {{"prior_px", "0.5", 1e-4, 16, "its standard deviation"}},
          .prior_key = "prior_px",
          .make = [](const UnknownContext& context) {
            if (!(context.psf_px > 0))
              throw InputError(ExitCode::run_file, "the width of the point spread can be refined from a positive start",
                               true);
            return std::make_unique<Psf>();
          }};
}

}  // namespace tessera
