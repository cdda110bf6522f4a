// ranks: 1
// A stack of floats as TIFF and as BigTIFF, read back by the directories: images lie behind each other.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "io/tiff_writer.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera {
namespace {

/// The bytes of a little-endian TIFF.
struct Tiff {
  std::string bytes;
  bool big = false;

  std::uint64_t number(std::uint64_t at, std::size_t size) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, size);
    return value;
  }
  /// Where each tag's value or its offset is, in the directory at `at`, and where the next directory is.
  std::pair<std::map<std::uint64_t, std::uint64_t>, std::uint64_t> directory(std::uint64_t at) const {
    std::map<std::uint64_t, std::uint64_t> tags;
    const std::uint64_t count = number(at, big ? 8 : 2);
    std::uint64_t entry = at + (big ? 8 : 2);
    for (std::uint64_t i = 0; i < count; ++i, entry += big ? 20 : 12) tags[number(entry, 2)] = entry + (big ? 12 : 8);
    return {tags, number(entry, big ? 8 : 4)};
  }
};

Tiff read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Tiff tiff{.bytes = {std::istreambuf_iterator<char>(file), {}}};
  BOOST_REQUIRE(tiff.bytes.substr(0, 2) == "II");
  tiff.big = tiff.number(2, 2) == 43;
  return tiff;
}

}  // namespace

BOOST_DATA_TEST_CASE(a_stack_is_found_by_its_directories, boost::unit_test::data::make({false, true}), big) {
  const Comm comm(MPI_COMM_SELF);
  const testing::TemporaryFolder folder(comm);
  const TiffStack stack{.images = 3, .ny = 5, .nx = 7, .dy_A = 0.25, .dx_A = 2e5, .spacing_A = 6.5};
  std::vector<float> pixels(105);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = 0.5F * static_cast<float>(i) - 3;
  TiffWriter writer(folder.file("a.tif"), stack, big ? 0 : 1000);
  writer.append(std::span(pixels).first(20));
  writer.append(std::span(pixels).subspan(20));
  writer.publish(Existing::keep);

  const Tiff tiff = read(folder.file("a.tif"));
  BOOST_TEST(tiff.big == big);
  const std::size_t offset = big ? 8 : 4;
  std::uint64_t at = tiff.number(big ? 8 : 4, offset), images = 0;
  for (; at != 0; ++images) {
    const auto [tags, next] = tiff.directory(at);
    BOOST_TEST(tiff.number(tags.at(256), 4) == 7U);
    BOOST_TEST(tiff.number(tags.at(257), 4) == 5U);
    BOOST_TEST(tiff.number(tags.at(258), 2) == 32U);
    BOOST_TEST(tiff.number(tags.at(339), 2) == 3U);
    BOOST_TEST(tiff.number(tags.at(279), offset) == 140U);
    const std::uint64_t place = tiff.number(tags.at(273), offset);
    BOOST_TEST(place == (big ? 16U : 8U) + 140U * images);
    BOOST_TEST(std::memcmp(tiff.bytes.data() + place, pixels.data() + 35 * images, 140) == 0);
    const std::uint64_t x = big ? tags.at(282) : tiff.number(tags.at(282), 4);
    const double per_A = static_cast<double>(tiff.number(x, 4)) / static_cast<double>(tiff.number(x + 4, 4));
    BOOST_TEST(per_A == 5e-6, boost::test_tools::tolerance(1e-4));
    BOOST_TEST(tags.contains(270) == (images == 0));
    if (images == 0)
      BOOST_TEST(std::string(tiff.bytes.data() + tiff.number(tags.at(270), offset)) ==
                 "ImageJ=1.54f\nimages=3\nslices=3\nunit=Angstrom\nspacing=6.5\nloop=false\n");
    at = next;
  }
  BOOST_TEST(images == 3U);
}

BOOST_AUTO_TEST_CASE(what_is_not_published_leaves_nothing) {
  const Comm comm(MPI_COMM_SELF);
  const testing::TemporaryFolder folder(comm);
  { TiffWriter(folder.file("a.tif"), {.images = 1, .ny = 2, .nx = 2}).append(std::vector<float>(2)); }
  BOOST_TEST(std::filesystem::is_empty(std::filesystem::path(folder.file("a.tif")).parent_path()));
}

}  // namespace tessera
