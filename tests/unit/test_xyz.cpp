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
  std::string path = (std::filesystem::temp_directory_path() / name).string();
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
  BOOST_TEST(header.cell.x_A == 10.0);
  BOOST_TEST(header.cell.y_A == 20.0);
  BOOST_TEST(header.cell.z_A == 5.0);
  BOOST_TEST((header.cell.periodic_x && !header.cell.periodic_y && header.cell.periodic_z));
  const auto atoms = parse_xyz_atoms("Mo 95.9 1.5 2.5 3.5 0 0 0\n\nS 32.1 -1 +2e0 3 0 0 0\r\n", header, 3);
  BOOST_REQUIRE(atoms.size() == 2u);
  BOOST_TEST(atoms[0].Z == 42);
  BOOST_TEST(atoms[0].x_A == 1.5);
  BOOST_TEST(atoms[0].y_A == 2.5);
  BOOST_TEST(atoms[1].z_A == 3.0);
}

/// Along z slices fill the cell: what lies outside is wrapped where that is one period, and refused otherwise.
BOOST_AUTO_TEST_CASE(heights_lie_in_the_cell) {
  const std::string lattice = "Lattice=\"10 0 0 0 20 0 0 0 5\"", atoms = "S 1 2 -1\nS 1 2 12.5\nS 1 2 5\nS 1 2 -1e-9\n";
  const auto wrapped = parse_xyz_atoms(atoms, parse_xyz_header("4", lattice), 3);
  BOOST_TEST(wrapped[0].z_A == 4.0);
  BOOST_TEST(wrapped[1].z_A == 2.5);
  BOOST_TEST(wrapped[2].z_A == 5.0);
  BOOST_TEST(wrapped[3].z_A == 0.0);
  const XyzHeader open = parse_xyz_header("4", lattice + " pbc=\"T T F\"");
  BOOST_TEST(parse_xyz_atoms("S 1 2 5\nS 1 2 -1e-9\n", open, 3).size() == 2u);
  BOOST_CHECK_EXCEPTION(parse_xyz_atoms("S 1 2 3\nS 1 2 5.1\n", open, 3), InputError, [](const InputError& error) {
    return std::string_view(error.what()).find("line 4: z is 5.1 A, outside the cell, 0 to 5 A") !=
           std::string_view::npos;
  });
  const XyzHeader shifted = parse_xyz_header("1", lattice + " Origin=\"3 4 -2\" pbc=\"F F F\"");
  const auto moved = parse_xyz_atoms("S 1 2 -1\n", shifted, 3);
  BOOST_TEST(moved[0].z_A == 1.0);
  BOOST_TEST(moved[0].x_A == 1.0);
}

BOOST_AUTO_TEST_CASE(a_lattice_may_have_rounding_errors_and_must_be_closed) {
  BOOST_TEST(parse_xyz_header("1", "Lattice=\"10 6e-16 0 0 20 0 0 0 5\"").cell.y_A == 20.0);
  BOOST_CHECK_THROW(parse_xyz_header("1", "Lattice=\"10 0 0 0 20 0 0 0 5 pbc=\"T T T\""), InputError);
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
    BOOST_TEST(told.y_A == 20.0);
    atoms.insert(atoms.end(), more.begin(), more.end());
    ++blocks;
  });
  BOOST_TEST(cell.z_A == 5.0);
  BOOST_TEST(blocks > 1);
  BOOST_REQUIRE_EQUAL(atoms.size(), static_cast<std::size_t>(many));
  BOOST_TEST(atoms.front().y_A == 0.0);
  BOOST_TEST(atoms.back().y_A == many - 1.0);
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
  const std::string wrong = write_atoms(comm, "tessera_test_xyz_wrong.xyz", 1, 0);
  if (comm.is_root()) std::ofstream(wrong, std::ios::app) << "Xx 1 2 3\n";
  comm.barrier();
  BOOST_CHECK_EXCEPTION(read_xyz(comm, wrong, drop), Error,
                        [&](const Error& error) { return says(error, wrong + ", line 3: unknown element 'Xx'"); });
}
