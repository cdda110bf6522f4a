#pragma once

#include <cufft.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels/wave_block_cuda.cuh"

namespace tessera {
namespace {

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  std::printf("%s: %s\n", what, cudaGetErrorString(error));
  std::exit(2);
}
void check(cufftResult error, const char* what) {
  if (error == CUFFT_SUCCESS) return;
  std::printf("%s: cuFFT error %d\n", what, static_cast<int>(error));
  std::exit(2);
}

template <class T>
class Device {
 public:
  explicit Device(std::size_t count) : count_(count) { check(cudaMalloc(&data_, count * sizeof(T)), "cudaMalloc"); }
  explicit Device(const std::vector<T>& from) : Device(from.size()) {
    check(cudaMemcpy(data_, from.data(), count_ * sizeof(T), cudaMemcpyHostToDevice), "cudaMemcpy");
  }
  ~Device() { cudaFree(data_); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  T* data() const { return data_; }
  std::size_t count() const { return count_; }

 private:
  std::size_t count_;
  T* data_ = nullptr;
};

template <class Body>
__global__ void run_points(Index count, Body body) {
  for (Index i = blockIdx.x * static_cast<Index>(blockDim.x) + threadIdx.x; i < count;
       i += gridDim.x * static_cast<Index>(blockDim.x))
    body(i);
}
template <class Body>
void for_points(Index count, const Body& body) {
  run_points<<<static_cast<unsigned>(std::min<Index>((count + 255) / 256, 132 * 64)), 256>>>(count, body);
  check(cudaGetLastError(), "kernel");
}

/// Noise between -1/2 and 1/2 that depends on the index alone.
__device__ float noise(Index i, Index seed) {
  auto h = static_cast<unsigned long long>(i * 2 + seed * 1000003) * 0x9E3779B97F4A7C15ULL;
  h = (h ^ (h >> 31)) * 0xBF58476D1CE4E5B9ULL;
  return static_cast<float>((h >> 40) & 0xFFFF) / 65536.0F - 0.5F;
}
__device__ Complex<float> unit_wave(float turn) {
  float sine = 0, cosine = 0;
  sincospif(2 * turn, &sine, &cosine);
  return {cosine, sine};
}

/// |a - b| / |b| of every 61st number: enough to find a wrong line, lane or position.
double relative_gap(const float* a, const float* b, std::size_t count) {
  constexpr Index workers = 1 << 16;
  const Device<double> sums(std::vector<double>{0, 0});
  double* const to = sums.data();
  for_points(workers, [=] __device__(Index worker) {
    double gap = 0, size = 0;
    for (Index i = worker * 61; i < static_cast<Index>(count); i += workers * 61) {
      gap += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
      size += static_cast<double>(b[i]) * b[i];
    }
    atomicAdd(to, gap);
    atomicAdd(to + 1, size);
  });
  std::array<double, 2> result{};
  check(cudaMemcpy(result.data(), sums.data(), sizeof result, cudaMemcpyDeviceToHost), "cudaMemcpy");
  return std::sqrt(result[0] / result[1]);
}

/// All inputs, and one set of results.
struct Problem {
  Problem(Index side, Index slices, Index modes, Index positions)
      : n(side),
        shape{side, modes, slices, positions, positions},
        ny(side + 61),
        nx(side + 83),
        planes(slices * ny * nx),
        propagators(2 * n * n),
        probe_hat(modes * n * n),
        ramp_y(positions * n),
        ramp_x(positions * n),
        intensity_bar(positions * n * n),
        gap_table(tables(slices)),
        corner(corners(positions)) {
    fill();
  }
  void fill() const {
    Complex<float>*const t = planes.data(), *const h = propagators.data(), *const probe = probe_hat.data();
    Complex<float>*const ry = ramp_y.data(), *const rx = ramp_x.data();
    float* const bar = intensity_bar.data();
    const auto points = static_cast<float>(n * n);
    for_points(planes.count(), [=] __device__(Index i) { t[i] = unit_wave(0.2F * noise(i, 1)); });
    for_points(propagators.count(), [=] __device__(Index i) { h[i] = (1 / points) * unit_wave(noise(i, 2)); });
    for_points(probe_hat.count(), [=] __device__(Index i) { probe[i] = {noise(i, 3) / points, noise(i, 4) / points}; });
    for_points(ramp_y.count(), [=] __device__(Index i) { ry[i] = unit_wave(noise(i, 5)); });
    for_points(ramp_x.count(), [=] __device__(Index i) { rx[i] = unit_wave(noise(i, 6)); });
    for_points(intensity_bar.count(), [=] __device__(Index i) { bar[i] = noise(i, 7); });
  }

  static std::vector<int> tables(Index slices) {
    std::vector<int> table;
    for (Index s = 0; s < slices; ++s) table.push_back(static_cast<int>(s % 2));
    return table;
  }
  static std::vector<PixelYX> corners(Index positions) {
    std::vector<PixelYX> corner;
    for (Index p = 0; p < positions; ++p) corner.push_back({p * 7 % 61, p * 11 % 83});
    return corner;
  }
  WaveBlockObject object() const {
    return {planes.data(), ny, nx, corner.data(), propagators.data(), gap_table.data()};
  }

  Index n;
  WaveBlockShape shape;
  Index ny, nx;
  Device<Complex<float>> planes, propagators, probe_hat, ramp_y, ramp_x;
  Device<float> intensity_bar;
  Device<int> gap_table;
  Device<PixelYX> corner;
};

struct Results {
  explicit Results(const WaveBlockShape& s)
      : psi(s.slices * s.modes * s.batch * s.n * s.n),
        exit(s.modes * s.batch * s.n * s.n),
        t_bar(s.slices * s.batch * s.n * s.n),
        intensity(s.batch * s.n * s.n) {}
  /// All NaN, so that what is not written is seen.
  void forget() const {
    for (const auto* array : {&psi, &exit, &t_bar})
      check(cudaMemset(array->data(), 0xFF, array->count() * sizeof(Complex<float>)), "cudaMemset");
    check(cudaMemset(intensity.data(), 0xFF, intensity.count() * sizeof(float)), "cudaMemset");
  }
  Device<Complex<float>> psi, exit, t_bar;
  Device<float> intensity;
};

WaveBlockForward forward_job(const Problem& problem, const Results& to) {
  return {problem.shape, problem.object(), problem.probe_hat.data(), problem.ramp_y.data(), problem.ramp_x.data(),
          0.7F,          to.psi.data(),    to.exit.data(),           to.intensity.data()};
}
WaveBlockAdjoint adjoint_job(const Problem& problem, const Results& to) {
  return {problem.shape,  problem.object(), problem.intensity_bar.data(), 0.7F, to.psi.data(),
          to.exit.data(), to.t_bar.data()};
}

/// The same formulas, each its own kernel, with cuFFT between them.
class Unfused {
 public:
  explicit Unfused(const Problem& problem) : problem_(problem), waves_(problem.shape.modes * problem.shape.batch) {
    int side[] = {static_cast<int>(problem.n), static_cast<int>(problem.n)};
    check(cufftPlanMany(&plan_, 2, side, nullptr, 1, 0, nullptr, 1, 0, CUFFT_C2C, static_cast<int>(waves_)), "plan");
  }
  ~Unfused() { cufftDestroy(plan_); }
  Unfused(const Unfused&) = delete;
  Unfused& operator=(const Unfused&) = delete;

  void forward(const WaveBlockForward& job) const {
    const Index n = problem_.n, points = n * n, batch = job.shape.batch;
    for_points(waves_ * points, [=] __device__(Index i) {
      const Index pixel = i % points, p = i / points % batch, mode = i / points / batch;
      job.psi[i] =
          job.probe_hat[mode * points + pixel] * (job.ramp_y[p * n + pixel / n] * job.ramp_x[p * n + pixel % n]);
    });
    transform(job.psi, CUFFT_INVERSE);
    for (Index s = 0; s < job.shape.slices; ++s) {
      const bool last = s + 1 == job.shape.slices;
      Complex<float>*const psi = job.psi + s * waves_ * points, *const phi = last ? job.exit : psi + waves_ * points;
      for_points(waves_ * points, [=] __device__(Index i) {
        const Index pixel = i % points, p = i / points % batch;
        phi[i] = window_of(job.object, s, p)[pixel / n * job.object.nx + pixel % n] * psi[i];
      });
      transform(phi, CUFFT_FORWARD);
      if (last) break;
      for_points(waves_ * points, [=] __device__(Index i) {
        const Index pixel = i % points;
        phi[i] = propagator_of(job.shape, job.object, s)[pixel % n * n + pixel / n] * phi[i];
      });
      transform(phi, CUFFT_INVERSE);
    }
    for_points(batch * points, [=] __device__(Index i) {
      float sum = 0;
      for (Index m = 0; m < job.shape.modes; ++m) sum += norm(job.exit[m * batch * points + i]);
      job.intensity[i] = job.scale * sum;
    });
  }

  void adjoint(const WaveBlockAdjoint& job) const {
    const Index n = problem_.n, points = n * n, batch = job.shape.batch, modes = job.shape.modes;
    for_points(waves_ * points, [=] __device__(Index i) {
      job.exit[i] = (2 * job.scale * job.intensity_bar[i % (batch * points)]) * job.exit[i];
    });
    transform(job.exit, CUFFT_INVERSE);
    for (Index s = job.shape.slices - 1; s >= 0; --s) {
      for_points(batch * points, [=] __device__(Index i) {
        const Index pixel = i % points;
        const Complex<float> t = window_of(job.object, s, i / points)[pixel / n * job.object.nx + pixel % n];
        Complex<float> sum;
        for (Index m = 0; m < modes; ++m) {
          Complex<float>& wave = job.exit[m * batch * points + i];
          sum = sum + wave * conj(job.psi[(s * modes + m) * batch * points + i]);
          wave = conj(t) * wave;
        }
        job.t_bar[s * batch * points + i] = sum;
      });
      transform(job.exit, CUFFT_FORWARD);
      if (s == 0) break;
      for_points(waves_ * points, [=] __device__(Index i) {
        const Index pixel = i % points;
        job.exit[i] = conj(propagator_of(job.shape, job.object, s - 1)[pixel % n * n + pixel / n]) * job.exit[i];
      });
      transform(job.exit, CUFFT_INVERSE);
    }
  }

 private:
  void transform(Complex<float>* waves, int direction) const {
    auto* const data = reinterpret_cast<cufftComplex*>(waves);
    check(cufftExecC2C(plan_, data, data, direction), "cufftExecC2C");
  }

  const Problem& problem_;
  Index waves_;
  cufftHandle plan_ = 0;
};

}  // namespace
}  // namespace tessera
