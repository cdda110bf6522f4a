// ranks: 1
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "io/dataset.hpp"
#include "src/base/constants.hpp"
#include "src/model/multislice.hpp"
#include "src/model/probe.hpp"
#include "tests/support/devices.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

const std::string file = TESSERA_TEST_DATA "/golden_exit_waves.h5";

double attribute(const std::string& group, const std::string& name) {
  return read_attribute(file, group, name).value().at(0);
}

/// T = exp(i sigma V) of each slice and an empty last one, as the golden waves were propagated beyond the last slice.
template <class Real>
std::vector<Complex<Real>> transmissions(const std::string& group, Index pixels) {
  const double sigma = interaction_rad_per_VA(attribute(group, "energy_eV"));
  std::vector<Complex<Real>> t;
  for (const double potential : read_real(file, group + "/potential_VA"))
    t.push_back({static_cast<Real>(std::cos(sigma * potential)), static_cast<Real>(std::sin(sigma * potential))});
  t.resize(t.size() + static_cast<std::size_t>(pixels), Complex<Real>{1, 0});
  return t;
}

/// Relative difference between our exit wave and abTEM's (1.0.11, see the README of the data).
template <class Real>
double exit_wave_error(const std::string& group, DeviceKind device) {
  const std::vector<Index> shape = dataset_info(file, group + "/incident").shape;
  const Grid window{.ny = shape[0],
                    .nx = shape[1],
                    .dy_A = attribute(group, "extent_y_A") / static_cast<double>(shape[0]),
                    .dx_A = attribute(group, "extent_x_A") / static_cast<double>(shape[1])};
  const std::vector<double> gaps_A = read_attribute(file, group, "slice_thickness_A").value();
  const Propagation propagation{.wavelength_A = electron_wavelength_A(attribute(group, "energy_eV")),
                                .kind = PropagatorKind::fresnel,
                                .band_limit = 2.0 / 3,
                                .taper = 0.02,
                                .transmission = TransmissionLimit::patch};
  const ModelShape model{.device = device, .window = window, .slices = static_cast<Index>(gaps_A.size()) + 1};
  const FftPlan<Real> whole(device, window.ny, window.nx, 1);
  const BandFftPlan<Real> fft(whole, window.nx, 1, band_of(window, propagation));
  Multislice<Real> multislice(model, fft, propagation, gaps_A, true);
  multislice.prepare({});
  auto space = multislice.make_space();
  BatchWaves<Real> exit(model);
  const Array<PixelYX> corner(device, 1);
  const Array<Complex<Real>> tile = make_array(device, transmissions<Real>(group, window.count()));
  const ComplexImage incident = read_complex(file, group + "/incident"), golden = read_complex(file, group + "/exit");
  std::vector<Complex<Real>> waves;
  for (const auto& value : incident)
    waves.push_back({static_cast<Real>(value.real()), static_cast<Real>(value.imag())});
  from_host(device, waves, space.psi[0].wave(0, 1));
  multislice.forward(
      device, space,
      {.tile = tile.view(model.slices, window.ny, window.nx), .in_tile = {corner.data()}, .first = 0, .n = 1}, exit);
  waves = to_host(device, exit.wave(0, 1));
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < golden.size(); ++i) {
    const Complex<Real> ours = waves[i];
    difference += std::norm(std::complex<double>(ours.re, ours.im) - golden[i]);
    norm += std::norm(golden[i]);
  }
  return std::sqrt(difference / norm);
}

}  // namespace

BOOST_DATA_TEST_CASE(exit_waves_are_those_of_abtem, data::make({"mos2", "si_110", "srtio3_001"}) * data::make(devices),
                     group, device) {
  const double in_double = exit_wave_error<double>(group, device), in_single = exit_wave_error<float>(group, device);
  BOOST_TEST_MESSAGE(group << ": " << in_double << " in double, " << in_single << " in single");
  BOOST_TEST(in_double <= 5e-6);
  BOOST_TEST(in_single <= 2e-5);
}

}  // namespace tessera::testing
