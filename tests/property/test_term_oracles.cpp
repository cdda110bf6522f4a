// ranks: 1
// R factor, expected loss, counts per electron and regularisers against plain loops.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <numeric>

#include "tests/support/dot_test.hpp"
#include "tests/support/naive_multislice.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

ComplexImage as_image(const std::vector<Complex<double>>& values) {
  ComplexImage image;
  for (const Complex<double>& value : values) image.emplace_back(value.re, value.im);
  return image;
}

/// [position, y, x] by plain loops at the problem's values.
std::vector<double> naive_intensities(const SmallProblem& small, Problem<double>& problem) {
  const ProblemSetup& setup = problem.setup();
  const NaiveMultislice naive{small.window, small.modes, small.slices, setup.model.gaps_A, setup.model.propagation};
  const ComplexImage probe = as_image(probe_values(problem)), t = as_image(problem.owned_transmission());
  std::vector<double> all;
  for (const Placement& placement : setup.placements) {
    const std::vector<double> one = naive.intensity(probe, t, setup.frame.ny, setup.frame.nx, placement);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

/// sum_y exp(-mu) mu^y/y! loss(mu, y), term by term.
double naive_expected(const Loss& loss, double mu) {
  double sum = 0;
  for (int y = 0; y < 400 + 2 * mu; ++y)
    sum += std::exp(y * std::log(mu) - mu - std::lgamma(y + 1.0)) * naive_loss(loss, mu, y);
  return sum;
}

/// The penalty's part of f.
double penalty_of(const SmallProblem& small, const std::vector<double>& phase, const std::vector<double>& absorption,
                  double unit) {
  const Comm alone(MPI_COMM_SELF);
  Problem<double> problem = make_problem<double>(small, alone);
  problem.set_penalty_unit(unit);
  problem.object().set_phase_absorption(phase, absorption);
  return problem.evaluate() - problem.data_loss();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_r_factor_and_the_expected_loss_are_those_of_plain_loops) {
  const Comm alone(MPI_COMM_SELF);
  SmallProblem small{.slices = 2, .rows = 2, .columns = 3, .electrons = 900};
  const std::vector<std::uint16_t> counts = counts_of(small, alone);
  const std::vector<double> valid = mask_of(small);
  for (const Loss& loss : {Loss{LossKind::poisson, 0.1}, Loss{LossKind::amplitude, 0.1},
                           Loss{LossKind::anscombe, 0.375}, Loss{LossKind::gaussian, 0}}) {
    small.loss = loss;
    Problem<double> problem = make_problem<double>(small, alone);
    const std::vector<double> mu = naive_intensities(small, problem);
    double residual = 0, root = 0, expected = 0;
    std::vector<double> losses(mu.size() / valid.size(), 0.0), excess(valid.size(), 0.0), variance(valid.size(), 0.0);
    for (std::size_t i = 0; i < mu.size(); ++i) {
      if (valid[i % valid.size()] == 0) continue;
      const double y = counts[i];
      losses[i / valid.size()] += naive_loss(loss, mu[i], y);
      excess[i % valid.size()] += mu[i] - y;
      variance[i % valid.size()] += mu[i];
      residual += std::abs(std::sqrt(mu[i]) - std::sqrt(y));
      root += std::sqrt(y);
      expected += naive_expected(loss, mu[i]);
    }
    const FitQuality quality = problem.quality();
    BOOST_TEST_CONTEXT("loss " << static_cast<int>(loss.kind)) {
      BOOST_TEST(quality.residual == residual, boost::test_tools::tolerance(1e-10));
      BOOST_TEST(quality.root == root, boost::test_tools::tolerance(1e-10));
      BOOST_TEST(quality.expected_loss == expected, boost::test_tools::tolerance(2e-3));  // lines between its points
      const Residuals& found = quality.residuals;
      BOOST_TEST(found.loss == losses, boost::test_tools::tolerance(1e-10) << boost::test_tools::per_element());
      BOOST_TEST(found.excess == excess, boost::test_tools::tolerance(1e-9) << boost::test_tools::per_element());
      BOOST_TEST(found.variance == variance, boost::test_tools::tolerance(1e-10) << boost::test_tools::per_element());
      BOOST_TEST(std::accumulate(found.expected.begin(), found.expected.end(), 0.0) == quality.expected_loss,
                 boost::test_tools::tolerance(1e-10));
      problem.track_expected_loss();
      problem.evaluate();
      BOOST_TEST(problem.expected_loss() == quality.expected_loss, boost::test_tools::tolerance(1e-10));
    }
  }
}

/// f = 1/2 |V I - c|^2 of signed channels, V applied by plain loops over the pixels, with the set of each position.
BOOST_AUTO_TEST_CASE(virtual_detectors_by_plain_loops) {
  const Comm alone(MPI_COMM_SELF);
  SmallProblem small{.slices = 2, .rows = 2, .columns = 3, .virtual_sets = 2, .signed_weights = true};
  small.loss.kind = LossKind::weighted;
  Problem<double> problem = make_problem<double>(small, alone);
  Measurement none{.ny = 1, .nx = 9, .patterns = {}, .type = PixelType::float32, .valid = mask_of(small)};
  none.patterns = Array<std::byte>(small.device, 6 * 9 * 4);  // c = 0
  Problem<double> dark(alone, setup_of(small, alone), std::move(none), probe_of(small, false));
  dark.object().set_values(problem.object().values());
  const std::vector<double> intensity = naive_intensities(small, problem), valid = mask_of(small);
  const Index pixels = small.window.count();
  double loss = 0, residual = 0;
  for (Index j = 0; j < 6; ++j) {
    const VirtualDetectors& set = (*problem.setup().model.detector.virtual_detectors)[j % 2];
    for (Index i = 0; i < 9; ++i) {
      double mu = 0;
      for (Index k = set.start[i]; k < set.start[i + 1]; ++k)
        mu += set.weight[k] * intensity[j * pixels + set.pixel[k]];
      loss += valid[i] * mu * mu / 2;
      residual += valid[i] * std::abs(mu);
    }
  }
  BOOST_TEST(dark.evaluate() == loss, boost::test_tools::tolerance(1e-10));
  BOOST_TEST(dark.quality().residual == residual, boost::test_tools::tolerance(1e-10));
}

/// Four counts an electron, four times the counts: the same electrons, loss and R factor.
BOOST_AUTO_TEST_CASE(counts_are_divided_by_counts_per_electron) {
  const Comm alone(MPI_COMM_SELF);
  const SmallProblem small{.slices = 1, .rows = 2, .columns = 2};
  std::vector<std::uint16_t> counts = counts_of(small, alone);
  for (std::uint16_t& count : counts) count = static_cast<std::uint16_t>(4 * count);
  std::vector<std::byte> stored(2 * counts.size());
  std::memcpy(stored.data(), counts.data(), stored.size());
  Problem<double> plain = make_problem<double>(small, alone);
  Problem<double> fourfold(alone, setup_of(small, alone),
                           {.ny = small.window.ny,
                            .nx = small.window.nx,
                            .patterns = make_array(small.device, stored),
                            .type = PixelType::uint16,
                            .electrons_per_count = 0.25,
                            .valid = mask_of(small)},
                           probe_of(small, false));
  fourfold.object().set_values(plain.object().values());
  BOOST_TEST(fourfold.evaluate() == plain.evaluate(), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(fourfold.quality().residual == plain.quality().residual, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(fourfold.quality().root == plain.quality().root, boost::test_tools::tolerance(1e-12));
}

/// omega (sqrt(u^2 + e^2) - e) a voxel, of the part that is asked for, in the unit of the weights.
BOOST_AUTO_TEST_CASE(an_l1_norm_by_hand) {
  SmallProblem small{.slices = 1, .rows = 2, .columns = 2};
  const Comm alone(MPI_COMM_SELF);
  const auto voxels = static_cast<std::size_t>(setup_of(small, alone).frame.box().count());
  std::vector<double> phase(voxels, 0.0), absorption(voxels, 0.0);
  phase[7] = -0.4;
  absorption[3] = 0.12;
  small.regularisers = {{.kind = RegulariserKind::l1, .weight = 0.5, .epsilon_rad = 0.3}};
  BOOST_TEST(penalty_of(small, phase, absorption, 20) == 20 * 0.5 * (0.5 - 0.3), boost::test_tools::tolerance(1e-9));
  small.regularisers[0].of = RegulariserTarget::absorption;
  small.regularisers[0].epsilon_rad = 0.05;
  BOOST_TEST(penalty_of(small, phase, absorption, 20) == 20 * 0.5 * (0.13 - 0.05), boost::test_tools::tolerance(1e-9));
}

/// omega (sqrt((a dy)^2 + (b dx)^2 + (w dz)^2 + e^2) - e) of forward differences, a and b from pixels to the square of
/// their area. Only the first voxel of a corner differs from zero, so that it has all three differences and is nobody's
/// neighbour.
BOOST_AUTO_TEST_CASE(a_total_variation_by_hand) {
  SmallProblem small{.slices = 2, .rows = 2, .columns = 2};
  const Comm alone(MPI_COMM_SELF);
  const ObjectFrame frame = setup_of(small, alone).frame;
  std::vector<double> phase(static_cast<std::size_t>(2 * frame.ny * frame.nx), 0.0), absorption = phase;
  phase[0] = 0.6;
  small.regularisers = {{.kind = RegulariserKind::tv, .weight = 0.5, .epsilon_rad = 0.3, .z_weight = 0.5}};
  const double dy = 0.6 * std::sqrt(0.25 / 0.35), dx = 0.6 * std::sqrt(0.35 / 0.25);
  const auto expected = [](double y, double x, double wdz) {
    return 20 * 0.5 * (std::sqrt(y * y + x * x + wdz * wdz + 0.09) - 0.3);
  };
  BOOST_TEST(penalty_of(small, phase, absorption, 20) == expected(dy, dx, 0.5 * 0.6),
             boost::test_tools::tolerance(1e-9));
  // In the second slice it has no slice behind it, and is the neighbour of the first slice's voxel.
  std::swap(phase[0], phase[static_cast<std::size_t>(frame.ny * frame.nx)]);
  BOOST_TEST(penalty_of(small, phase, absorption, 20) == expected(dy, dx, 0) + expected(0, 0, 0.5 * 0.6),
             boost::test_tools::tolerance(1e-9));
}

/// Losses and R factors of both parts by plain loops, for pixels and for whole patterns.
BOOST_AUTO_TEST_CASE(what_is_held_out_is_summed_apart) {
  const Comm alone(MPI_COMM_SELF);
  for (const bool whole_patterns : {false, true})
    for (const Loss loss : {Loss{LossKind::poisson, 0.1}, Loss{LossKind::amplitude, 0.01},
                            Loss{LossKind::anscombe, 0.375}, Loss{LossKind::gaussian, 0}}) {
      const SmallProblem small{
          .loss = loss, .batch = 3, .held_out = {.share = 0.2, .whole_patterns = whole_patterns, .seed = 5}};
      Problem<double> problem = make_problem<double>(small, alone);
      const std::vector<double> mu = naive_intensities(small, problem), valid = mask_of(small);
      const std::vector<std::uint16_t> counts = counts_of(small, alone);
      HeldOut rule = held_out_rule(small.held_out);
      rule.names = problem.setup().ids.data();
      FittedAndHeldOut losses, pixels;
      FitQuality quality;
      const auto all = static_cast<Index>(valid.size());
      for (Index i = 0; i < static_cast<Index>(mu.size()); ++i) {
        if (valid[i % all] == 0) continue;
        const bool held_out = rule.holds(i / all, i % all);
        const double y = counts[i], difference = std::abs(std::sqrt(mu[i]) - std::sqrt(y));
        (held_out ? losses.held_out : losses.fitted) += naive_loss(loss, mu[i], y);
        (held_out ? pixels.held_out : pixels.fitted) += 1;
        (held_out ? quality.held_out_residual : quality.residual) += difference;
        (held_out ? quality.held_out_root : quality.root) += std::sqrt(y);
        if (!held_out) quality.expected_loss += naive_expected(loss, mu[i]);
      }
      const double f = problem.evaluate();
      const FitQuality found = problem.quality();
      const auto tight = boost::test_tools::tolerance(1e-10);
      BOOST_TEST_CONTEXT("loss " << static_cast<int>(loss.kind) << ", patterns " << whole_patterns) {
        BOOST_TEST(f == losses.fitted, tight);
        BOOST_TEST(problem.held_out_loss() == losses.held_out, tight);
        BOOST_TEST(problem.pixels().fitted == pixels.fitted);
        BOOST_TEST(problem.pixels().held_out == pixels.held_out);
        BOOST_TEST(found.residual == quality.residual, tight);
        BOOST_TEST(found.root == quality.root, tight);
        BOOST_TEST(found.held_out_residual == quality.held_out_residual, tight);
        BOOST_TEST(found.held_out_root == quality.held_out_root, tight);
        BOOST_TEST(found.expected_loss == quality.expected_loss, boost::test_tools::tolerance(2e-3));
      }
    }
}

}  // namespace tessera::testing
