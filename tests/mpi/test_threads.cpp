// ranks: 1 3
// A rank that the system refuses a thread ends the gradient on all ranks, and its other lanes wait for none that never
// came.
#include <pthread.h>

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>

#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

/// While it lives, new threads of this process would need a stack larger than any address space.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, std::size_t{1} << 50U);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t before_{};
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_thread_that_cannot_be_started_is_an_error_on_all_ranks) {
  const Comm comm(MPI_COMM_WORLD);
  SmallProblem small;
  small.lanes = 3;
  Problem<double> problem = make_problem<double>(small, comm);
  problem.update();
  const double loss = problem.evaluate();
  {
    std::optional<NoThreads> refused;
    if (comm.rank() == comm.size() - 1) refused.emplace();
    BOOST_CHECK_EXCEPTION(problem.evaluate(), Error, [](const Error& error) {
      return error.agreed() && std::string(error.what()).starts_with("no thread could be started");
    });
  }
  BOOST_TEST(problem.evaluate() == loss);
}

}  // namespace tessera::testing
