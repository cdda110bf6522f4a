// ranks: 1 2
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "io/xyz.hpp"
#include "src/base/error.hpp"

using namespace tessera;

namespace {

/// A file of `count` atoms after a header that says `said`; only the first rank writes it.
std::string write_atoms(const Comm& comm, const std::string& name, int said, int count) {
  const std::string path = (std::filesystem::temp_directory_path() / name).string();
  if (comm.is_root()) {
    std::ofstream file(path);
    file << said << "\nLattice=\"10 0 0 0 20 0 0 0 5\"\n";
    for (int i = 0; i < count; ++i) file << "S 1 " << i << " 3\n";
  }
  comm.barrier();
  return path;
}

bool says(const Error& error, std::string_view text) {
  return error.agreed() && std::string_view(error.what()).find(text) != std::string_view::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(extended_xyz_is_read) {
  const std::string_view comment =
      "Lattice=\"10.0 0 0 0 20.0 0 0 0 5.0\" Properties=species:S:1:mass:R:1:pos:R:3:forces:R:3 pbc=\"T F T\"";
  const XyzHeader header = parse_xyz_header("2", comment);
  BOOST_TEST(header.n_atoms == 2);
  BOOST_TEST(header.cell.x_A == 20.0);
  BOOST_TEST(header.cell.periodic_y);
  BOOST_TEST(!header.cell.periodic_x);
  const auto atoms = parse_xyz_atoms("Mo 95.9 1.5 2.5 3.5 0 0 0\n\nS 32.1 -1 +2e0 3 0 0 0\r\n", header, 3);
  BOOST_REQUIRE(atoms.size() == 2u);
  BOOST_TEST(atoms[0].Z == 42);
  BOOST_TEST(atoms[0].y_A == 1.5);
  BOOST_TEST(atoms[0].x_A == 2.5);
  BOOST_TEST(atoms[1].z_A == 3.0);
}

BOOST_AUTO_TEST_CASE(extended_xyz_errors_name_the_line) {
  const std::string_view comment = "Lattice=\"10 0 0 0 20 0 0 0 5\"";
  const XyzHeader header = parse_xyz_header("2", comment);
  const auto names_line_4 = [](const InputError& error) {
    return std::string_view(error.what()).find("line 4") != std::string_view::npos;
  };
  BOOST_CHECK_EXCEPTION(parse_xyz_atoms("Mo 1 2 3\nMo 1 2\n", header, 3), InputError, names_line_4);
  BOOST_CHECK_EXCEPTION(parse_xyz_atoms("Mo 1 2 3\nXx 1 2 3\n", header, 3), InputError, names_line_4);
  BOOST_CHECK_EXCEPTION(parse_xyz_atoms("Mo 1 2 3\nMo 1 nan 3\n", header, 3), InputError, names_line_4);
  BOOST_CHECK_THROW(parse_xyz_header("two", comment), InputError);
  BOOST_CHECK_THROW(parse_xyz_header("2", "no lattice"), InputError);
  BOOST_CHECK_THROW(parse_xyz_header("2", "Lattice=\"10 1 0 0 20 0 0 0 5\""), InputError);
}

BOOST_AUTO_TEST_CASE(a_file_reaches_every_rank_in_its_order) {
  const Comm comm(MPI_COMM_WORLD);
  constexpr int many = 100'000;  // more than one block of a mebibyte
  const std::string path = write_atoms(comm, "tessera_test_xyz_all.xyz", many, many);
  std::vector<Atom> atoms;
  Index blocks = 0;
  const Cell cell = read_xyz(comm, path, [&](const Cell& told, std::span<const Atom> more) {
    BOOST_TEST(told.x_A == 20.0);
    atoms.insert(atoms.end(), more.begin(), more.end());
    ++blocks;
  });
  BOOST_TEST(cell.z_A == 5.0);
  BOOST_TEST(blocks > 1);
  BOOST_REQUIRE_EQUAL(atoms.size(), static_cast<std::size_t>(many));
  BOOST_TEST(atoms.front().x_A == 0.0);
  BOOST_TEST(atoms.back().x_A == many - 1.0);
}

BOOST_AUTO_TEST_CASE(every_rank_learns_what_is_wrong_with_a_file) {
  const Comm comm(MPI_COMM_WORLD);
  const auto drop = [](const Cell&, std::span<const Atom>) {};
  const std::string path = write_atoms(comm, "tessera_test_xyz_few.xyz", 3, 2);
  BOOST_CHECK_EXCEPTION(read_xyz(comm, path, drop), InputError,
                        [](const InputError& error) { return says(error, "announces 3 atoms and holds 2"); });
  BOOST_CHECK_EXCEPTION(read_xyz(comm, "/nowhere.xyz", drop), Error, [](const Error& error) {
    return error.code() == ExitCode::data_missing && says(error, "cannot open '/nowhere.xyz'");
  });
}
