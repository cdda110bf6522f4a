#include <fftw3.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <vector>

#include "kernels/fft.hpp"
#include "kernels/fft_gpu.hpp"
#include "kernels/propagate.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

/// Axes as FFTW describes them: {length, stride in, stride out} of those transformed, and of those looped over.
using Dims = std::vector<fftw_iodim>;

fftw_iodim axis(Index length, Index stride) {
  return {static_cast<int>(length), static_cast<int>(stride), static_cast<int>(stride)};
}

/// FFTW's two precisions under one name.
template <class Real>
struct Fftw;

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  using Number = fftw_complex;
  static Plan plan(const Dims& dims, const Dims& many, Number* data, int sign, unsigned flags) {
    return fftw_plan_guru_dft(static_cast<int>(dims.size()), dims.data(), static_cast<int>(many.size()), many.data(),
                              data, data, sign, flags);
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
  static Plan plan(const Dims& dims, const Dims& many, Number* data, int sign, unsigned flags) {
    return fftwf_plan_guru_dft(static_cast<int>(dims.size()), dims.data(), static_cast<int>(many.size()), many.data(),
                               data, data, sign, flags);
  }
  static void execute(Plan plan, Number* data) { fftwf_execute_dft(plan, data, data); }
  static void destroy(Plan plan) { fftwf_destroy_plan(plan); }
  static char* wisdom() { return fftwf_export_wisdom_to_string(); }
  static void use(const char* text) { fftwf_import_wisdom_from_string(text); }
  static Number* allocate(std::size_t count) { return fftwf_alloc_complex(count); }
  static void release(void* data) { fftwf_free(data); }
};

/// Belongs to FFTW's wisdom, which is the process's as well.
template <class Real>
std::atomic<Index>& plans_not_in_wisdom() {
  static std::atomic<Index> count = 0;
  return count;
}

/// A plan in place for fixed axes and direction, on `points` numbers.
template <class Real>
class Plan {
 public:
  Plan(const Dims& dims, const Dims& many, Index points, int sign, FftEffort effort = FftEffort::many) {
    // A wave starts on a vector boundary only if the one before it ends on one.
    const bool aligned = static_cast<std::size_t>(points) * sizeof(Complex<Real>) % 64 == 0;
    const unsigned flags = aligned ? 0U : FFTW_UNALIGNED;
    auto* const scratch = Fftw<Real>::allocate(static_cast<std::size_t>(points));
    const auto plan = [&](unsigned how) { return Fftw<Real>::plan(dims, many, scratch, sign, flags | how); };
    if (effort == FftEffort::once) {
      handle_ = plan(FFTW_ESTIMATE);
    } else if (handle_ = plan(FFTW_PATIENT | FFTW_WISDOM_ONLY); handle_ == nullptr) {
      ++plans_not_in_wisdom<Real>();
      handle_ = plan(FFTW_PATIENT);
    }
    Fftw<Real>::release(scratch);
    if (handle_ == nullptr)
      throw SystemError(ExitCode::internal, fmt::format("FFTW made no plan for transforms of {} points", points));
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

/// Measures transforms where their lane has a profile: rows and columns are a pass each, which reads and writes every
/// number.
template <class Real>
Profile::Launch measured(const Lane& lane, Index numbers) {
  if (lane.profile() == nullptr) return {};
  const double each = 2 * static_cast<double>(sizeof(Complex<Real>));
  return {*lane.profile(), lane.stream(), "FFT", static_cast<double>(numbers) * Moved{each, each}};
}

/// Calls execute(plans of a whole batch, data) once, or execute(plans of one wave, its data) for each wave.
template <class Plans, class Real, class Execute>
void in_batches(const Plans& plans, Complex<Real>* data, Index count, Index points, const Execute& execute) {
  if (count == plans.batch) return execute(plans.whole, data);
  for (Index i = 0; i < count; ++i) execute(plans.one, data + i * points);
}

}  // namespace

template <class Real>
struct FftPlan<Real>::Plans {
  struct Pair {
    Pair(Index ny, Index nx, Index count, FftEffort effort)
        : forward({axis(ny, nx), axis(nx, 1)}, {axis(count, ny * nx)}, count * ny * nx, FFTW_FORWARD, effort),
          inverse({axis(ny, nx), axis(nx, 1)}, {axis(count, ny * nx)}, count * ny * nx, FFTW_BACKWARD, effort) {}
    Plan<Real> forward, inverse;
  };
  Plans(Index ny, Index nx, Index n, FftEffort effort) : batch(n), one(ny, nx, 1, effort), whole(ny, nx, n, effort) {}
  Index batch;
  Pair one, whole;
};

template <class Real>
FftPlan<Real>::FftPlan(DeviceKind device, Index ny, Index nx, Index batch, FftEffort effort)
    : device_(device), points_(ny * nx) {
  if (device == DeviceKind::cuda)
    gpu_ = std::make_shared<const GpuFft<Real>>(ny, nx);
  else
    plans_ = std::make_shared<Plans>(ny, nx, batch, effort);
}

template <class Real>
void FftPlan<Real>::forward(const Lane& lane, Complex<Real>* data, Index count) const {
  const Profile::Launch measurement = measured<Real>(lane, count * points_);
  if (gpu_) return gpu_->run(lane, data, count, true);
  const DeviceAccess access(device_);
  in_batches(*plans_, data, count, points_, [](const auto& plans, Complex<Real>* at) { plans.forward.execute(at); });
}

template <class Real>
void FftPlan<Real>::inverse(const Lane& lane, Complex<Real>* data, Index count) const {
  const Profile::Launch measurement = measured<Real>(lane, count * points_);
  if (gpu_) return gpu_->run(lane, data, count, false);
  const DeviceAccess access(device_);
  in_batches(*plans_, data, count, points_, [](const auto& plans, Complex<Real>* at) { plans.inverse.execute(at); });
}

/// First all columns, then the rows of the band, which lie together in memory; and the other way round.
template <class Real>
struct BandFftPlan<Real>::Plans {
  struct Pair {
    Pair(const FrequencyBand& band, Index nx, Index count)
        : columns_forward({axis(band.ny, nx)}, columns_of(band, nx, count), count * band.ny * nx, FFTW_FORWARD),
          rows_forward({axis(nx, 1)}, rows_of(band, nx, count), count * band.ny * nx, FFTW_FORWARD),
          rows_inverse({axis(nx, 1)}, rows_of(band, nx, count), count * band.ny * nx, FFTW_BACKWARD),
          columns_inverse({axis(band.ny, nx)}, columns_of(band, nx, count), count * band.ny * nx, FFTW_BACKWARD) {}
    static Dims columns_of(const FrequencyBand& band, Index nx, Index count) {
      return {axis(count, band.ny * nx), axis(nx, 1)};
    }
    static Dims rows_of(const FrequencyBand& band, Index nx, Index count) {
      return {axis(count, band.ny * nx), axis(2, (band.ny - band.half) * nx), axis(band.half, nx)};
    }
    Plan<Real> columns_forward, rows_forward, rows_inverse, columns_inverse;
  };
  Plans(const FrequencyBand& band, Index nx, Index n) : batch(n), one(band, nx, 1), whole(band, nx, n) {}
  Index batch;
  Pair one, whole;
};

/// A GPU transforms all rows.
template <class Real>
BandFftPlan<Real>::BandFftPlan(const FftPlan<Real>& whole, Index nx, Index batch, const FrequencyBand& band)
    : whole_(whole), nx_(nx), band_(band) {
  if (!band.all() && whole.device() != DeviceKind::cuda) plans_ = std::make_shared<Plans>(band, nx, batch);
}

template <class Real>
void BandFftPlan<Real>::forward(const Lane& lane, Complex<Real>* data, Index count) const {
  if (!plans_) return whole_.forward(lane, data, count);
  const Profile::Launch measurement = measured<Real>(lane, count * (band_.ny + band_.rows()) * nx_ / 2);
  const DeviceAccess access(whole_.device());
  in_batches(*plans_, data, count, band_.ny * nx_, [](const auto& plans, Complex<Real>* at) {
    plans.columns_forward.execute(at);
    plans.rows_forward.execute(at);
  });
}

template <class Real>
void BandFftPlan<Real>::inverse(const Lane& lane, Complex<Real>* data, Index count) const {
  if (!band_.all()) clear_outside<Real>(lane, band_, {data, count, band_.ny, nx_});
  if (!plans_) return whole_.inverse(lane, data, count);
  const Profile::Launch measurement = measured<Real>(lane, count * (band_.ny + band_.rows()) * nx_ / 2);
  const DeviceAccess access(whole_.device());
  in_batches(*plans_, data, count, band_.ny * nx_, [](const auto& plans, Complex<Real>* at) {
    plans.rows_inverse.execute(at);
    plans.columns_inverse.execute(at);
  });
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

template <class Real>
Index fft_plans_not_in_wisdom() {
  return plans_not_in_wisdom<Real>();
}

template class FftPlan<float>;
template class FftPlan<double>;
template class BandFftPlan<float>;
template class BandFftPlan<double>;
template std::string fft_wisdom<float>();
template std::string fft_wisdom<double>();
template void use_fft_wisdom<float>(const std::string&);
template void use_fft_wisdom<double>(const std::string&);
template Index fft_plans_not_in_wisdom<float>();
template Index fft_plans_not_in_wisdom<double>();

}  // namespace tessera
