#include "src/model/probe.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/base/constants.hpp"

namespace tessera {

namespace {

/// Distance of pixel i from the window's centre pixel.
double from_centre(Index i, Index n) {
  const Index centre = n / 2;
  return static_cast<double>(i - centre);
}

/// Moves pixel [0,0] to the centre pixel floor(N/2).
ComplexImage centred(const std::vector<Complex<double>>& wave, Index ny, Index nx) {
  ComplexImage shifted(wave.size());
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) {
      const Complex<double>& value = wave[y * nx + x];
      shifted[(y + ny / 2) % ny * nx + (x + nx / 2) % nx] = {value.re, value.im};
    }
  return shifted;
}

/// Back.
std::vector<Complex<double>> from_centre_to_corner(const std::complex<double>* wave, Index ny, Index nx) {
  std::vector<Complex<double>> turned(static_cast<std::size_t>(ny * nx));
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) {
      const std::complex<double>& value = wave[(y + ny / 2) % ny * nx + (x + nx / 2) % nx];
      turned[y * nx + x] = {value.real(), value.imag()};
    }
  return turned;
}

/// Where the frequency at index i of n lies among m >= n.
Index among_more(Index i, Index n, Index m) { return i < (n + 1) / 2 ? i : i - n + m; }

/// Orders (ny, nx) of the Hermite products: by total order, then by y.
std::pair<int, int> hermite_orders(int mode) {
  int total = 0;
  while (mode > total) mode -= ++total;
  return {mode, total - mode};
}

double hermite(int order, double u) {
  double previous = 0, value = 1;
  for (int n = 0; n < order; ++n) {
    const double next = 2 * u * value - 2 * n * previous;
    previous = value;
    value = next;
  }
  return value;
}

/// Root-mean-square radius of |wave|^2 along one axis [pixels].
double rms_pixels(const ComplexImage& wave, const Grid& window, bool along_y) {
  double moment = 0;
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x) {
      const double u = along_y ? from_centre(y, window.ny) : from_centre(x, window.nx);
      moment += u * u * std::norm(wave[y * window.nx + x]);
    }
  return std::max(1.0, std::sqrt(moment / power(wave)));
}

void subtract_projection(ComplexImage& wave, const std::complex<double>* onto, double onto_power) {
  std::complex<double> overlap = 0;
  for (std::size_t i = 0; i < wave.size(); ++i) overlap += std::conj(onto[i]) * wave[i];
  for (std::size_t i = 0; i < wave.size(); ++i) wave[i] -= overlap / onto_power * onto[i];
}

}  // namespace

double power(const ComplexImage& wave) {
  double sum = 0;
  for (const auto& value : wave) sum += std::norm(value);
  return sum;
}

ComplexImage make_probe(const Grid& window, double wavelength_A, double semiangle_rad,
                        const std::vector<Aberration>& aberrations) {
  const double k_aperture = semiangle_rad / wavelength_A;
  const double k_band = 0.5 * std::min(1 / window.dy_A, 1 / window.dx_A);
  if (k_aperture >= k_band)
    throw InputError(
        ExitCode::run_file,
        fmt::format("an aperture of {:.4g} mrad is too wide, the window's pixels of {:.4g} x {:.4g} A reach "
                    "only {:.4g} mrad: it must lie inside the detector",
                    semiangle_rad * 1e3, window.dy_A, window.dx_A, k_band * wavelength_A * 1e3),
        true);
  std::vector<Complex<double>> wave(static_cast<std::size_t>(window.count()));
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x) {
      const double ky = window.ky_invA(y), kx = window.kx_invA(x), k = std::hypot(ky, kx);
      const double azimuth = std::atan2(ky, kx);
      const double bin = 1 / std::hypot(std::cos(azimuth) * static_cast<double>(window.nx) * window.dx_A,
                                        std::sin(azimuth) * static_cast<double>(window.ny) * window.dy_A);
      const double open = std::clamp((k_aperture - k) / bin + 0.5, 0.0, 1.0);
      const double chi = aberration_phase_rad(aberrations, wavelength_A, wavelength_A * k, azimuth);
      wave[y * window.nx + x] = {open * std::cos(chi), -open * std::sin(chi)};
    }
  Array<Complex<double>> data = make_array(DeviceKind::host, wave);
  FftPlan<double>(DeviceKind::host, window.ny, window.nx, 1, FftEffort::once).inverse(data.data(), 1);
  ComplexImage probe = centred(data.to_vector(), window.ny, window.nx);
  scale_to(probe, 1);
  return probe;
}

ComplexImage make_modes(const ComplexImage& first, const Grid& window, int modes) {
  constexpr double extra_power = 0.05;
  const double total = power(first);
  const double scale_y = std::sqrt(2.0) * rms_pixels(first, window, true);
  const double scale_x = std::sqrt(2.0) * rms_pixels(first, window, false);
  ComplexImage all = first;
  for (int mode = 1; mode < modes; ++mode) {
    const auto [order_y, order_x] = hermite_orders(mode);
    ComplexImage wave = first;
    for (Index y = 0; y < window.ny; ++y)
      for (Index x = 0; x < window.nx; ++x)
        wave[y * window.nx + x] *= hermite(order_y, from_centre(y, window.ny) / scale_y) *
                                   hermite(order_x, from_centre(x, window.nx) / scale_x);
    for (int before = 0; before < mode; ++before) {
      const std::complex<double>* const onto = all.data() + before * window.count();
      double onto_power = 0;
      for (Index i = 0; i < window.count(); ++i) onto_power += std::norm(onto[i]);
      subtract_projection(wave, onto, onto_power);
    }
    scale_to(wave, extra_power * total);
    all.insert(all.end(), wave.begin(), wave.end());
  }
  scale_to(all, total);
  return all;
}

ComplexImage on_finer_pixels(const ComplexImage& waves, const Grid& from, const Grid& to) {
  TESSERA_ASSERT(from.ny <= to.ny && from.nx <= to.nx, from.ny, from.nx, to.ny, to.nx);
  const FftPlan<double> there(DeviceKind::host, from.ny, from.nx, 1, FftEffort::once);
  const FftPlan<double> back(DeviceKind::host, to.ny, to.nx, 1, FftEffort::once);
  const double scale = 1 / std::sqrt(static_cast<double>(from.count()) * static_cast<double>(to.count()));
  ComplexImage fine;
  for (Index first = 0; first < static_cast<Index>(waves.size()); first += from.count()) {
    Array<Complex<double>> coarse =
        make_array(DeviceKind::host, from_centre_to_corner(waves.data() + first, from.ny, from.nx));
    there.forward(coarse.data(), 1);
    Array<Complex<double>> padded(DeviceKind::host, to.count());
    for (Index y = 0; y < from.ny; ++y)
      for (Index x = 0; x < from.nx; ++x) {
        const Complex<double> value = coarse.data()[y * from.nx + x];
        padded.data()[among_more(y, from.ny, to.ny) * to.nx + among_more(x, from.nx, to.nx)] = {scale * value.re,
                                                                                                scale * value.im};
      }
    back.inverse(padded.data(), 1);
    const ComplexImage wave = centred(padded.to_vector(), to.ny, to.nx);
    fine.insert(fine.end(), wave.begin(), wave.end());
  }
  return fine;
}

void scale_to(ComplexImage& probe, double electrons) {
  const double factor = std::sqrt(electrons / power(probe));
  for (auto& value : probe) value *= factor;
}

std::vector<double> as_reals(const ComplexImage& waves) {
  std::vector<double> reals;
  for (const auto& value : waves) reals.insert(reals.end(), {value.real(), value.imag()});
  return reals;
}

double power_at_rim(const ComplexImage& probe, const Grid& window) {
  double rim = 0;
  for (std::size_t i = 0; i < probe.size(); ++i) {
    const Index y = static_cast<Index>(i) / window.nx % window.ny, x = static_cast<Index>(i) % window.nx;
    const bool outer = std::abs(from_centre(y, window.ny)) > 0.4 * static_cast<double>(window.ny) ||
                       std::abs(from_centre(x, window.nx)) > 0.4 * static_cast<double>(window.nx);
    if (outer) rim += std::norm(probe[i]);
  }
  return rim / power(probe);
}

double radius_that_holds(const ComplexImage& probe, const Grid& window, double share) {
  const auto y_A = [&](std::size_t i) {
    return from_centre(static_cast<Index>(i) / window.nx % window.ny, window.ny) * window.dy_A;
  };
  const auto x_A = [&](std::size_t i) {
    return from_centre(static_cast<Index>(i) % window.nx, window.nx) * window.dx_A;
  };
  const double total = power(probe);
  double centre_y_A = 0, centre_x_A = 0;
  for (std::size_t i = 0; i < probe.size(); ++i) {
    centre_y_A += std::norm(probe[i]) / total * y_A(i);
    centre_x_A += std::norm(probe[i]) / total * x_A(i);
  }
  std::vector<std::pair<double, double>> by_distance;  // [A], power
  for (std::size_t i = 0; i < probe.size(); ++i)
    by_distance.emplace_back(std::hypot(y_A(i) - centre_y_A, x_A(i) - centre_x_A), std::norm(probe[i]));
  std::sort(by_distance.begin(), by_distance.end());
  double held = 0;
  for (const auto& [distance_A, here] : by_distance) {
    held += here;
    if (held >= share * total) return distance_A;
  }
  return by_distance.back().first;
}

}  // namespace tessera
