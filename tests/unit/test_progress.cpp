#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "src/workflow/start/progress.hpp"

using namespace tessera;

BOOST_AUTO_TEST_CASE(an_iteration_tells_loss_norm_gradients_and_seconds) {
  const IterationLine first{
      .iteration = 0, .iterations = 60, .loss = 2e5, .gradient_norm = 50, .gradients = 1, .seconds = 0.5};
  IterationLine now = first;
  BOOST_TEST(!seconds_left(first, now));
  BOOST_TEST(iteration_text(now) == "iteration  0 of 60, loss 2.000000e+05, norm 5.000e+01, 1 gradients, 0.5 s");
  now = {.iteration = 12, .iterations = 60, .loss = 1.234e5, .gradient_norm = 12.3, .gradients = 14, .seconds = 24.5};
  now.seconds_left = seconds_left(first, now);
  BOOST_TEST(iteration_text(now) ==
             "iteration 12 of 60, loss 1.234000e+05, norm 1.230e+01, 14 gradients, 24.5 s, 1 min 36 s left");
  now.loss_per_pixel = {.fitted = 0.2341, .held_out = 0.241049};
  BOOST_TEST(iteration_text(now).find("loss 1.234000e+05, a pixel 0.23410 fitted, 0.24105 held out, norm") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_line_of_an_iteration_can_be_read_again) {
  IterationLine line{
      .iteration = 12, .iterations = 60, .loss = 1.234e5, .gradient_norm = 12.3, .gradients = 14, .seconds = 24.5};
  for (const bool held_out : {false, true}) {
    if (held_out) line.loss_per_pixel = {.fitted = 0.2341, .held_out = 0.24105};
    line.seconds_left = 96;
    const auto read = parse_iteration(iteration_text(line));
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(read->iteration == 12);
    BOOST_TEST(read->iterations == 60);
    BOOST_TEST(read->loss == 1.234e5);
    BOOST_TEST(read->gradient_norm == 12.3);
    BOOST_TEST(read->gradients == 14);
    BOOST_TEST(read->seconds == 24.5);
    BOOST_TEST(read->loss_per_pixel.has_value() == held_out);
    if (held_out) BOOST_TEST(read->loss_per_pixel->held_out == 0.24105);
  }
  for (const char* other : {"", "iteration", "iteration 3 of 5, loss x", "iteration 3 of 5, loss 1, norm 2",
                            "WARNING: iteration 3 of 5, loss 1, norm 2, 3 gradients, 4 s"})
    BOOST_TEST(!parse_iteration(other), other);
}

BOOST_AUTO_TEST_CASE(the_log_holds_whole_lines) {
  const std::string log = std::filesystem::temp_directory_path() / ("tessera_progress_" + std::to_string(getpid()));
  const Comm comm(MPI_COMM_SELF);
  {
    Progress progress(comm, log, true);
    progress.iteration({.iteration = 0, .iterations = 2, .loss = 3, .gradient_norm = 1, .gradients = 1, .seconds = 1});
    progress.iteration({.iteration = 1,
                        .iterations = 2,
                        .loss = 2,
                        .gradient_norm = 1,
                        .gradients = 2,
                        .seconds = 3,
                        .seconds_left = 2});
  }
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  std::filesystem::remove(log);
  BOOST_TEST(text.str() ==
             "iteration 0 of 2, loss 3.000000e+00, norm 1.000e+00, 1 gradients, 1.0 s\n"
             "iteration 1 of 2, loss 2.000000e+00, norm 1.000e+00, 2 gradients, 3.0 s, 2 s left\n");
}

BOOST_AUTO_TEST_CASE(bars_and_durations) {
  BOOST_TEST(progress_bar(0.26, 8) == "[##......]");
  BOOST_TEST(progress_bar(2, 3) == "[###]");
  BOOST_TEST(duration_text(7.6) == "8 s");
  BOOST_TEST(duration_text(200) == "3 min 20 s");
  BOOST_TEST(duration_text(7505) == "2 h 05 min");
}
