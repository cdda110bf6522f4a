// ranks: 1
// The steps that a GPU's block carries out on a wave, here with the host's FFT, against plain loops in double precision
// and against the slope of what they compute.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "kernels/fft.hpp"
#include "kernels/wave_block_steps.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

template <class Real>
using Waves = std::vector<Complex<Real>>;

/// One thread that holds whole waves.
template <int N>
class HostBlock {
 public:
  static constexpr int side = N;
  struct Wave {
    Waves<float> value = Waves<float>(N * N);
  };
  static Complex<float> load(const Complex<float>* array, int i) { return array[i]; }
  template <class T>
  static void store(T* array, int i, T value) {
    array[i] = value;
  }
  template <class T>
  static void add(T* array, int i, T value) {
    array[i] = array[i] + value;
  }
  template <class T>
  static T* fixed(T* array) {
    return array;
  }
  void to_space(Wave& wave) const { fft_.inverse(wave.value.data(), 1); }
  void to_spectrum(Wave& wave) const { fft_.forward(wave.value.data(), 1); }
  template <class Visit>
  void each_pixel(Wave& wave, const Visit& visit) const {
    for (int y = 0; y < N; ++y)
      for (int x = 0; x < N; ++x) visit(y, x, wave.value[y * N + x]);
  }
  template <class Fetch, class Visit>
  void each_pixel(Wave& wave, const Fetch& fetch, const Visit& visit) const {
    each_pixel(wave, [&](int y, int x, Complex<float>& value) { visit(y, x, value, fetch(y, x)); });
  }
  template <class Visit>
  void each_frequency(Wave& wave, const Visit& visit) const {
    each_pixel(wave, visit);
  }

 private:
  FftPlan<float> fft_{DeviceKind::host, N, N, 1, FftEffort::once};
};

Waves<double> noise(std::uint64_t seed, Index count, double scale) {
  Waves<double> values;
  for (Index i = 0; i < count; ++i) values.push_back(scale * complex_normal<double>(seed, i));
  return values;
}

Waves<float> rounded(const Waves<double>& values) {
  Waves<float> result;
  for (const auto& z : values) result.push_back({static_cast<float>(z.re), static_cast<float>(z.im)});
  return result;
}

/// What a change of the inputs, a direction, is added to.
struct Inputs {
  Waves<double> planes, probe_hat;
};

/// A problem whose windows overlap and whose gaps take turns with two propagators.
struct Problem {
  static constexpr Index positions = 2, batch = 3, ny_more = 5, nx_more = 9;
  Index n, modes, slices;
  Index gap = 0;  ///< between slices of psi and of t_bar
  Index ny = n + ny_more, nx = n + nx_more, points = n * n;
  std::vector<PixelYX> corner{{1, 7}, {4, 0}};
  std::vector<int> gap_table{1, 0, 1};
  double scale = 0.7;
  Inputs in{noise(1, slices* ny* nx, 1), noise(2, modes* points, 1.0 / static_cast<double>(n))};
  Waves<double> propagators = noise(3, 2 * points, 1.0 / static_cast<double>(points));
  Waves<double> ramp_y = noise(4, positions*n, 1), ramp_x = noise(5, positions*n, 1);
  std::vector<float> intensity_bar = weights(batch * points);
  FftPlan<double> fft{DeviceKind::host, n, n, 1, FftEffort::once};

  static std::vector<float> weights(Index count) {
    std::vector<float> values;
    for (Index i = 0; i < count; ++i) values.push_back(static_cast<float>(normal(6, i)));
    return values;
  }
  WaveBlockShape shape() const {
    if (gap == 0) return {n, modes, slices, batch, positions};
    return {n, modes, slices, batch, positions, modes * batch * points + gap, batch * points + gap};
  }
};

/// psi of every slice, then the exit wave's spectrum, of one wave.
std::vector<Waves<double>> naive_waves(const Problem& problem, const Inputs& in, Index mode, Index p) {
  const Index n = problem.n;
  std::vector<Waves<double>> waves;
  Waves<double> wave(problem.points);
  for (Index i = 0; i < problem.points; ++i)
    wave[i] = in.probe_hat[mode * problem.points + i] * problem.ramp_y[p * n + i / n] * problem.ramp_x[p * n + i % n];
  for (Index s = 0; s < problem.slices; ++s) {
    problem.fft.inverse(wave.data(), 1);
    waves.push_back(wave);
    for (Index i = 0; i < problem.points; ++i) {
      const Index y = problem.corner[p].y + i / n, x = problem.corner[p].x + i % n;
      wave[i] = wave[i] * in.planes[(s * problem.ny + y) * problem.nx + x];
    }
    problem.fft.forward(wave.data(), 1);
    if (s + 1 == problem.slices) break;
    for (Index i = 0; i < problem.points; ++i)
      wave[i] = wave[i] * problem.propagators[problem.gap_table[s] * problem.points + i % n * n + i / n];
  }
  waves.push_back(wave);
  return waves;
}

std::vector<double> naive_intensity(const Problem& problem, const Inputs& in, Index p) {
  std::vector<double> intensity(problem.points);
  for (Index m = 0; m < problem.modes; ++m) {
    const Waves<double> exit = naive_waves(problem, in, m, p).back();
    for (Index i = 0; i < problem.points; ++i) intensity[i] += problem.scale * norm(exit[i]);
  }
  return intensity;
}

/// sum over positions and pixels of intensity_bar intensity: what the adjoint is the gradient of.
double naive_sum(const Problem& problem, const Inputs& in) {
  double sum = 0;
  for (Index p = 0; p < Problem::positions; ++p) {
    const auto intensity = naive_intensity(problem, in, p);
    for (Index i = 0; i < problem.points; ++i) sum += problem.intensity_bar[p * problem.points + i] * intensity[i];
  }
  return sum;
}

/// All that the steps read and write, in single precision.
template <int N>
class Single {
 public:
  explicit Single(const Problem& problem)
      : problem_(problem),
        psi(problem.slices * (problem.modes * Problem::batch * problem.points + problem.gap)),
        exit(problem.modes * Problem::batch * problem.points),
        t_bar(problem.slices * (Problem::batch * problem.points + problem.gap), {NAN, NAN}),
        intensity(Problem::batch * problem.points, NAN) {}

  void forward() {
    const WaveBlockForward job{problem_.shape(), object(),       probe_hat_.data(),
                               ramp_y_.data(),   ramp_x_.data(), static_cast<float>(problem_.scale),
                               psi.data(),       exit.data(),    intensity.data()};
    for (Index p = 0; p < Problem::positions; ++p) forward_position(block_, job, p);
  }
  void adjoint() {
    const WaveBlockAdjoint job{
        problem_.shape(), object(),    problem_.intensity_bar.data(), static_cast<float>(problem_.scale), psi.data(),
        exit.data(),      t_bar.data()};
    for (Index p = 0; p < Problem::positions; ++p) adjoint_position(block_, job, p);
  }
  Index wave(Index slice, Index mode, Index p) const {
    return ((slice * problem_.modes + mode) * Problem::batch + p) * problem_.points + slice * problem_.gap;
  }

 private:
  WaveBlockObject object() const {
    return {planes_.data(),         problem_.ny,         problem_.nx,
            problem_.corner.data(), propagators_.data(), problem_.gap_table.data()};
  }

  const Problem& problem_;
  HostBlock<N> block_;
  Waves<float> planes_ = rounded(problem_.in.planes), probe_hat_ = rounded(problem_.in.probe_hat);
  Waves<float> propagators_ = rounded(problem_.propagators);
  Waves<float> ramp_y_ = rounded(problem_.ramp_y), ramp_x_ = rounded(problem_.ramp_x);

 public:
  Waves<float> psi, exit, t_bar;
  std::vector<float> intensity;
};

/// |a - b| / |b| of one wave
double gap(const Complex<float>* a, const Waves<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += norm(Complex<double>{a[i].re, a[i].im} - b[i]);
    size += norm(b[i]);
  }
  return std::sqrt(difference / size);
}

double product(Complex<float> a, Complex<double> b) { return a.re * b.re + a.im * b.im; }

template <int N>
void check_forward(const Problem& problem, const Single<N>& single) {
  for (Index p = 0; p < Problem::positions; ++p) {
    for (Index m = 0; m < problem.modes; ++m) {
      const auto waves = naive_waves(problem, problem.in, m, p);
      for (Index s = 0; s < problem.slices; ++s) BOOST_TEST(gap(&single.psi[single.wave(s, m, p)], waves[s]) < 2e-6);
      BOOST_TEST(gap(&single.exit[single.wave(0, m, p)], waves.back()) < 2e-6);
    }
    const auto intensity = naive_intensity(problem, problem.in, p);
    double difference = 0, size = 0;
    for (Index i = 0; i < problem.points; ++i) {
      difference += std::pow(single.intensity[p * problem.points + i] - intensity[i], 2);
      size += intensity[i] * intensity[i];
    }
    BOOST_TEST(std::sqrt(difference / size) < 2e-6);
  }
}

/// The change of the sum along a direction, by the gradients and by differences of the plain loops. A gradient by the
/// spectrum of psi_0 is one by the probe with the ramps' conjugates.
template <int N>
void check_adjoint(const Problem& problem, const Single<N>& single) {
  const Inputs direction{noise(7, problem.slices * problem.ny * problem.nx, 1),
                         noise(8, problem.modes * problem.points, 1.0 / static_cast<double>(N))};
  double slope = 0;
  for (Index p = 0; p < Problem::positions; ++p) {
    for (Index i = 0; i < problem.points; ++i) {
      const Index y = problem.corner[p].y + i / N, x = problem.corner[p].x + i % N;
      for (Index s = 0; s < problem.slices; ++s)
        slope += product(single.t_bar[(s * Problem::batch + p) * problem.points + s * problem.gap + i],
                         direction.planes[(s * problem.ny + y) * problem.nx + x]);
      const Complex<double> ramp = problem.ramp_y[p * N + i / N] * problem.ramp_x[p * N + i % N];
      for (Index m = 0; m < problem.modes; ++m)
        slope += product(single.exit[single.wave(0, m, p) + i], direction.probe_hat[m * problem.points + i] * ramp);
    }
  }
  const double step = 1e-4;
  const auto moved = [&](double by) {
    Inputs in = problem.in;
    for (std::size_t i = 0; i < in.planes.size(); ++i) in.planes[i] = in.planes[i] + by * direction.planes[i];
    for (std::size_t i = 0; i < in.probe_hat.size(); ++i)
      in.probe_hat[i] = in.probe_hat[i] + by * direction.probe_hat[i];
    return naive_sum(problem, in);
  };
  const double expected = (moved(step) - moved(-step)) / (2 * step);
  BOOST_TEST(std::abs(slope - expected) < 1e-4 * std::abs(expected));
}

template <int N>
void check(Index modes, Index slices, Index gap = 0) {
  const Problem problem{.n = N, .modes = modes, .slices = slices, .gap = gap};
  Single<N> single(problem);
  single.forward();
  check_forward(problem, single);
  single.adjoint();
  check_adjoint(problem, single);
}

const Index counts_of_modes[] = {1, 2, 3};
const Index counts_of_slices[] = {1, 2, 4};

}  // namespace

BOOST_DATA_TEST_CASE(steps_of_a_block_are_the_model, data::make(counts_of_modes) * data::make(counts_of_slices), modes,
                     slices) {
  check<32>(modes, slices);
  check<64>(modes, slices);
  check<96>(modes, slices);
  check<128>(modes, slices);
}

BOOST_AUTO_TEST_CASE(slices_may_lie_apart) { check<32>(2, 3, 18); }

}  // namespace tessera::testing
