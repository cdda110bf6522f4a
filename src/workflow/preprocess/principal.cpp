#include "src/workflow/preprocess/principal.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/base/random.hpp"
#include "src/workflow/preprocess/exact_sums.hpp"

namespace tessera {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;  // [pixel, vector]

/// C times `vectors`, summed over all patterns of all ranks and divided by their number (collective).
Matrix times_covariance(const Comm& comm, const EachPattern& each, std::span<const double> scale, const Matrix& vectors,
                        double patterns, double largest) {
  const Eigen::Index l = vectors.cols();
  ExactSums sums(vectors.size(), largest);
  Eigen::RowVectorXd along(l);
  std::vector<double> scaled(scale.size());
  each([&](std::span<const double> pattern) {
    along.setZero();
    for (std::size_t q = 0; q < scale.size(); ++q) {
      scaled[q] = pattern[q] * scale[q];
      if (scaled[q] != 0) along += scaled[q] * vectors.row(static_cast<Eigen::Index>(q));
    }
    for (std::size_t q = 0; q < scale.size(); ++q) {
      if (scaled[q] == 0) continue;
      const std::size_t first = q * static_cast<std::size_t>(l);
      for (Eigen::Index i = 0; i < l; ++i) sums.add(first + static_cast<std::size_t>(i), scaled[q] * along[i]);
    }
  });
  const std::vector<double> total = sums.total(comm);
  return Eigen::Map<const Matrix>(total.data(), vectors.rows(), l) / patterns;
}

/// The same on every rank: root's.
void broadcast_matrix(const Comm& comm, Matrix& matrix) {
  std::vector<double> values(matrix.data(), matrix.data() + matrix.size());
  comm.broadcast(values);
  std::ranges::copy(values, matrix.data());
}

Matrix orthonormal_columns(const Matrix& from) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr{Eigen::MatrixXd(from)};
  return qr.householderQ() * Eigen::MatrixXd::Identity(from.rows(), from.cols());
}

}  // namespace

PrincipalBasis principal_basis(const Comm& comm, const EachPattern& each, std::span<const double> scale,
                               std::span<const double> square, double patterns, Index channels, int seed) {
  constexpr Index more = 8;
  const auto pixels = static_cast<Eigen::Index>(scale.size());
  const auto l = std::min<Eigen::Index>(pixels, channels + more);
  Matrix omega(pixels, l);
  for (Eigen::Index i = 0; i < omega.size(); ++i)
    omega.data()[i] = random_normal(static_cast<std::uint64_t>(seed), static_cast<Index>(i));
  PrincipalBasis basis;
  basis.total = std::accumulate(square.begin(), square.end(), 0.0);
  // |x_q (x, omega)| is about this at most; sums allow for 2^20 times as much.
  const double largest = std::max(1e-300, 8 * std::sqrt(*std::ranges::max_element(square) * basis.total));
  Matrix q = orthonormal_columns(times_covariance(comm, each, scale, omega, patterns, largest));
  broadcast_matrix(comm, q);
  const Matrix image = times_covariance(comm, each, scale, q, patterns, largest);
  const Eigen::MatrixXd small = q.transpose() * image;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen((small + small.transpose()) / 2);
  Matrix vectors = q * eigen.eigenvectors();
  broadcast_matrix(comm, vectors);
  for (Index channel = 0; channel < std::min<Index>(channels, l); ++channel) {
    const auto column = vectors.col(l - 1 - channel);
    Eigen::Index strongest = 0;
    column.cwiseAbs().maxCoeff(&strongest);
    const double sign = column[strongest] < 0 ? -1 : 1;
    for (Eigen::Index i = 0; i < pixels; ++i)
      basis.weights.push_back(static_cast<float>(sign * column[i] * scale[static_cast<std::size_t>(i)]));
    basis.values.push_back(eigen.eigenvalues()[l - 1 - channel]);
  }
  return basis;
}

}  // namespace tessera
