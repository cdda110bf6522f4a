#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/base/error.hpp"
#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// psi = sum of values times unit waves: the pixels of every mode. They may be confined to an aperture or to a disc:
/// what leaves it is set to zero, in Fourier space or in real space.
class Probe : public LinearUnknown {
 public:
  explicit Probe(const UnknownContext& context)
      : window_(context.shape.window),
        shape_{context.shape.modes, window_.ny, window_.nx, 2},
        start_(context.probe),
        radius_invA_(radius(context)),
        radius_A_(context.settings.number("radius_A")) {
    if (radius_invA_ > 0 && radius_A_ > 0)
      throw InputError(ExitCode::run_file,
                       "no wave is zero outside an aperture and outside a disc: give aperture or radius_A, not both",
                       true);
    if (radius_invA_ > 0) plan_.emplace(DeviceKind::host, window_.ny, window_.nx, 1, FftEffort::once);
  }
  std::vector<Index> shape() const override { return shape_; }
  std::vector<double> start() const override { return start_; }
  void add(std::span<const double> values, Instrument& to) const override { add_scaled(values, 1, to.probe); }
  void want(Instrument& gradient) const override { gradient.probe.resize(start_.size()); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    std::ranges::copy(gradient.probe, to.begin());
  }

  /// P = F^-1 1_A F, or 1_disc, for each mode.
  void confine(std::span<double> values) const override {
    const auto pixels = static_cast<std::size_t>(window_.count());
    for (std::size_t first = 0; first < values.size(); first += 2 * pixels) {
      const std::span<double> mode = values.subspan(first, 2 * pixels);
      if (plan_) within_aperture(mode);
      if (radius_A_ > 0) within_disc(mode);
    }
  }

 private:
  static double radius(const UnknownContext& context) {
    const double times = context.settings.number("aperture");
    if (times == 0) return 0;
    if (context.aperture_invA == 0)
      throw InputError(ExitCode::run_file, "the probe can stay within its aperture only where the semi-angle is given",
                       true);
    return times * context.aperture_invA;
  }

  void within_aperture(std::span<double> mode) const {
    Array<Complex<double>> wave(DeviceKind::host, window_.count());
    std::memcpy(static_cast<void*>(wave.data()), mode.data(), mode.size_bytes());
    plan_->forward(wave.data(), 1);
    for (Index y = 0; y < window_.ny; ++y)
      for (Index x = 0; x < window_.nx; ++x)
        if (std::hypot(window_.ky_invA(y), window_.kx_invA(x)) > radius_invA_) wave.data()[y * window_.nx + x] = {0, 0};
    plan_->inverse(wave.data(), 1);
    std::memcpy(mode.data(), wave.data(), mode.size_bytes());
    for (double& value : mode) value /= static_cast<double>(window_.count());
  }

  void within_disc(std::span<double> mode) const {
    const Index centre_y = window_.ny / 2, centre_x = window_.nx / 2;
    for (Index y = 0; y < window_.ny; ++y)
      for (Index x = 0; x < window_.nx; ++x) {
        const double from_y_A = static_cast<double>(y - centre_y) * window_.dy_A;
        const double from_x_A = static_cast<double>(x - centre_x) * window_.dx_A;
        if (std::hypot(from_y_A, from_x_A) > radius_A_)
          std::ranges::fill(mode.subspan(static_cast<std::size_t>(2 * (y * window_.nx + x)), 2), 0.0);
      }
  }

  Grid window_;
  std::vector<Index> shape_;
  std::vector<double> start_;
  double radius_invA_, radius_A_;  ///< of aperture and disc; 0: none
  std::optional<FftPlan<double>> plan_;
};

}  // namespace

UnknownRow probe_row() {
  return {
      .name = "probe",
      .unit = "sqrt(electron)",
      .meaning = "the probe: amplitude and phase of every pixel of every mode",
      .extent = Extent::global,
      .axes = {"mode", "y", "x", "part"},
      .default_from = 0,
      .keys =
          {{"aperture", "null", 0.1, 100,
            "it stays within so many times the aperture's radius (null: anywhere), or it explains a background, too"},
           {"radius_A", "null", 1e-3, 1e9,
            "it stays within so many angstrom of the window's centre (null: anywhere), where the window is much "
            "wider"}},
      .always = true,
      .lit = true,
      .make = [](const UnknownContext& context) { return std::make_unique<Probe>(context); }};
}

}  // namespace tessera
