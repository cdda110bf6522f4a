#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/likelihood.hpp"
#include "src/arrays/array.hpp"
#include "src/model/expected_loss.hpp"

namespace tessera {

/// The measured patterns of one rank, in the order of its positions and kept as they are stored in the file.
struct Measurement {
  Index ny = 0, nx = 0;  ///< of a pattern as it is compared: pixels, or 1 x channels
  /// [position, ny, nx] of `type`, in the order of the detector's pixels, invalid ones 0; on the model's device or in
  /// staging memory of it (`staging_for`).
  Array<std::byte> patterns;
  PixelType type = PixelType::uint16;
  double electrons_per_count = 1;
  std::vector<double> valid;  ///< [ny, nx] 1 or 0; for the weighted loss 1/variance or 0
  double weighted_loss = 0;   ///< E[loss] of a pattern under the weighted loss, which knows no model
};

/// Which part of the valid pixels is kept out of the fit, at random, to judge it by.
struct HeldOutChoice {
  double share = 0;             ///< 0: nothing is held out
  bool whole_patterns = false;  ///< patterns are chosen, not pixels
  std::uint64_t seed = 0;
};

/// The rule that a choice means, for patterns that have yet to be named.
HeldOut held_out_rule(const HeldOutChoice& choice);

/// A sum over what is fitted and one over what is held out.
struct FittedAndHeldOut {
  double fitted = 0;
  double held_out = 0;
};

/// Sums over patterns that tell how well the model fits, in this order on the device.
enum class Sum : Index {
  loss,
  held_out,           ///< the loss of the pixels held out
  expected,           ///< sum E[loss | mu]
  residual,           ///< sum |sqrt(mu) - sqrt(y)|; weighted: |mu - y| in deviations
  root,               ///< sum sqrt(y), or |y|; the R factor is their ratio
  held_out_residual,  ///< the last two of the pixels held out
  held_out_root
};

/// The sums of a block, each at its place.
struct BlockSums {
  static constexpr Index count = 7;
  double* values = nullptr;  ///< [count] on the device
  double* at(Sum which) const { return values + static_cast<Index>(which); }
};

/// What the model leaves unexplained, of each pattern and of each pixel of the detector, held out or not.
struct Residuals {
  std::vector<double> loss;      ///< [position] over `expected` about 1 where only noise is left
  std::vector<double> expected;  ///< [position] E[loss | mu]
  std::vector<double> excess;    ///< [y, x] sum over patterns of valid (mu - y)
  std::vector<double> variance;  ///< [y, x] of that sum, if mu is right
};

/// Those of a rank that tell the R factor and the expected loss.
struct FitQuality {
  double residual = 0, root = 0, expected_loss = 0, held_out_residual = 0, held_out_root = 0;
  Residuals residuals = {};
};

/// Compares the model's expectation with the measurement: f = sum_j sum_k loss(mu_jk, y_jk). Shared by all lanes; what
/// a lane works in is a Space. All sums but those that say so are over fitted pixels: valid and not held out.
template <class Real>
class DataTerm {
 public:
  struct Space {
    Array<Real> a, b;           ///< [batch, ny, nx]
    Array<double> parts;        ///< [2, batch, parts, nx] sums of losses, on a GPU
    Array<std::byte> patterns;  ///< of a block, where they are not kept on the device
  };

  /// `names` [position] tell patterns apart by their places in the whole scan; needed when something is held out.
  DataTerm(DeviceKind device, Measurement measurement, const Loss& loss, const HeldOutChoice& held_out = {},
           const std::vector<Index>& names = {});

  Index ny() const { return measurement_.ny; }
  Index nx() const { return measurement_.nx; }
  Space make_space(Index batch) const;
  /// The patterns of positions first .. first + n - 1 on the device, valid until the lane's next call. Where they are
  /// kept elsewhere they are copied in the lane's order, while other lanes compute.
  StoredPatterns block(const Lane& lane, Space& space, Index first, Index n) const;

  /// Sum::loss and Sum::held_out of the patterns [n, y, x] of a block; overwrites mu with d loss/d mu, 0 where held
  /// out.
  void evaluate(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<Real> mu,
                const BlockSums& sums) const;
  /// Sum::expected for a model mu [n, y, x].
  void expected(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<const Real> mu,
                const BlockSums& sums) const;
  /// All but the loss.
  void quality(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<const Real> mu,
               const BlockSums& sums) const;
  /// Of each pattern of a block its loss and E[loss | mu], at loss[p] and expected[p] on the device. What its pixels
  /// leave stays in the space, for `add_residuals`.
  void residuals(const Lane& lane, Space& space, const StoredPatterns& patterns, View3<const Real> mu, double* loss,
                 double* expected) const;
  /// Adds what `residuals` left of n patterns to planes [1, ny, nx].
  void add_residuals(const Lane& lane, Space& space, Index n, View3<double> excess, View3<double> variance) const;
  /// weight = h, the curvature E[d^2 loss/d mu^2] at mu, 0 in pixels not fitted (physics.md 3.5); `weight` may be `mu`.
  void curvature(const Lane& lane, const StoredPatterns& patterns, View3<const Real> mu, View3<Real> weight) const;
  /// The valid pixels of this rank's patterns, counted one by one.
  FittedAndHeldOut pixels() const;
  std::size_t bytes() const { return measurement_.patterns.bytes() + valid_.bytes() + names_.bytes(); }
  std::size_t space_bytes(Index batch) const {
    return static_cast<std::size_t>(2 * batch * ny() * nx()) * sizeof(Real) +
           static_cast<std::size_t>(part_sums(batch)) * sizeof(double) +
           static_cast<std::size_t>(streamed() ? batch * pattern_bytes() : 0);
  }

 private:
  bool streamed() const { return measurement_.patterns.device() != device_; }
  Index pattern_bytes() const { return bytes_of(measurement_.type) * ny() * nx(); }
  /// The two sums of the R factor, pixel by pixel.
  void residual(const Lane& lane, const StoredPatterns& patterns, View3<const Real> mu, View3<Real> a,
                View3<Real> b) const;
  /// E[loss | mu] of each pixel; not for the weighted loss.
  void expected_values(const Lane& lane, const StoredPatterns& patterns, View3<const Real> mu, View3<Real> value) const;
  /// Rows of a pattern that one thread sums, every so many.
  Index parts() const { return std::min<Index>(8, ny()); }
  Index part_sums(Index batch) const { return device_ == DeviceKind::cuda ? 2 * batch * parts() * nx() : 0; }
  View3<const Real> valid() const { return {valid_.data(), 1, ny(), nx()}; }
  View3<Real> like(Array<Real>& array, Index n) const { return {array.data(), n, ny(), nx()}; }

  DeviceKind device_;
  Measurement measurement_;
  Loss loss_;
  HeldOut held_out_;
  Array<Index> names_;  ///< [position]; empty when nothing is held out
  Array<Real> valid_;   ///< [ny, nx]
  ExpectedLossTable expected_;
  Array<Real> expected_table_;  ///< its values on the device
};

}  // namespace tessera
