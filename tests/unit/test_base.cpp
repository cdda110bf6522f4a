#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "src/base/clock.hpp"
#include "src/base/file_kind.hpp"
#include "src/base/median.hpp"
#include "src/base/words.hpp"

using namespace tessera;

BOOST_AUTO_TEST_CASE(edits_are_counted) {
  BOOST_TEST(edit_distance("kitten", "sitting") == 3U);
  BOOST_TEST(edit_distance("", "abc") == 3U);
  BOOST_TEST(edit_distance("abc", "") == 3U);
  BOOST_TEST(edit_distance("iterations", "itterations") == 1U);
  BOOST_TEST(edit_distance("same", "same") == 0U);
}

BOOST_AUTO_TEST_CASE(a_message_holds_no_control_characters_and_is_short) {
  BOOST_TEST(shown("plain \xc3\xa5") == "plain \xc3\xa5");
  BOOST_TEST(shown("a\x1b[31m\n\x7f") == "a\\x1b[31m\\x0a\\x7f");
  BOOST_TEST(shown("\xc2\x9b") == "\xc2\\x9b");
}

BOOST_AUTO_TEST_CASE(only_letters_of_ascii_are_made_small) {
  BOOST_TEST(lower_case("Angstroms \xc3\x85 Z_9") == "angstroms \xc3\x85 z_9");
}

BOOST_AUTO_TEST_CASE(the_nearest_word_is_near) {
  BOOST_TEST(nearest_word("slcies", {"scan", "slices", "modes"}) == "slices");
  BOOST_TEST(nearest_word("wavelength", {"a", "bc"}).empty());
}

BOOST_AUTO_TEST_CASE(the_median_is_the_middle) {
  BOOST_TEST(median({5, 1, 100}) == 5.0);
  BOOST_TEST(median({4, 1, 2, 3}) == 3.0);
  BOOST_TEST(median({}) == 0.0);
}

BOOST_AUTO_TEST_CASE(clocks_tell_seconds_and_dates) {
  const double start_s = now_s();
  BOOST_TEST(now_s() >= start_s);
  BOOST_TEST(thread_now_us() > 0.0);
  const std::string now = utc_now();
  BOOST_TEST(now.size() == std::string("2026-01-31T12:00:00Z").size());
  BOOST_TEST(now[10] == 'T');
  BOOST_TEST(now.back() == 'Z');
}

BOOST_AUTO_TEST_CASE(what_is_shown_obeys_no_terminal_and_is_short) {
  BOOST_TEST(shown("a plain text, \u00c5") == "a plain text, \u00c5");
  BOOST_TEST(shown("a\x1b[31mb\n") == "a\\x1b[31mb\\x0a");
  const std::string cut = shown(std::string(1000, 'a').append("end"), 100);
  BOOST_TEST(cut.size() == 103U);
  BOOST_TEST((cut.substr(78, 7) == "aa...aa" && cut.ends_with("aaend")));
  for (std::size_t most = 20; most < 60; ++most) {  // no letter is cut
    std::string letters;
    for (int i = 0; i < 50; ++i) letters += "\u00c5";
    BOOST_TEST((shown(letters, most).size() - 3) % 2 == 0U);
  }
}

BOOST_AUTO_TEST_CASE(files_are_told_by_their_first_bytes) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / "tessera_test_file_kind";
  fs::create_directories(folder);
  const auto kind_of = [&](const std::string& bytes) {
    const fs::path file = folder / "file";
    std::ofstream(file, std::ios::binary) << bytes;
    return file_kind(file.string());
  };
  BOOST_TEST(kind_of("\x89HDF\r\n\x1a\n more") == "an HDF5 file");
  BOOST_TEST(kind_of(std::string(512, ' ').append("\x89HDF\r\n\x1a\n")) == "an HDF5 file");
  BOOST_TEST(kind_of("version: 1\n") == "a text file");
  BOOST_TEST(kind_of("") == "an empty file");
  BOOST_TEST(kind_of(std::string("\0\1", 2)) == "a file of an unknown format");
  BOOST_TEST(file_kind(folder.string()) == "a folder");
  BOOST_TEST(file_kind("/dev/null") == "a device");
  BOOST_TEST(file_kind((folder / "absent").string()).empty());
  BOOST_TEST((!is_regular_file("/dev/null") && is_regular_file((folder / "file").string())));
  fs::remove_all(folder);
}
