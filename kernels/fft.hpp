#pragma once

#include <memory>
#include <string>

#include "kernels/frequency_band.hpp"
#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"
#include "src/base/index.hpp"

namespace tessera {

template <class Real>
class GpuFft;

/// How long to look for a fast plan: seconds, which pay for transforms made many times, or not at all.
enum class FftEffort { once, many };

/// In-place 2-D FFTs of [count, ny, nx] arrays, not normalised: forward F(k) = sum_r f(r) exp(-2 pi i k.r / N), inverse
/// with +; zero frequency at [0,0]. The factors 1/(ny nx) live in the tables that are multiplied anyway.
template <class Real>
class FftPlan {
 public:
  /// Plans for `batch` transforms at a time; other counts work too, one by one.
  FftPlan(DeviceKind device, Index ny, Index nx, Index batch, FftEffort effort = FftEffort::many);
  DeviceKind device() const { return device_; }
  /// On a lane of the plan's device, after what the lane was given before.
  void forward(const Lane& lane, Complex<Real>* data, Index count) const;
  void inverse(const Lane& lane, Complex<Real>* data, Index count) const;
  /// What is transformed once needs no lane of its own.
  void forward(Complex<Real>* data, Index count) const { forward(Lane(device_), data, count); }
  void inverse(Complex<Real>* data, Index count) const { inverse(Lane(device_), data, count); }

 private:
  struct Plans;

  DeviceKind device_;
  Index points_;
  std::shared_ptr<const Plans> plans_;  ///< of a host
  std::shared_ptr<const GpuFft<Real>> gpu_;
};

/// The same transforms to and from spectra of which only the rows of a band are wanted; on a host in less time: a
/// cut-off at 2/3 of the Nyquist frequency saves an eighth.
template <class Real>
class BandFftPlan {
 public:
  /// `whole` transforms the same windows; it serves when the band is all.
  BandFftPlan(const FftPlan<Real>& whole, Index nx, Index batch, const FrequencyBand& band);
  const FrequencyBand& band() const { return band_; }
  /// The rows outside the band are left with something that means nothing.
  void forward(const Lane& lane, Complex<Real>* data, Index count) const;
  /// The rows outside the band count as zero, whatever is in them.
  void inverse(const Lane& lane, Complex<Real>* data, Index count) const;

 private:
  struct Plans;

  FftPlan<Real> whole_;
  Index nx_;
  FrequencyBand band_;
  std::shared_ptr<const Plans> plans_;
};

/// What FFTW has learnt about this machine, as text; rank 0 plans, the others take its wisdom, so that all ranks (and,
/// with the text kept in a file, all runs) use the same plans.
template <class Real>
std::string fft_wisdom();
template <class Real>
void use_fft_wisdom(const std::string& wisdom);

/// How many plans (FftEffort::many) this process has had to look for itself, as its wisdom did not know them: each may
/// be another algorithm, with other last bits, than the one of another rank.
template <class Real>
Index fft_plans_not_in_wisdom();

}  // namespace tessera
