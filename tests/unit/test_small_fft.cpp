// ranks: 1
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <set>
#include <vector>

#include "kernels/line_places.hpp"
#include "kernels/small_fft.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace {

using Line = std::vector<Complex<double>>;

Complex<double> turn(double by) { return {std::cos(2 * std::numbers::pi * by), std::sin(2 * std::numbers::pi * by)}; }

Line naive_fft(const Line& x) {
  const auto n = static_cast<Index>(x.size());
  Line sums(x.size());
  for (Index k = 0; k < n; ++k)
    for (Index j = 0; j < n; ++j)
      sums[k] = sums[k] + x[j] * turn(-static_cast<double>(j * k % n) / static_cast<double>(n));
  return sums;
}

Line noise(Index count) {
  Line values;
  for (Index i = 0; i < count; ++i) values.push_back(complex_normal<double>(3, i));
  return values;
}

double gap(const Line& a, const Line& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::sqrt(norm(a[i] - b[i])));
  return largest;
}

template <int Size>
void check_small_fft() {
  const Line x = noise(Size);
  Complex<double> mine[Size];
  std::copy(x.begin(), x.end(), mine);
  small_fft(mine);
  BOOST_TEST(gap(Line(mine, mine + Size), naive_fft(x)) < 1e-12);
}

/// What all threads of a block hold: number e of thread (line, lane).
template <int N, int Lanes>
using Block = std::array<std::array<std::array<Complex<double>, N / Lanes>, Lanes>, N>;

template <int N, int Lanes, class Visit>
void each_number(const Visit& visit) {
  for (int e = 0; e < N / Lanes; ++e)
    for (int line = 0; line < N; ++line)
      for (int lane = 0; lane < Lanes; ++lane) visit(line, lane, e);
}

/// Half a warp after the other touches the places; no two of its threads may need the same pair of banks, and no two
/// numbers may share a place.
template <int N, int Lanes, class Place>
void check_places(const Place& place) {
  std::vector<int> places;
  each_number<N, Lanes>([&](int line, int lane, int e) { places.push_back(place(line, lane, e)); });
  BOOST_TEST(std::set<int>(places.begin(), places.end()).size() == N * N);
  for (std::size_t first = 0; first < places.size(); first += 16) {
    std::set<int> banks;
    for (std::size_t i = first; i < first + 16; ++i) banks.insert(places[i] % 16);
    BOOST_REQUIRE(banks.size() == 16);
  }
}

/// A transposition and the exchange within a line, thread by thread.
template <int N, int Lanes>
void check_lines() {
  using Places = LinePlaces<N, Lanes>;
  check_places<N, Lanes>(Places::sent);
  check_places<N, Lanes>([](int line, int lane, int e) { return Places::received(line, lane, e / Lanes, e % Lanes); });
  check_places<N, Lanes>(Places::written);
  check_places<N, Lanes>(Places::read);

  const Line x = noise(N * N);
  std::vector<Complex<double>> shared(N * N);
  Block<N, Lanes> block;
  each_number<N, Lanes>([&](int line, int lane, int e) { block[line][lane][e] = x[line * N + lane + Lanes * e]; });
  each_number<N, Lanes>(
      [&](int line, int lane, int e) { shared[Places::written(line, lane, e)] = block[line][lane][e]; });
  bool transposed = true;
  each_number<N, Lanes>([&](int line, int lane, int e) {
    const Complex<double> gone = shared[Places::read(line, lane, e)], wanted = x[(lane + Lanes * e) * N + line];
    transposed = transposed && gone.re == wanted.re && gone.im == wanted.im;
  });
  BOOST_TEST(transposed);

  each_number<N, Lanes>([&](int line, int lane, int q) { shared[Places::sent(line, lane, q)] = block[line][lane][q]; });
  bool exchanged = true;
  each_number<N, Lanes>([&](int line, int lane, int e) {
    const int j = e / Lanes, t = e % Lanes;
    const Complex<double> got = shared[Places::received(line, lane, j, t)], wanted = block[line][t][lane + Lanes * j];
    exchanged = exchanged && got.re == wanted.re && got.im == wanted.im;
  });
  BOOST_TEST(exchanged);
}

}  // namespace

BOOST_AUTO_TEST_CASE(small_ffts_are_sums) {
  check_small_fft<2>();
  check_small_fft<3>();
  check_small_fft<4>();
  check_small_fft<8>();
  check_small_fft<16>();
  check_small_fft<24>();
  check_small_fft<32>();
}

BOOST_AUTO_TEST_CASE(numbers_arrive_and_no_banks_collide) {
  check_lines<32, 4>();
  check_lines<64, 4>();
  check_lines<64, 8>();
  check_lines<96, 4>();
  check_lines<128, 4>();
  check_lines<128, 8>();
}

}  // namespace tessera::testing
