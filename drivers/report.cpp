// tessera report: one page that shows a run, from the files of its folder.
// Sample runs:
//   tessera report results/mos2

#include "src/workflow/report/report.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"

namespace tessera {

void add_report(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("report", "writes report.html of a run that was, or is, in a folder");
  command->footer(
      "One page with pictures, convergence, sampling, time, provenance and configuration; it needs no other file.\n"
      "Example:\n  tessera report results/mos2");
  command->add_option("DIRECTORY", call.line.result, "output.directory of tessera reconstruct")->required();
  command->callback(
      [&call] { call.run = [&call] { return guarded_main_serial([&] { return run_report(call.line); }); }; });
}

}  // namespace tessera
