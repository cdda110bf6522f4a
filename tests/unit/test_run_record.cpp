#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "src/workflow/start/heartbeat.hpp"
#include "src/workflow/start/run_record.hpp"

using namespace tessera;

namespace {

/// A folder of its own that goes away with the test.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("tessera_record_" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  bool has(const std::string& name) const { return std::filesystem::exists(path / name); }
  std::string text(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path / name).rdbuf();
    return text.str();
  }
  nlohmann::json status() const { return nlohmann::json::parse(text("status.json")); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_run_is_recorded_from_its_begin_to_its_end) {
  const Folder folder;
  const Comm comm(MPI_COMM_SELF);
  {
    RunRecord record(comm);
    BOOST_TEST(!record.own(folder.path / "run.lock", "the folder"));
    BOOST_TEST(folder.has("run.lock"));
    record.keep_status(folder.path);
    const nlohmann::json running = folder.status();
    BOOST_TEST(running["state"] == "running");
    BOOST_TEST(running["exit_code"].is_null());
    BOOST_TEST(running["pid"] == getpid());
    BOOST_TEST(running["host"] == host_name());
    BOOST_TEST(running["progress"].is_null());
    record.progress({.iteration = 3, .iterations = 9, .loss = 2.5, .gradient_norm = 1, .gradients = 4, .seconds = 7});
    record.stopping("stopped by signal TERM");
    const nlohmann::json progress = folder.status()["progress"];
    BOOST_TEST(progress["iteration"] == 3);
    BOOST_TEST(progress["iterations"] == 9);
    BOOST_TEST(progress["loss"] == 2.5);
    BOOST_TEST(progress["gradients"] == 4);
    BOOST_TEST(progress["seconds"] == 7);
    BOOST_TEST(progress["seconds_left"].is_null());
    BOOST_TEST(!progress.contains("held_out_loss_per_pixel"));
    BOOST_TEST(folder.status()["state"] == "stopping");
    record.result_written();
    record.end({.complete = false, .stop_reason = "stopped by signal TERM", .exit_code = 143});
    const nlohmann::json ended = folder.status();
    BOOST_TEST(ended["state"] == "stopped");
    BOOST_TEST(ended["exit_code"] == 143);
    BOOST_TEST(ended["complete"] == false);
    BOOST_TEST(ended["result_written"] == true);
  }
  BOOST_TEST(!folder.has("run.lock"));
}

BOOST_AUTO_TEST_CASE(an_error_is_recorded_also_when_one_rank_alone_knows_it_and_whatever_it_quotes) {
  const Folder folder;
  const Comm comm(MPI_COMM_SELF);
  for (const bool agreed : {true, false}) {
    RunRecord record(comm);
    record.fail("before anything was owned", 65, agreed);
    BOOST_TEST(std::filesystem::is_empty(folder.path));
    record.own(folder.path / "run.lock", "the folder");
    record.keep_status(folder.path);
    record.fail("no such \"dataset\" \xff", 66, agreed);
    const nlohmann::json failed = folder.status();
    BOOST_TEST(failed["state"] == "failed");
    BOOST_TEST(failed["exit_code"] == 66);
    BOOST_TEST(failed["stop_reason"].get<std::string>().starts_with("no such \"dataset\" "));
    BOOST_TEST(folder.text("run.log") == "ERROR: no such \"dataset\" \xff\n");
    record.release();
    BOOST_TEST(!folder.has("run.lock"));
    std::filesystem::remove(folder.path / "run.log");
    std::filesystem::remove(folder.path / "status.json");
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_at_the_end_knows_the_end_and_comes_before_it_is_told) {
  const Folder folder;
  const Comm comm(MPI_COMM_SELF);
  for (const bool fails : {false, true}) {
    RunRecord record(comm);
    record.own(folder.path / "run.lock", "the folder");
    record.keep_status(folder.path);
    int calls = 0;
    record.at_end([&](const std::string& status) {
      ++calls;
      const nlohmann::json end = nlohmann::json::parse(status);
      BOOST_TEST(end["state"] == (fails ? "failed" : "finished"));
      BOOST_TEST(end["exit_code"] == (fails ? 66 : 0));
      if (!fails) BOOST_TEST(folder.status()["state"] == "running");
    });
    if (fails)
      record.fail("nothing there", 66, true);
    else
      record.end({.complete = true, .stop_reason = "converged", .exit_code = 0});
    record.fail("again", 70, true);
    BOOST_TEST(calls == 1);
    record.release();
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_at_the_end_is_an_error_of_the_run) {
  const Folder folder;
  const Comm comm(MPI_COMM_SELF);
  RunRecord record(comm);
  record.own(folder.path / "run.lock", "the folder");
  record.keep_status(folder.path);
  record.at_end([](const std::string&) { throw SystemError(ExitCode::cannot_write, "no room"); });
  BOOST_CHECK_THROW(record.end({.complete = true, .stop_reason = "converged", .exit_code = 0}), Error);
  BOOST_TEST(folder.status()["state"] == "running");
  BOOST_TEST(folder.status()["complete"] == false);
}

BOOST_AUTO_TEST_CASE(the_heart_leaves_what_a_rank_that_failed_alone_has_said) {
  const Folder folder;
  const Comm comm(MPI_COMM_SELF);
  RunRecord root(comm, 0.005), other(comm);
  other.keep_status(folder.path);
  root.own(folder.path / "run.lock", "the folder");
  root.keep_status(folder.path);
  const auto heartbeat = folder.status()["heartbeat"];
  for (int i = 0; i < 1000 && folder.status()["heartbeat"] == heartbeat; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  BOOST_TEST(folder.status()["heartbeat"] != heartbeat);
  other.fail("no memory (rank 2)", 70, false);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  BOOST_TEST(folder.status()["state"] == "failed");
  BOOST_TEST(folder.status()["exit_code"] == 70);
}

BOOST_AUTO_TEST_CASE(an_output_that_was_taken_away_is_not_written) {
  const Folder folder;
  const Comm comm(MPI_COMM_SELF);
  RunRecord record(comm);
  record.own(folder.path / "run.lock", "the folder");
  record.require_owned();
  std::filesystem::remove(folder.path / "run.lock");
  BOOST_CHECK_THROW(record.require_owned(), Error);
}

BOOST_AUTO_TEST_CASE(a_heart_beats_until_it_ends) {
  std::atomic<int> beats = 0;
  {
    const Heartbeat heart(0.005, [&] { ++beats; });
    for (int i = 0; i < 1000 && beats < 3; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    BOOST_TEST(beats >= 3);
  }
  const int at_the_end = beats;
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  BOOST_TEST(beats == at_the_end);
}
