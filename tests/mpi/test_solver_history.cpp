// ranks: 1 2
// An L-BFGS goes on from the points of an earlier segment: as if it had never stopped in the same scale, and with the
// same knowledge of f in another.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>

#include "src/base/random.hpp"
#include "src/optimisation/solver_history.hpp"
#include "src/optimisation/tao_run.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

constexpr Index mine = 40;

/// f = sum c_i (u_i - t_i)^2/2 + (u_i - t_i)^4/4 on every rank's numbers, in variables sqrt(D) u with D = `scale` by
/// rank and number.
struct Valley {
  const Comm& comm;
  std::function<double(Index)> scale;
  std::vector<double> u = std::vector<double>(mine, 0.0), gradient = u;

  Index name(Index i) const { return comm.rank() * mine + i; }

  double evaluate() {
    double f = 0;
    for (Index i = 0; i < mine; ++i) {
      const double curved = std::exp(3 * random_uniform(1, name(i))), off = u[i] - random_normal(2, name(i));
      f += curved * off * off / 2 + off * off * off * off / 4;
      gradient[i] = curved * off + off * off * off;
    }
    return comm.sum(f);
  }

  Objective objective() {
    SolverBlock block{.name = "u",
                      .unit = "",
                      .extent = Extent::voxel,
                      .local_size = mine,
                      .pull = [this](std::span<const double> from) { u.assign(from.begin(), from.end()); },
                      .push = [this](std::span<double> to) { std::ranges::copy(u, to.begin()); },
                      .push_gradient = [this](std::span<double> to) { std::ranges::copy(gradient, to.begin()); },
                      .scale =
                          [this](std::span<double> to) {
                            for (Index i = 0; i < mine; ++i) to[i] = scale(name(i));
                          },
                      .lower_bound = {},
                      .activate = [](bool) {}};
    return {comm, {std::move(block)}, [this] { return evaluate(); }};
  }
};

double even(Index) { return 2; }
double uneven(Index i) { return 0.3 + random_uniform(3, i); }

/// f after `first` and then `second` iterations, the latter from a new TaoRun.
double solve_in_two(const Comm& comm, const char* method, int first, int second, bool with_history,
                    double (*later)(Index) = even) {
  Valley valley{.comm = comm, .scale = even};
  SolveSettings settings;
  settings.method = method;
  SolverHistory history(settings.history);
  const auto go_on = [](int, double, double) { return std::nullopt; };
  for (const int iterations : {first, second}) {
    Objective objective = valley.objective();
    TaoRun run(comm, objective, settings, 0.1, with_history ? &history : nullptr);
    run.solve(iterations, std::nullopt, go_on);
    valley.scale = later;
  }
  return valley.evaluate();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(solver_histories)

BOOST_DATA_TEST_CASE(a_solve_goes_on_as_if_it_had_not_been_cut, data::make({"blmvm", "lmvm"}), method) {
  const Comm comm(MPI_COMM_WORLD);
  const double whole = solve_in_two(comm, method, 14, 0, true);
  const double cut = solve_in_two(comm, method, 7, 7, true);
  const double forgotten = solve_in_two(comm, method, 7, 7, false);
  BOOST_TEST(cut == whole, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(forgotten > 1.1 * whole);
}

/// Scales that change by up to a factor of four, for no reason, cost less than a lost history does.
BOOST_DATA_TEST_CASE(it_helps_in_another_scale, data::make({"blmvm", "lmvm"}), method) {
  const Comm comm(MPI_COMM_WORLD);
  const double whole = solve_in_two(comm, method, 14, 0, true), least = solve_in_two(comm, method, 60, 0, true);
  const double carried = solve_in_two(comm, method, 7, 7, true, uneven);
  const double forgotten = solve_in_two(comm, method, 7, 7, false, uneven);
  BOOST_TEST_MESSAGE(method << ": " << whole - least << " " << carried - least << " " << forgotten - least);
  BOOST_TEST(carried - least < 0.9 * (forgotten - least));
}

/// Points come back as they were, in the scale that is asked for.
BOOST_AUTO_TEST_CASE(points_outlive_their_scale) {
  const Comm comm(MPI_COMM_WORLD);
  Valley valley{.comm = comm, .scale = even};
  SolverHistory history(2);
  const Objective before = valley.objective();
  const PetscVector x = before.make_vector(), gradient = before.make_vector();
  for (int step = 0; step < 5; ++step) {
    VecSet(x, step);
    VecSet(gradient, 10 + step);
    history.add(before, x, gradient);
  }
  BOOST_TEST(history.size() == 3);
  valley.scale = uneven;
  const Objective after = valley.objective();
  history.restore(0, after, x, gradient);  // step 2
  const ReadPart point(x), slope(gradient);
  for (Index i = 0; i < mine; ++i) {
    const double ratio = std::sqrt(uneven(valley.name(i)) / even(i));
    BOOST_TEST(point.values()[i] == 2 * ratio, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(slope.values()[i] == 12 / ratio, boost::test_tools::tolerance(1e-14));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::testing
