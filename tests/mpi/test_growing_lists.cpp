// ranks: 1 2 3
// A list that grows by unequal parts of all ranks holds every number once, in the order of the ranks, over many chunks.

#include <boost/test/unit_test.hpp>
#include <cstdint>

#include "io/dataset.hpp"
#include "io/h5.hpp"
#include "io/plain_writer.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using namespace tessera;
using tessera::testing::TemporaryFolder;

constexpr Index rounds = 20;

/// What a rank adds in a round: nothing, a few numbers, or several chunks of 1 MiB.
Index part(Index round, Index rank) {
  constexpr Index parts[] = {700'001, 0, 13, 1'300'000, 90'007};
  return parts[(3 * round + 2 * rank) % 5];
}

std::uint16_t number_at(Index place) { return static_cast<std::uint16_t>((place * 2654435761 >> 7) % 65521); }

/// Writes the list in rounds, with a number of each round beside it, and returns its length.
Index write_list(const Comm& comm, const std::string& path) {
  const std::vector<PlainArray> arrays = {{.dataset = "/list",
                                           .type = StoredType::u16,
                                           .shape = {0},
                                           .blocks = {},
                                           .attributes = {},
                                           .text_attributes = {},
                                           .grows = true},
                                          {.dataset = "/lengths",
                                           .type = StoredType::u32,
                                           .shape = {rounds, comm.size()},
                                           .blocks = {},
                                           .attributes = {},
                                           .text_attributes = {}}};
  PlainWriter writer(comm, path, arrays);
  Index length = 0;
  for (Index round = 0; round < rounds; ++round) {
    Index first = length;
    for (Index rank = 0; rank < comm.size(); ++rank) {
      if (rank < comm.rank()) first += part(round, rank);
      length += part(round, rank);
    }
    std::vector<std::uint16_t> mine(static_cast<std::size_t>(part(round, comm.rank())));
    for (std::size_t i = 0; i < mine.size(); ++i) mine[i] = number_at(first + static_cast<Index>(i));
    writer.append(0, mine.data(), std::ssize(mine));
    const auto count = static_cast<std::uint32_t>(mine.size());
    writer.write(1, std::vector<LocalBlock>{{{round, comm.rank()}, {1, 1}, &count}});
  }
  writer.commit();
  return length;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(growing_lists)

BOOST_AUTO_TEST_CASE(parts_of_all_ranks_follow_each_other) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string path = folder.file("list.h5");
  const Index length = write_list(comm, path);
  BOOST_TEST(length * 2 > Index{8} << 20);
  const OpenFile file(path);
  BOOST_TEST(file.info("/list").shape == std::vector<Index>{length}, boost::test_tools::per_element());
  std::vector<std::uint16_t> stored(static_cast<std::size_t>(length));
  {
    const H5Id id = open_file_read(path);
    const H5Id dataset = open_dataset(id.get(), path, "/list");
    check_h5(H5Dread(dataset.get(), H5T_NATIVE_UINT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, stored.data()), "H5Dread");
  }
  Index wrong = 0;
  for (Index i = 0; i < length; ++i) wrong += stored[static_cast<std::size_t>(i)] == number_at(i) ? 0 : 1;
  BOOST_TEST(wrong == 0);
  const std::vector<double> lengths = file.real("/lengths");
  for (Index i = 0; i < rounds * comm.size(); ++i)
    BOOST_TEST(lengths[static_cast<std::size_t>(i)] == static_cast<double>(part(i / comm.size(), i % comm.size())));
}

BOOST_AUTO_TEST_SUITE_END()
