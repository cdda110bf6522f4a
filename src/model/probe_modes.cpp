#include "src/model/probe_modes.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/base/constants.hpp"
#include "src/base/random.hpp"

namespace tessera {

namespace {

using Matrix = Eigen::MatrixXcd;  ///< one wave a column
using Wave = std::vector<Complex<double>>;

/// Distance from pixel 0 on a ring of n pixels, signed.
double on_ring(Index i, Index n) { return static_cast<double>(i <= n / 2 ? i : i - n); }

/// Equally spaced defoci with normal weights, sum 1: for a normal density this sum converges as fast as any.
struct Defoci {
  std::vector<double> value_A, weight;
  explicit Defoci(double spread_A) {
    if (spread_A == 0) {
      value_A = weight = {0};
      weight[0] = 1;
      return;
    }
    constexpr int side = 7;
    constexpr double step = 0.5;
    double sum = 0;
    for (int i = -side; i <= side; ++i) {
      const double u = step * i;
      value_A.push_back(u * spread_A);
      weight.push_back(std::exp(-u * u / 2));
      sum += weight.back();
    }
    for (double& value : weight) value /= sum;
  }
};

/// rho of the docstring, on spectra in FFT order. A normal density of sources multiplies in real space.
class Mixture {
 public:
  Mixture(const ComplexImage& first, const Grid& window, double wavelength_A, const PartialCoherence& coherence)
      : window_(window),
        plan_(DeviceKind::host, window.ny, window.nx, 1, FftEffort::once),
        defoci_(coherence.focal_spread_A),
        source_(first.size()) {
    Array<Complex<double>> data(DeviceKind::host, window.count());
    for (Index i = 0; i < window.count(); ++i) data.data()[i] = {first[i].real(), first[i].imag()};
    plan_.forward(data.data(), 1);
    for (const double defocus_A : defoci_.value_A) {
      ComplexImage spectrum(first.size());
      for (Index y = 0; y < window.ny; ++y)
        for (Index x = 0; x < window.nx; ++x) {
          const double k = std::hypot(window.ky_invA(y), window.kx_invA(x));
          const Complex<double>& value = data.data()[y * window.nx + x];
          spectrum[y * window.nx + x] =
              std::complex<double>(value.re, value.im) * std::polar(1.0, -pi * wavelength_A * defocus_A * k * k);
        }
      spectra_.push_back(std::move(spectrum));
    }
    double sum = 0;
    for (Index y = 0; y < window.ny; ++y)
      for (Index x = 0; x < window.nx; ++x) {
        const double r = std::hypot(on_ring(y, window.ny) * window.dy_A, on_ring(x, window.nx) * window.dx_A);
        const double u = coherence.source_size_A > 0 ? r / coherence.source_size_A : (r > 0 ? 1e3 : 0);
        sum += source_[y * window.nx + x] = std::exp(-u * u / 2);
      }
    for (double& value : source_) value /= sum;
  }

  /// rho of each column, a spectrum.
  Matrix operator()(const Matrix& vectors) const {
    Matrix result = Matrix::Zero(vectors.rows(), vectors.cols());
    Array<Complex<double>> data(DeviceKind::host, window_.count());
    for (Index column = 0; column < vectors.cols(); ++column)
      for (std::size_t d = 0; d < spectra_.size(); ++d) {
        const ComplexImage& spectrum = spectra_[d];
        for (Index i = 0; i < window_.count(); ++i) {
          const std::complex<double> value = std::conj(spectrum[i]) * vectors(i, column);
          data.data()[i] = {value.real(), value.imag()};
        }
        plan_.inverse(data.data(), 1);
        for (Index i = 0; i < window_.count(); ++i) {
          data.data()[i].re *= source_[i];
          data.data()[i].im *= source_[i];
        }
        plan_.forward(data.data(), 1);
        for (Index i = 0; i < window_.count(); ++i)
          result(i, column) +=
              defoci_.weight[d] * spectrum[i] * std::complex<double>(data.data()[i].re, data.data()[i].im);
      }
    return result;
  }

  /// The wave of a spectrum.
  ComplexImage wave(const Eigen::VectorXcd& spectrum) const {
    Array<Complex<double>> data(DeviceKind::host, window_.count());
    for (Index i = 0; i < window_.count(); ++i) data.data()[i] = {spectrum(i).real(), spectrum(i).imag()};
    plan_.inverse(data.data(), 1);
    ComplexImage result;
    for (Index i = 0; i < window_.count(); ++i) result.emplace_back(data.data()[i].re, data.data()[i].im);
    return result;
  }

 private:
  Grid window_;
  FftPlan<double> plan_;
  Defoci defoci_;
  std::vector<double> source_;         ///< [y, x] weight of each shift
  std::vector<ComplexImage> spectra_;  ///< [defocus][y, x]
};

Matrix orthonormal(const Matrix& vectors) {
  const Eigen::HouseholderQR<Matrix> factors(vectors);
  return factors.householderQ() * Matrix::Identity(vectors.rows(), vectors.cols());
}

}  // namespace

CoherentModes coherent_modes(const ComplexImage& first, const Grid& window, double wavelength_A,
                             const PartialCoherence& coherence, int modes) {
  constexpr int more = 8, rounds = 6;
  constexpr std::uint64_t seed = 0x6d6f646573;
  const Mixture rho(first, window, wavelength_A, coherence);
  const Index columns = std::min<Index>(modes + more, window.count());
  TESSERA_ASSERT(modes <= columns, modes, columns);
  Matrix vectors(window.count(), columns);
  for (Index i = 0; i < vectors.size(); ++i)
    vectors.data()[i] = {random_normal(seed, 2 * i), random_normal(seed, 2 * i + 1)};
  for (int round = 0; round < rounds; ++round) vectors = orthonormal(rho(vectors));
  const Eigen::SelfAdjointEigenSolver<Matrix> small(vectors.adjoint() * rho(vectors));
  CoherentModes found;
  for (Index m = 0; m < modes; ++m) {
    const Index from = columns - 1 - m;  // eigenvalues come in increasing order
    const double strength = std::max(0.0, small.eigenvalues()(from));
    ComplexImage wave = rho.wave(vectors * small.eigenvectors().col(from) * std::sqrt(strength));
    for (auto& value : wave) value /= static_cast<double>(window.count());
    found.waves.insert(found.waves.end(), wave.begin(), wave.end());
  }
  const double total = power(first);
  found.share = power(found.waves) / total;
  scale_to(found.waves, total);
  return found;
}

ComplexImage orthogonal_modes(const ComplexImage& modes, const Grid& window) {
  const Index count = static_cast<Index>(modes.size()) / window.count();
  const Eigen::Map<const Matrix> waves(modes.data(), window.count(), count);
  const Eigen::SelfAdjointEigenSolver<Matrix> gram(waves.adjoint() * waves);
  const Matrix mixed = waves * gram.eigenvectors().rowwise().reverse();
  return {mixed.data(), mixed.data() + mixed.size()};
}

}  // namespace tessera
