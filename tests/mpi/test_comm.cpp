// ranks: 1 2 3 4
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "src/parallel/shared_sum.hpp"

namespace tessera::testing {

BOOST_AUTO_TEST_CASE(sums_and_maxima_reach_every_rank) {
  const Comm comm(MPI_COMM_WORLD);
  const Index n = comm.size();
  std::vector<double> values{1, static_cast<double>(comm.rank())};
  comm.sum(values);
  BOOST_TEST(values[0] == static_cast<double>(n));
  BOOST_TEST(values[1] == 0.5 * static_cast<double>(n * (n - 1)));
  BOOST_TEST(comm.sum(0.5) == 0.5 * static_cast<double>(n));
  BOOST_TEST(comm.sum(Index{3}) == 3 * n);
  BOOST_TEST(comm.max(-static_cast<double>(comm.rank())) == 0);
  BOOST_TEST(comm.max(Index{comm.rank()}) == n - 1);
}

BOOST_AUTO_TEST_CASE(a_sum_to_root_reaches_root_alone) {
  const Comm comm(MPI_COMM_WORLD);
  const Index n = comm.size();
  std::vector<double> values{1, static_cast<double>(comm.rank())};
  comm.sum_to_root(values);
  BOOST_TEST(values[0] == (comm.is_root() ? static_cast<double>(n) : 1.0));
  BOOST_TEST(values[1] == (comm.is_root() ? 0.5 * static_cast<double>(n * (n - 1)) : comm.rank()));
}

/// Also in several parts, and with other messages meanwhile.
BOOST_DATA_TEST_CASE(a_sum_that_was_started_is_there_at_its_end, boost::unit_test::data::make({8, 1 << 30}),
                     largest_bytes) {
  const Comm comm(MPI_COMM_WORLD, largest_bytes);
  const Index n = comm.size();
  SharedSum sum;
  const SharedSum::Part ones = sum.add(1.0);
  const std::vector<double> mine{0.5, static_cast<double>(comm.rank())};
  const SharedSum::Part ranks = sum.add(mine);
  sum.start(comm);
  BOOST_TEST(comm.sum(2.0) == 2.0 * static_cast<double>(n));
  sum.finish();
  BOOST_TEST(sum.value(ones) == static_cast<double>(n));
  BOOST_TEST(sum.values(ranks)[0] == 0.5 * static_cast<double>(n));
  BOOST_TEST(sum.values(ranks)[1] == 0.5 * static_cast<double>(n * (n - 1)));
}

BOOST_AUTO_TEST_CASE(texts_come_to_root_by_rank) {
  const Comm comm(MPI_COMM_WORLD);
  const std::vector<std::string> texts =
      comm.texts_to_root(std::string(static_cast<std::size_t>(comm.rank()), static_cast<char>('a' + comm.rank())));
  BOOST_TEST(texts.size() == static_cast<std::size_t>(comm.is_root() ? comm.size() : 0));
  for (std::size_t rank = 0; rank < texts.size(); ++rank)
    BOOST_TEST(texts[rank] == std::string(rank, static_cast<char>('a' + rank)));
}

BOOST_AUTO_TEST_CASE(any_is_true_when_one_rank_says_so) {
  const Comm comm(MPI_COMM_WORLD);
  BOOST_TEST(comm.any(comm.rank() == comm.size() - 1));
  BOOST_TEST(!comm.any(false));
}

BOOST_AUTO_TEST_CASE(broadcast_gives_everyone_the_value_and_length_of_root) {
  const Comm comm(MPI_COMM_WORLD);
  std::string text = comm.is_root() ? "from root" : "";
  comm.broadcast(text);
  BOOST_TEST(text == "from root");
  std::vector<Index> values(comm.is_root() ? 3 : 7, comm.rank() + 1);
  comm.broadcast(values);
  BOOST_TEST(values == std::vector<Index>(3, 1), boost::test_tools::per_element());
  double value = comm.rank() + 0.25;
  comm.broadcast(value);
  BOOST_TEST(value == 0.25);
}

BOOST_AUTO_TEST_CASE(gather_all_is_ordered_by_rank) {
  const Comm comm(MPI_COMM_WORLD);
  const std::vector<double> values = comm.gather_all(10.0 * comm.rank());
  BOOST_TEST(static_cast<int>(values.size()) == comm.size());
  for (int rank = 0; rank < comm.size(); ++rank) BOOST_TEST(values[rank] == 10.0 * rank);
}

/// What exceeds a call's 32-bit counts crosses in parts: here already beyond a few bytes.
BOOST_DATA_TEST_CASE(what_exceeds_one_call_crosses_in_parts, boost::unit_test::data::make({1, 8, 20, 24, 1000}),
                     largest_bytes) {
  const Comm comm(MPI_COMM_WORLD, largest_bytes);
  const Index n = comm.size();
  std::vector<double> sums, on_root, part(static_cast<std::size_t>(comm.rank() + 2), comm.rank()), whole;
  for (int i = 0; i < 7; ++i) sums.push_back(i + comm.rank());
  on_root = sums;
  comm.sum(sums);
  comm.sum_to_root(on_root);
  for (int i = 0; i < 7; ++i) {
    const double sum = static_cast<double>(n * i) + 0.5 * static_cast<double>(n * (n - 1));
    BOOST_TEST(sums[i] == sum);
    BOOST_TEST(on_root[i] == (comm.is_root() ? sum : i + comm.rank()));
  }
  std::string text = comm.is_root() ? "longer than a part is" : "";
  comm.broadcast(text);
  BOOST_TEST(text == "longer than a part is");
  for (int rank = 0; rank < comm.size(); ++rank) whole.insert(whole.end(), static_cast<std::size_t>(rank) + 2, rank);
  BOOST_TEST(comm.concatenate(part) == whole, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(a_message_of_any_size_arrives_whole, boost::unit_test::data::make({1, 7, 24, 25, 1000}),
                     largest_bytes) {
  const Comm comm(MPI_COMM_WORLD, largest_bytes);
  const int next = (comm.rank() + 1) % comm.size(), previous = (comm.rank() + comm.size() - 1) % comm.size();
  const std::vector<double> from{1, 2, comm.rank() + 0.5};
  std::vector<double> to(3);
  std::vector<MPI_Request> requests;
  comm.receive(std::as_writable_bytes(std::span(to)), previous, 1, requests);
  comm.send(std::as_bytes(std::span(from)), next, 1, requests);
  BOOST_TEST(requests.size() == 2U * static_cast<unsigned>((24 + largest_bytes - 1) / largest_bytes));
  check_mpi(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
  BOOST_TEST(to == (std::vector<double>{1, 2, previous + 0.5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(agree_passes_when_all_ranks_pass) {
  const Comm comm(MPI_COMM_WORLD);
  int calls = 0;
  comm.agree([&] { ++calls; });
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(agree_throws_the_lowest_rank_s_error_on_all) {
  const Comm comm(MPI_COMM_WORLD);
  const int lowest = comm.size() / 2;  // this rank and those above it fail
  const std::string suffix = comm.size() > 1 ? " (rank " + std::to_string(lowest) + ")" : "";
  const auto step = [&] {
    if (comm.rank() >= lowest)
      throw InputError(comm.rank() == lowest ? ExitCode::data_wrong : ExitCode::run_file,
                       "seen by " + std::to_string(comm.rank()));
  };
  BOOST_CHECK_EXCEPTION(comm.agree(step), Error, [&](const Error& error) {
    return error.agreed() && error.code() == ExitCode::data_wrong &&
           error.what() == "seen by " + std::to_string(lowest) + suffix;
  });
}

BOOST_AUTO_TEST_CASE(agree_carries_a_standard_exception_of_the_last_rank_and_the_ranks_go_on) {
  const Comm comm(MPI_COMM_WORLD);
  const auto step = [&] {
    if (comm.rank() == comm.size() - 1) throw std::runtime_error("lost");
  };
  BOOST_CHECK_EXCEPTION(comm.agree(step), Error, [](const Error& error) {
    return error.code() == ExitCode::unclassified && std::string(error.what()).starts_with("lost");
  });
  BOOST_TEST(comm.sum(Index{1}) == comm.size());
}

BOOST_AUTO_TEST_CASE(agree_says_of_missing_memory_what_to_do) {
  const Comm comm(MPI_COMM_WORLD);
  const auto step = [&] {
    if (comm.rank() == comm.size() - 1) throw std::bad_alloc();
  };
  BOOST_CHECK_EXCEPTION(comm.agree(step), Error, [](const Error& error) {
    return error.code() == ExitCode::unclassified && std::string(error.what()).starts_with(out_of_memory);
  });
}

BOOST_AUTO_TEST_CASE(a_refused_call_is_named) {
  const Comm comm(MPI_COMM_WORLD);
  double value = 0;
  const int code = MPI_Bcast(&value, 1, MPI_DOUBLE, comm.size(), comm.handle());
  BOOST_CHECK_EXCEPTION(check_mpi(code, "MPI_Bcast"), SystemError, [](const SystemError& error) {
    return std::string(error.what()).starts_with("MPI: MPI_Bcast failed: ");
  });
}

}  // namespace tessera::testing
