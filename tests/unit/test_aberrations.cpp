// ranks: 1
// Aberrations by name, and their phase chi = 2 pi/lambda alpha^(n+1)/(n+1) C cos(m (phi - phi_nm)).
#include <boost/test/unit_test.hpp>
#include <vector>

#include "src/base/constants.hpp"
#include "src/base/error.hpp"
#include "src/model/aberrations.hpp"

namespace tessera::testing {

namespace {

struct Known {
  Aberration term;
  double chi_rad;
};

}  // namespace

/// Python: 2*pi/0.025 * 0.02**(n+1)/(n+1) * C * cos(m*(0.9 - azimuth)).
BOOST_AUTO_TEST_CASE(the_phase_of_single_aberrations) {
  for (const Known& known : {Known{{1, 0, 150, 0.3}, 7.539822369}, Known{{1, 2, 150, 0.3}, 2.732113103},
                             Known{{2, 1, 2000, 1.1}, 1.31369385}, Known{{2, 3, -3000, 0.4}, -0.1422255828},
                             Known{{3, 0, 1e5, 0}, 1.005309649}, Known{{3, 4, 4e4, -0.2}, -0.1235858799}}) {
    const double chi = aberration_phase_rad({known.term}, 0.025, 0.02, 0.9);
    BOOST_TEST_CONTEXT("C" << known.term.n << known.term.m)
    BOOST_TEST(chi == known.chi_rad, boost::test_tools::tolerance(1e-9));
  }
}

/// Along its azimuth an aberration is largest; half a period further it has the other sign.
BOOST_AUTO_TEST_CASE(an_azimuth_points_along_the_crest) {
  const std::vector<Aberration> astigmatism{{.n = 1, .m = 2, .magnitude_A = 100, .azimuth_rad = pi / 6}};
  const double crest = 2 * pi / 0.02 * 0.01 * 0.01 / 2 * 100;
  BOOST_TEST(aberration_phase_rad(astigmatism, 0.02, 0.01, pi / 6) == crest, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(aberration_phase_rad(astigmatism, 0.02, 0.01, pi / 3) == crest / 2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(aberration_phase_rad(astigmatism, 0.02, 0.01, pi / 6 + pi / 2) == -crest,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(names_give_order_multiplicity_and_azimuth) {
  const auto terms = aberrations_from({{"C21_A", 2000}, {"C10_A", -50}, {"phi21_rad", 0.7}});
  BOOST_REQUIRE(terms.size() == 2u);
  BOOST_TEST(terms[0].n == 2);
  BOOST_TEST(terms[0].m == 1);
  BOOST_TEST(terms[0].magnitude_A == 2000);
  BOOST_TEST(terms[0].azimuth_rad == 0.7);
  BOOST_TEST(terms[1].n == 1);
  BOOST_TEST(terms[1].m == 0);
  BOOST_TEST(terms[1].magnitude_A == -50);
  BOOST_CHECK_THROW(aberrations_from({{"Cs_A", 1}}), InputError);
}

}  // namespace tessera::testing
