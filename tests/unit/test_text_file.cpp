#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/text_file.hpp"
#include "src/base/error.hpp"

using namespace tessera;

namespace {

/// A folder of its own that goes away with the test.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("tessera_text_" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return path / name; }
  long entries() const {
    return std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator());
  }
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_text_replaces_another_and_leaves_nothing_else) {
  const Folder folder;
  write_text_atomically(folder.file("a"), "first, and longer");
  write_text_atomically(folder.file("a"), "second");
  BOOST_TEST(content(folder.file("a")) == "second");
  BOOST_TEST(folder.entries() == 1);
}

BOOST_AUTO_TEST_CASE(a_text_is_written_over_another_in_its_place) {
  const Folder folder;
  BOOST_CHECK_THROW(overwrite_text(folder.file("a"), "nowhere"), SystemError);
  write_text_atomically(folder.file("a"), "first, and longer");
  overwrite_text(folder.file("a"), "second");
  BOOST_TEST(content(folder.file("a")) == "second");
}

BOOST_AUTO_TEST_CASE(another_run_s_temporary_file_is_left_alone) {
  const Folder folder;
  std::ofstream(folder.file("a.tmp")) << "half of";
  write_text_atomically(folder.file("a"), "whole");
  BOOST_TEST(content(folder.file("a")) == "whole");
  BOOST_TEST(content(folder.file("a.tmp")) == "half of");
}

BOOST_AUTO_TEST_CASE(a_failure_leaves_no_temporary_file) {
  const Folder folder;
  std::filesystem::create_directories(folder.file("taken/inside"));
  const auto cannot_create = [](const SystemError& error) { return error.code() == ExitCode::cannot_create; };
  BOOST_CHECK_EXCEPTION(write_text_atomically(folder.file("taken"), "text"), SystemError, cannot_create);
  BOOST_TEST(folder.entries() == 1);
  BOOST_CHECK_EXCEPTION(write_text_atomically(folder.file("nowhere/a"), "text"), SystemError, cannot_create);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_to_be_kept_is_kept) {
  const Folder folder;
  const std::string temporary = temporary_name(folder.file("a"));
  std::ofstream(temporary) << "new";
  BOOST_TEST(publish_file(temporary, folder.file("a"), Existing::keep));
  BOOST_TEST(content(folder.file("a")) == "new");
  BOOST_TEST(folder.entries() == 1);
  std::ofstream(temporary) << "newer";
  BOOST_TEST(!publish_file(temporary, folder.file("a"), Existing::keep));
  BOOST_TEST(content(folder.file("a")) == "new");
  BOOST_TEST(content(temporary) == "newer");
  BOOST_TEST(publish_file(temporary, folder.file("a"), Existing::replace));
  BOOST_TEST(content(folder.file("a")) == "newer");
}

BOOST_AUTO_TEST_CASE(two_processes_at_once_write_whole_files) {
  constexpr int times = 40;
  const Folder folder;
  const pid_t other = fork();
  bool all_written = true;
  try {
    for (int i = 0; i < times; ++i) write_text_atomically(folder.file("a"), std::string(100'000, other ? 'x' : 'y'));
  } catch (const SystemError&) {
    all_written = false;
  }
  if (other == 0) _exit(all_written ? 0 : 1);
  int status = 1;
  waitpid(other, &status, 0);
  BOOST_TEST(all_written);
  BOOST_TEST(status == 0);
  const std::string text = content(folder.file("a"));
  BOOST_TEST((text == std::string(100'000, 'x') || text == std::string(100'000, 'y')));
  BOOST_TEST(folder.entries() == 1);
}
