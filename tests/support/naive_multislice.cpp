#include "tests/support/naive_multislice.hpp"

#include <cmath>

#include "src/base/constants.hpp"

namespace tessera::testing {

namespace {

/// sum_r f(r) exp(sign 2 pi i k.r/N), every k, every r.
ComplexImage dft(const ComplexImage& f, Index ny, Index nx, double sign) {
  const auto roots = [sign](Index n) {
    ComplexImage all;
    for (Index i = 0; i < n; ++i)
      all.push_back(std::polar(1.0, sign * 2 * pi * static_cast<double>(i) / static_cast<double>(n)));
    return all;
  };
  const ComplexImage root_y = roots(ny), root_x = roots(nx);
  ComplexImage transformed(f.size());
  for (Index ky = 0; ky < ny; ++ky)
    for (Index kx = 0; kx < nx; ++kx)
      for (Index y = 0; y < ny; ++y)
        for (Index x = 0; x < nx; ++x)
          transformed[ky * nx + kx] += f[y * nx + x] * root_y[ky * y % ny] * root_x[kx * x % nx];
  return transformed;
}

/// Cycles per pixel of bin i.
double cycles(Index i, Index n) { return static_cast<double>(2 * i < n ? i : i - n) / static_cast<double>(n); }

double band_limit(const Propagation& propagation, const Grid& window, double k) {
  if (propagation.band_limit == 1) return 1;
  const double nyquist = 1 / (2 * std::max(window.dy_A, window.dx_A));
  return k <= propagation.band_limit * nyquist ? 1 : 0;
}

/// Applies band limit and, over `gap_A`, free space by the angular spectrum.
ComplexImage filtered(const ComplexImage& wave, const Grid& window, const Propagation& propagation, double gap_A) {
  ComplexImage spectrum = dft(wave, window.ny, window.nx, -1);
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x) {
      const double ky = cycles(y, window.ny) / window.dy_A, kx = cycles(x, window.nx) / window.dx_A;
      const double per_A = 1 / propagation.wavelength_A;
      const double tau = 2 * pi * (std::sqrt(per_A * per_A - ky * ky - kx * kx) - per_A);
      spectrum[y * window.nx + x] *= band_limit(propagation, window, std::hypot(ky, kx)) * std::polar(1.0, tau * gap_A);
    }
  ComplexImage back = dft(spectrum, window.ny, window.nx, 1);
  for (auto& value : back) value /= static_cast<double>(window.count());
  return back;
}

ComplexImage shifted(const ComplexImage& wave, const Grid& window, double fy, double fx) {
  ComplexImage spectrum = dft(wave, window.ny, window.nx, -1);
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x)
      spectrum[y * window.nx + x] *= std::polar(1.0, -2 * pi * (cycles(y, window.ny) * fy + cycles(x, window.nx) * fx));
  ComplexImage back = dft(spectrum, window.ny, window.nx, 1);
  for (auto& value : back) value /= static_cast<double>(window.count());
  return back;
}

}  // namespace

std::vector<double> NaiveMultislice::intensity(const ComplexImage& probe, const ComplexImage& transmission,
                                               Index object_ny, Index object_nx, const Placement& placement) const {
  std::vector<double> total(static_cast<std::size_t>(window.count()), 0.0);
  for (Index m = 0; m < modes; ++m) {
    const auto start = probe.begin() + m * window.count();
    const ComplexImage limited = filtered({start, start + window.count()}, window, propagation, 0);
    ComplexImage psi = shifted(limited, window, placement.fy, placement.fx);
    for (Index s = 0; s < slices; ++s) {
      ComplexImage t(psi.size());
      for (Index y = 0; y < window.ny; ++y)
        for (Index x = 0; x < window.nx; ++x)
          t[y * window.nx + x] =
              transmission[(s * object_ny + placement.corner.y + y) * object_nx + placement.corner.x + x];
      if (propagation.transmission == TransmissionLimit::patch) t = filtered(t, window, propagation, 0);
      for (std::size_t i = 0; i < psi.size(); ++i) psi[i] *= t[i];
      if (s + 1 < slices) psi = filtered(psi, window, propagation, gaps_A[s]);
    }
    const ComplexImage exit = dft(psi, window.ny, window.nx, -1);
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += std::norm(exit[i]) / static_cast<double>(window.count());
  }
  return total;
}

double naive_loss(const Loss& loss, double mu, double y) {
  const double e = loss.epsilon, root = std::sqrt(mu + e) - std::sqrt(y + e);
  switch (loss.kind) {
    case LossKind::poisson:
      return (mu + e) - (y + e) - (y + e) * std::log((mu + e) / (y + e));
    case LossKind::gaussian:
      return (mu - y) * (mu - y) / (2 * std::max(y, 1.0));
    case LossKind::weighted:
      return (mu - y) * (mu - y) / 2;
    default:
      return 2 * root * root;
  }
}

}  // namespace tessera::testing
