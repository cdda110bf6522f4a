// tessera history: the runs that led to a result, from raw data to image.
// Sample runs:
//   tessera history results/mos2/result.emd

#include "src/workflow/provenance/history.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"

namespace tessera {

void add_history(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("history", "tells from which data and by which runs a result came to be");
  command->footer(
      "The first run first; each with program, command, the files it read and whether they still are what they were.\n"
      "Results that it began from are followed as far as they are there. Reads those files whole.\n"
      "Example:\n  tessera history results/mos2/result.emd");
  command->add_option("FILE", call.line.result, "result.emd")->required();
  command->callback(
      [&call] { call.run = [&call] { return guarded_main_serial([&] { return run_history(call.line); }); }; });
}

}  // namespace tessera
