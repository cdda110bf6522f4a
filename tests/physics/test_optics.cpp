// ranks: 1
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "src/base/constants.hpp"
#include "src/model/forward_model.hpp"
#include "src/model/probe.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace {

constexpr Grid window{.ny = 48, .nx = 64, .dy_A = 0.25, .dx_A = 0.2};
const double wavelength_A = electron_wavelength_A(80e3);

ComplexImage probe_with(double C10_A) {
  return make_probe(window, wavelength_A, 0.02, {{.n = 1, .m = 0, .magnitude_A = C10_A, .azimuth_rad = 0}});
}

/// Exit intensities of one position behind `gaps_A.size() + 1` slices of the given transmission.
std::vector<double> pattern(const ComplexImage& probe, const std::vector<double>& gaps_A,
                            const std::vector<Complex<double>>& t, const Propagation& propagation) {
  const ModelShape shape{.window = window, .slices = static_cast<Index>(gaps_A.size()) + 1};
  const std::vector<Placement> placements{{.corner = {0, 0}, .fy = 0, .fx = 0}};
  ForwardModel<double> model({.shape = shape, .propagation = propagation, .gaps_A = gaps_A, .detector = {}}, placements,
                             {0, 0, window.ny, window.nx});
  Instrument instrument = model.neutral();
  instrument.probe = as_reals(probe);
  model.prepare(instrument);
  auto space = model.make_space();
  std::copy(t.begin(), t.end(), model.transmission().data);
  const View3<double> intensity = model.expected(space, 0, 1);
  return {intensity.data, intensity.data + intensity.count()};
}

std::vector<Complex<double>> vacuum(Index slices) {
  return {static_cast<std::size_t>(slices * window.count()), {1, 0}};
}

std::vector<Complex<double>> phase_noise() {
  std::vector<Complex<double>> t;
  for (Index i = 0; i < window.count(); ++i) t.push_back({std::cos(normal(1, i)), std::sin(normal(1, i))});
  return t;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest / *std::max_element(b.begin(), b.end());
}

}  // namespace

struct Beam {
  double energy_eV, wavelength_A, interaction;
};

/// physics of CODATA 2018: lambda = h c / sqrt(E (2 m c^2 + E)), sigma = 2 pi m e gamma lambda / h^2.
BOOST_AUTO_TEST_CASE(wavelength_and_interaction_constant) {
  for (const Beam& beam : {Beam{30e3, 0.06979082, 1.54326991e-3}, Beam{60e3, 0.04866061, 1.13569053e-3},
                           Beam{80e3, 0.04175716, 1.00870660e-3}, Beam{100e3, 0.03701437, 9.24395817e-4},
                           Beam{120e3, 0.03349215, 8.63811319e-4}, Beam{200e3, 0.02507934, 7.28840104e-4},
                           Beam{300e3, 0.01968749, 6.52616142e-4}}) {
    BOOST_TEST(std::abs(electron_wavelength_A(beam.energy_eV) - beam.wavelength_A) < 6e-9);
    BOOST_TEST(std::abs(interaction_rad_per_VA(beam.energy_eV) / beam.interaction - 1) < 6e-9);
  }
}

BOOST_AUTO_TEST_CASE(energy_is_kept_by_a_phase_object) {
  const std::vector<double> intensity = pattern(probe_with(80), {}, phase_noise(), {.wavelength_A = wavelength_A});
  BOOST_TEST(std::abs(std::accumulate(intensity.begin(), intensity.end(), 0.0) - 1) < 1e-12);
}

BOOST_AUTO_TEST_CASE(vacuum_slices_equal_none) {
  const Propagation propagation{.wavelength_A = wavelength_A};
  const std::vector<double> none = pattern(probe_with(80), {}, vacuum(1), propagation);
  BOOST_TEST(largest_difference(pattern(probe_with(80), {7, 12, 3}, vacuum(4), propagation), none) < 1e-12);
}

/// C10 = c is the focused probe propagated by +c: the pattern behind an object tells the two apart from -c.
BOOST_AUTO_TEST_CASE(C10_is_propagation_and_its_sign_is_overfocus) {
  const Propagation fresnel{.wavelength_A = wavelength_A, .kind = PropagatorKind::fresnel};
  std::vector<Complex<double>> two_slices = vacuum(1);
  const std::vector<Complex<double>> object = phase_noise();
  two_slices.insert(two_slices.end(), object.begin(), object.end());
  const std::vector<double> propagated = pattern(probe_with(0), {60}, two_slices, fresnel);
  BOOST_TEST(largest_difference(pattern(probe_with(60), {}, object, fresnel), propagated) < 1e-12);
  BOOST_TEST(largest_difference(pattern(probe_with(-60), {}, object, fresnel), propagated) > 1e-2);
}

}  // namespace tessera::testing
