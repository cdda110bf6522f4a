// tessera watch: how a run stands, by the files of its folder, until it ends.
// Sample runs:
//   tessera watch results/mos2
//   tessera watch results/mos2 --html live.html

#include "src/workflow/report/watch.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"

namespace tessera {

void add_watch(CLI::App& app, Invocation& call) {
  constexpr double least_s = 0.1, most_s = 3600;
  CLI::App* command = app.add_subcommand("watch", "tells how a run stands until it ends");
  command->footer(
      "State, iteration, loss, time left and the last sign of life, from the files of the run's folder: on any "
      "machine\n"
      "that sees it. Ends when the run ends, with its exit code, or with 1 when it is dead.\n"
      "Example:\n  tessera watch results/mos2 --html live.html");
  command->add_option("DIRECTORY", call.line.result, "output.directory of tessera reconstruct")->required();
  command->add_option("--html", call.line.html, "a page that is kept up to date; browsers load it anew by themselves")
      ->type_name("FILE.html");
  command->add_option("--every", call.line.every_s, "seconds between two looks")
      ->type_name("SECONDS")
      ->check(CLI::Range(least_s, most_s));
  command->callback(
      [&call] { call.run = [&call] { return guarded_main_serial([&] { return run_watch(call.line); }); }; });
}

}  // namespace tessera
