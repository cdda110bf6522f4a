#define BOOST_TEST_MODULE cuFFT with FFTW behind it
#include <cufft.h>
#include <fftw3.h>

#include <complex>
#include <random>

#include "test_support.hpp"

using namespace tessera::fake;
using namespace tessera::fake::testing;

namespace {

using Complex = std::complex<double>;
constexpr int ny = 6, nx = 10, batch = 3;
constexpr int points = ny * nx;

template <class T>
std::vector<T> noise(std::size_t count) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  std::vector<T> values(count);
  for (T& value : values) value = T(normal(random), normal(random));
  return values;
}

/// FFTW's own transforms of a batch.
std::vector<Complex> expected(std::vector<Complex> values, int sign) {
  auto* const data = reinterpret_cast<fftw_complex*>(values.data());
  const int n[] = {ny, nx};
  const fftw_plan plan =
      fftw_plan_many_dft(2, n, batch, data, nullptr, 1, points, data, nullptr, 1, points, sign, FFTW_ESTIMATE);
  fftw_execute(plan);
  fftw_destroy_plan(plan);
  return values;
}

template <class T>
double difference(const std::vector<T>& a, const std::vector<Complex>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(Complex(a[i]) - b[i]));
  return most;
}

class FftPlan {
 public:
  FftPlan() { BOOST_REQUIRE_EQUAL(cufftCreate(&handle_), CUFFT_SUCCESS); }
  ~FftPlan() { cufftDestroy(handle_); }
  FftPlan(const FftPlan&) = delete;
  FftPlan& operator=(const FftPlan&) = delete;
  cufftResult make(cufftType type) {
    int n[] = {ny, nx};
    return cufftMakePlanMany(handle_, 2, n, nullptr, 1, points, nullptr, 1, points, type, batch, &work_bytes_);
  }
  operator cufftHandle() const { return handle_; }
  std::size_t work_bytes() const { return work_bytes_; }

 private:
  cufftHandle handle_ = 0;
  std::size_t work_bytes_ = 0;
};

template <class T>
struct OnDevice : Numbers<T> {
  explicit OnDevice(const std::vector<T>& values) : Numbers<T>(values.size()), count(values.size()) {
    cudaMemcpy(this->data(), values.data(), this->bytes(), cudaMemcpyHostToDevice);
    cudaDeviceSynchronize();
  }
  std::vector<T> values() const {
    std::vector<T> all(count);
    cudaMemcpy(all.data(), this->data(), this->bytes(), cudaMemcpyDeviceToHost);
    return all;
  }
  std::size_t count;
};

cufftDoubleComplex* as_cufft(Complex* data) { return reinterpret_cast<cufftDoubleComplex*>(data); }
cufftComplex* as_cufft(std::complex<float>* data) { return reinterpret_cast<cufftComplex*>(data); }

}  // namespace

BOOST_FIXTURE_TEST_CASE(batches_agree_with_fftw, Fresh) {
  const auto values = noise<Complex>(points * batch);
  const auto singles = std::vector<std::complex<float>>(values.begin(), values.end());
  for (const int direction : {CUFFT_FORWARD, CUFFT_INVERSE}) {
    const Stream stream;
    FftPlan plan, single;
    BOOST_TEST(plan.make(CUFFT_Z2Z) == CUFFT_SUCCESS);
    BOOST_TEST(single.make(CUFFT_C2C) == CUFFT_SUCCESS);
    cufftSetStream(plan, stream);
    cufftSetStream(single, stream);
    const OnDevice<Complex> data(values), other(std::vector<Complex>(values.size()));
    const OnDevice<std::complex<float>> floats(singles);
    BOOST_TEST(cufftExecZ2Z(plan, as_cufft(data.data()), as_cufft(other.data()), direction) == CUFFT_SUCCESS);
    BOOST_TEST(cufftExecZ2Z(plan, as_cufft(data.data()), as_cufft(data.data()), direction) == CUFFT_SUCCESS);
    BOOST_TEST(cufftExecC2C(single, as_cufft(floats.data()), as_cufft(floats.data()), direction) == CUFFT_SUCCESS);
    cudaStreamSynchronize(stream);
    const std::vector<Complex> truth = expected(values, direction);
    BOOST_TEST(difference(data.values(), truth) < 1e-12);
    BOOST_TEST(difference(other.values(), truth) < 1e-12);
    BOOST_TEST(difference(floats.values(), truth) < 1e-4);
    BOOST_TEST(counters().transforms % 3 == 0U);
  }
}

// Columns of an array: the elements of a transform lie nx apart, the transforms one apart.
BOOST_FIXTURE_TEST_CASE(strides_agree_with_fftw, Fresh) {
  const auto values = noise<Complex>(points);
  const Stream stream;
  cufftHandle plan = 0;
  int n[] = {ny}, embed[] = {ny};
  BOOST_TEST(cufftPlanMany(&plan, 1, n, embed, nx, 1, embed, nx, 1, CUFFT_Z2Z, nx) == CUFFT_SUCCESS);
  cufftSetStream(plan, stream);
  const OnDevice<Complex> data(values);
  BOOST_TEST(cufftExecZ2Z(plan, as_cufft(data.data()), as_cufft(data.data()), CUFFT_FORWARD) == CUFFT_SUCCESS);
  cudaStreamSynchronize(stream);
  std::vector<Complex> truth = values;
  auto* const at = reinterpret_cast<fftw_complex*>(truth.data());
  const fftw_plan fftw =
      fftw_plan_many_dft(1, n, nx, at, nullptr, nx, 1, at, nullptr, nx, 1, FFTW_FORWARD, FFTW_ESTIMATE);
  fftw_execute(fftw);
  fftw_destroy_plan(fftw);
  BOOST_TEST(difference(data.values(), truth) < 1e-12);
  cufftDestroy(plan);
}

BOOST_FIXTURE_TEST_CASE(a_plan_on_two_streams_is_found_and_spoils_results, Fresh) {
  const auto values = noise<Complex>(points * batch);
  auto others = values;
  for (Complex& value : others) value *= 2;
  const std::vector<Complex> truth = expected(values, CUFFT_FORWARD);
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed)
    for (const bool ordered : {true, false}) {
      start({.seed = seed});
      const Stream one, two;
      const Event event;
      FftPlan plan;
      plan.make(CUFFT_Z2Z);
      const OnDevice<Complex> data(values), other(others);
      cufftSetStream(plan, one);
      cufftExecZ2Z(plan, as_cufft(data.data()), as_cufft(data.data()), CUFFT_FORWARD);
      cudaEventRecord(event, one);
      if (ordered) cudaStreamWaitEvent(two, event);
      cufftSetStream(plan, two);
      cufftExecZ2Z(plan, as_cufft(other.data()), as_cufft(other.data()), CUFFT_FORWARD);
      cudaDeviceSynchronize();
      const bool right = difference(data.values(), truth) < 1e-12;
      if (ordered) BOOST_TEST(right);
      if (!ordered) BOOST_TEST(found("nothing orders FFT plan"));
      wrong += right ? 0 : 1;
      cudaGetLastError();
    }
  BOOST_TEST_MESSAGE("wrong for " << wrong << " of 1000 seeds");
  BOOST_TEST(wrong > 20);
}

BOOST_FIXTURE_TEST_CASE(a_work_area_of_two_plans_is_shared_in_order_alone, Fresh) {
  const Stream one, two;
  FftPlan first, second;
  for (FftPlan* const plan : {&first, &second}) {
    cufftSetAutoAllocation(*plan, 0);
    BOOST_TEST(plan->make(CUFFT_Z2Z) == CUFFT_SUCCESS);
  }
  const OnDevice<Complex> data(noise<Complex>(points * batch)), other(noise<Complex>(points * batch));
  BOOST_TEST(cufftExecZ2Z(first, as_cufft(data.data()), as_cufft(data.data()), CUFFT_FORWARD) == CUFFT_EXEC_FAILED);
  BOOST_TEST(found("has no work area"));
  const Numbers<char> area(first.work_bytes());
  for (FftPlan* const plan : {&first, &second}) cufftSetWorkArea(*plan, area.data());
  cufftSetStream(first, one);
  cufftSetStream(second, one);
  cufftExecZ2Z(first, as_cufft(data.data()), as_cufft(data.data()), CUFFT_FORWARD);
  BOOST_TEST(cufftExecZ2Z(second, as_cufft(other.data()), as_cufft(other.data()), CUFFT_FORWARD) == CUFFT_SUCCESS);
  cufftSetStream(second, two);
  BOOST_TEST(faults().empty());
  cufftExecZ2Z(second, as_cufft(other.data()), as_cufft(other.data()), CUFFT_FORWARD);
  cudaDeviceSynchronize();
  BOOST_TEST(found("nothing orders FFT plan"));
  cudaGetLastError();
}

BOOST_FIXTURE_TEST_CASE(wrong_uses_of_plans_are_errors, Fresh) {
  FftPlan plan;
  BOOST_TEST(cufftExecZ2Z(plan, nullptr, nullptr, CUFFT_FORWARD) != CUFFT_SUCCESS);  // not made yet
  memory_bytes(256);
  BOOST_TEST(plan.make(CUFFT_Z2Z) == CUFFT_ALLOC_FAILED);
  memory_bytes(std::size_t{1} << 20);
  BOOST_TEST(plan.make(CUFFT_Z2Z) == CUFFT_SUCCESS);
  const Numbers<Complex> small(points * batch - 1);
  BOOST_TEST(cufftExecC2C(plan, nullptr, nullptr, CUFFT_FORWARD) == CUFFT_INVALID_TYPE);
  BOOST_TEST(cufftExecZ2Z(plan, as_cufft(small.data()), as_cufft(small.data()), CUFFT_FORWARD) == CUFFT_EXEC_FAILED);
  BOOST_TEST(found("beyond the end of device memory"));
  std::vector<Complex> here(points * batch);
  BOOST_TEST(cufftExecZ2Z(plan, as_cufft(here.data()), as_cufft(here.data()), CUFFT_FORWARD) == CUFFT_EXEC_FAILED);
  BOOST_TEST(found("memory that is not the device's"));
  BOOST_TEST(cufftDestroy(12345678) == CUFFT_INVALID_PLAN);
  BOOST_TEST(found("FFT plan that does not exist"));
  cudaGetLastError();
}
