// ranks: 1
// Atoms against the published table, SI constants and the Fourier series of a row of atoms.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "src/base/constants.hpp"
#include "src/base/elements.hpp"
#include "src/geometry/atoms.hpp"
#include "src/model/potential.hpp"
#include "src/model/scattering.hpp"

namespace tessera::testing {

/// f(k) = sum a_i (2 + b_i k^2)/(1 + b_i k^2)^2 with the coefficients of tests/data, for every element.
BOOST_AUTO_TEST_CASE(scattering_factors_are_those_of_the_published_table) {
  std::ifstream table(TESSERA_TEST_DATA "/lobato_van_dyck_2014.csv");
  std::string line;
  BOOST_REQUIRE(std::getline(table, line));
  int elements = 0;
  for (; std::getline(table, line); ++elements) {
    std::istringstream fields(line);
    std::vector<double> row;
    for (std::string field; std::getline(fields, field, ',');) row.push_back(std::stod(field));
    BOOST_REQUIRE(row.size() == 11u);
    for (const double k2 : {0.0, 0.3, 2.0, 50.0, 2e4}) {
      double expected_A = 0;
      for (int i = 1; i <= 5; ++i) expected_A += row[i] * (2 + row[i + 5] * k2) / std::pow(1 + row[i + 5] * k2, 2);
      BOOST_TEST(scattering_factor_A(static_cast<int>(row[0]), k2) == expected_A, boost::test_tools::tolerance(1e-9));
    }
  }
  BOOST_TEST(elements == 103);
}

/// The last of each period, and neighbours that are easily swapped.
BOOST_AUTO_TEST_CASE(symbols_have_the_numbers_of_the_periodic_table) {
  const std::vector<std::pair<const char*, int>> known{
      {"He", 2},  {"Ne", 10}, {"Si", 14}, {"Ar", 18}, {"K", 19},  {"Ti", 22}, {"Fe", 26}, {"Co", 27}, {"Ni", 28},
      {"Se", 34}, {"Kr", 36}, {"Sr", 38}, {"Tc", 43}, {"Ru", 44}, {"Te", 52}, {"I", 53},  {"Xe", 54}, {"Pr", 59},
      {"Sc", 21}, {"Lu", 71}, {"Hf", 72}, {"W", 74},  {"Au", 79}, {"Pb", 82}, {"Rn", 86}, {"Pa", 91}, {"U", 92}};
  for (const auto& [symbol, Z] : known) {
    BOOST_TEST(atomic_number(symbol) == Z, symbol);
    BOOST_TEST(element_symbol(Z) == symbol);
  }
}

/// CODATA 2018: h = 6.62607015e-34 J s, m_e = 9.1093837015e-31 kg, e = 1.602176634e-19 C: 47.877647 V A^2.
BOOST_AUTO_TEST_CASE(scattering_becomes_potential_by_h2_over_2_pi_m_e) {
  BOOST_TEST(constants::scattering_to_potential_VA2 == 47.877647306, boost::test_tools::tolerance(1e-9));
}

/// The projected potential of one atom in a periodic patch is its Fourier series: at the atom's place, the sum of f(k)
/// over the frequencies of the patch times h^2/(2 pi m e)/area. Sulphur on pixels of 0.25 A in a patch of 12 A, numpy:
/// k2 from fftfreq(48, 0.25); v = 47.877647306/12**2 * ifft2(f(k2)).real * 48**2; v[0, 0] and v[0, 2].
BOOST_AUTO_TEST_CASE(the_potential_at_an_atom_is_the_sum_of_its_fourier_series) {
  const ObjectFrame frame{{0, 0}, 80, 80, 0.25, 0.25};
  PotentialProjector projector(frame, 6.0);
  std::vector<double> slice_VA(80 * 80);
  projector.add({16, 10.0, 12.0, 0}, frame.box(), slice_VA);
  BOOST_TEST(slice_VA[40 * 80 + 48] == 533.591020355, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(slice_VA[40 * 80 + 50] == 72.810342700, boost::test_tools::tolerance(1e-6));
}

}  // namespace tessera::testing
