#include <fftw3.h>

#include <cstdlib>

#include "kernels/fft.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

/// FFTW's two precisions under one name.
template <class Real>
struct Fftw;

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  using Number = fftw_complex;
  static Plan plan(const int* n, int count, Number* data, int sign, unsigned flags) {
    return fftw_plan_many_dft(2, n, count, data, nullptr, 1, n[0] * n[1], data, nullptr, 1, n[0] * n[1], sign, flags);
  }
  static void execute(Plan plan, Number* data) { fftw_execute_dft(plan, data, data); }
  static void destroy(Plan plan) { fftw_destroy_plan(plan); }
  static char* wisdom() { return fftw_export_wisdom_to_string(); }
  static void use(const char* text) { fftw_import_wisdom_from_string(text); }
  static Number* allocate(std::size_t count) { return fftw_alloc_complex(count); }
  static void release(void* data) { fftw_free(data); }
};

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  using Number = fftwf_complex;
  static Plan plan(const int* n, int count, Number* data, int sign, unsigned flags) {
    return fftwf_plan_many_dft(2, n, count, data, nullptr, 1, n[0] * n[1], data, nullptr, 1, n[0] * n[1], sign, flags);
  }
  static void execute(Plan plan, Number* data) { fftwf_execute_dft(plan, data, data); }
  static void destroy(Plan plan) { fftwf_destroy_plan(plan); }
  static char* wisdom() { return fftwf_export_wisdom_to_string(); }
  static void use(const char* text) { fftwf_import_wisdom_from_string(text); }
  static Number* allocate(std::size_t count) { return fftwf_alloc_complex(count); }
  static void release(void* data) { fftwf_free(data); }
};

/// A plan for fixed count and direction.
template <class Real>
class Plan {
 public:
  Plan(Index ny, Index nx, Index count, int sign) {
    const int n[] = {static_cast<int>(ny), static_cast<int>(nx)};
    const std::size_t points = static_cast<std::size_t>(ny * nx);
    // A wave starts on a vector boundary only if the one before it ends on one.
    const bool aligned = points * sizeof(Complex<Real>) % 64 == 0;
    auto* const scratch = Fftw<Real>::allocate(points * static_cast<std::size_t>(count));
    handle_ =
        Fftw<Real>::plan(n, static_cast<int>(count), scratch, sign, FFTW_PATIENT | (aligned ? 0U : FFTW_UNALIGNED));
    Fftw<Real>::release(scratch);
    if (handle_ == nullptr)
      throw SystemError(ExitCode::internal,
                        fmt::format("FFTW made no plan for {} transforms of {} x {}", count, ny, nx));
  }
  ~Plan() { Fftw<Real>::destroy(handle_); }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  void execute(Complex<Real>* data) const {
    Fftw<Real>::execute(handle_, reinterpret_cast<typename Fftw<Real>::Number*>(data));
  }

 private:
  typename Fftw<Real>::Plan handle_ = nullptr;
};

}  // namespace

template <class Real>
struct FftPlan<Real>::Plans {
  Plans(Index ny, Index nx, Index batch)
      : forward_one(ny, nx, 1, FFTW_FORWARD),
        inverse_one(ny, nx, 1, FFTW_BACKWARD),
        forward_batch(ny, nx, batch, FFTW_FORWARD),
        inverse_batch(ny, nx, batch, FFTW_BACKWARD) {}
  Plan<Real> forward_one, inverse_one, forward_batch, inverse_batch;
};

template <class Real>
FftPlan<Real>::FftPlan(DeviceKind device, Index ny, Index nx, Index batch)
    : device_(device), ny_(ny), nx_(nx), batch_(batch), plans_(std::make_shared<Plans>(ny, nx, batch)) {}

template <class Real>
void FftPlan<Real>::execute(Complex<Real>* data, Index count, bool forward) const {
  const DeviceAccess access(device_);
  if (count == batch_) return (forward ? plans_->forward_batch : plans_->inverse_batch).execute(data);
  for (Index i = 0; i < count; ++i) (forward ? plans_->forward_one : plans_->inverse_one).execute(data + i * ny_ * nx_);
}

template <class Real>
void FftPlan<Real>::forward(Complex<Real>* data, Index count) const {
  execute(data, count, true);
}

template <class Real>
void FftPlan<Real>::inverse(Complex<Real>* data, Index count) const {
  execute(data, count, false);
}

template <class Real>
std::string fft_wisdom() {
  const std::unique_ptr<char, decltype(&std::free)> text(Fftw<Real>::wisdom(), &std::free);
  return text ? text.get() : "";
}

template <class Real>
void use_fft_wisdom(const std::string& wisdom) {
  Fftw<Real>::use(wisdom.c_str());
}

template class FftPlan<float>;
template class FftPlan<double>;
template std::string fft_wisdom<float>();
template std::string fft_wisdom<double>();
template void use_fft_wisdom<float>(const std::string&);
template void use_fft_wisdom<double>(const std::string&);

}  // namespace tessera
