#pragma once

#include <memory>
#include <string>

#include "src/arrays/complex.hpp"
#include "src/arrays/device.hpp"
#include "src/base/index.hpp"

namespace tessera {

/// In-place 2-D FFTs of [count, ny, nx] arrays, not normalised: forward F(k) = sum_r f(r) exp(-2 pi i k.r / N), inverse
/// with +; zero frequency at [0,0]. The factors 1/(ny nx) live in the tables that are multiplied anyway.
template <class Real>
class FftPlan {
 public:
  /// Plans for `batch` transforms at a time; other counts work too, one by one.
  FftPlan(DeviceKind device, Index ny, Index nx, Index batch);
  void forward(Complex<Real>* data, Index count) const;
  void inverse(Complex<Real>* data, Index count) const;

 private:
  struct Plans;
  void execute(Complex<Real>* data, Index count, bool forward) const;

  DeviceKind device_;
  Index ny_, nx_, batch_;
  std::shared_ptr<const Plans> plans_;
};

/// What FFTW has learnt about this machine, as text; rank 0 plans, the others take its wisdom, so that all ranks (and,
/// with the text kept in a file, all runs) use the same plans.
template <class Real>
std::string fft_wisdom();
template <class Real>
void use_fft_wisdom(const std::string& wisdom);

}  // namespace tessera
