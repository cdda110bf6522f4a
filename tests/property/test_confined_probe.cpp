// ranks: 1
// A probe that stays within its aperture: the projection.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/base/random.hpp"
#include "src/geometry/grid.hpp"
#include "src/model/unknowns/rows.hpp"
#include "tests/support/small_problem.hpp"

using namespace tessera;
using namespace tessera::testing;

namespace {

/// Power of waves [mode, y, x] (re, im) outside a radius in Fourier space, over all of it; by a plain sum.
double share_outside(const std::vector<double>& values, const Grid& window, double radius_invA) {
  double outside = 0, total = 0;
  const Index pixels = window.count();
  for (std::size_t first = 0; first < values.size(); first += static_cast<std::size_t>(2 * pixels))
    for (Index ky = 0; ky < window.ny; ++ky)
      for (Index kx = 0; kx < window.nx; ++kx) {
        std::complex<double> sum = 0;
        for (Index y = 0; y < window.ny; ++y)
          for (Index x = 0; x < window.nx; ++x) {
            const double turn = -2 * pi *
                                (static_cast<double>(ky * y) / static_cast<double>(window.ny) +
                                 static_cast<double>(kx * x) / static_cast<double>(window.nx));
            const double* const value = values.data() + first + 2 * (y * window.nx + x);
            sum += std::complex<double>(value[0], value[1]) * std::polar(1.0, turn);
          }
        total += std::norm(sum);
        if (std::hypot(window.ky_invA(ky), window.kx_invA(kx)) > radius_invA) outside += std::norm(sum);
      }
  return outside / total;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_projection_is_orthogonal_and_leaves_nothing_outside) {
  const Grid window{.ny = 12, .nx = 10, .dy_A = 0.3, .dx_A = 0.25};
  UnknownContext context;
  context.shape.window = window;
  context.shape.modes = 2;
  context.probe.assign(static_cast<std::size_t>(4 * window.count()), 0.0);
  context.aperture_invA = 0.7;
  context.settings.numbers["aperture"] = 1.2;
  const auto probe = unknown_row("probe").make(context);
  std::vector<double> values, other;
  for (Index i = 0; i < 4 * window.count(); ++i) {
    values.push_back(random_normal(1, i));
    other.push_back(random_normal(2, i));
  }
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  std::vector<double> kept = values, kept_other = other;
  probe->confine(kept);
  probe->confine(kept_other);
  BOOST_TEST(share_outside(values, window, 0.84) > 0.3);
  BOOST_TEST(share_outside(kept, window, 0.84) < 1e-25);
  BOOST_TEST(dot(kept, kept) < 0.9 * dot(values, values));
  BOOST_TEST(dot(kept, other) == dot(values, kept_other), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(dot(kept, kept) == dot(values, kept), boost::test_tools::tolerance(1e-12));

  context.settings.numbers.clear();
  std::vector<double> free = values;
  unknown_row("probe").make(context)->confine(free);
  BOOST_TEST(free == values);
  context.settings.numbers["aperture"] = 1.2;
  context.aperture_invA = 0;
  BOOST_CHECK_THROW(unknown_row("probe").make(context), InputError);
}

BOOST_AUTO_TEST_CASE(a_probe_stays_within_a_disc_but_not_within_both) {
  UnknownContext context;
  context.shape.window = {.ny = 6, .nx = 8, .dy_A = 0.5, .dx_A = 0.25};
  context.shape.modes = 1;
  context.probe.assign(static_cast<std::size_t>(2 * context.shape.window.count()), 0.0);
  context.aperture_invA = 0.7;
  context.settings.numbers["radius_A"] = 0.6;
  std::vector<double> values(context.probe.size(), 1.0);
  const auto probe = unknown_row("probe").make(context);
  probe->confine(values);
  // 0.6 A reach one pixel of 0.5 A along y and two of 0.25 A along x, and one of each.
  std::string lit;
  for (std::size_t i = 0; i < values.size(); i += 2) {
    BOOST_TEST(values[i] == values[i + 1]);
    lit += values[i] == 0 ? '.' : '#';
    if (i % 16 == 14) lit += '\n';
  }
  BOOST_TEST(lit == "........\n........\n...###..\n..#####.\n...###..\n........\n");

  context.settings.numbers["aperture"] = 1.2;
  BOOST_CHECK_THROW(unknown_row("probe").make(context), InputError);
}
