// tessera compare: how far a result is from a truth or from another result.
// Sample runs:
//   tessera compare results/mos2/result.emd mos2.h5
//   tessera compare results/mos2/result.emd mos2.h5 --json

#include "src/workflow/examine/compare.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"

namespace tessera {

void add_compare(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("compare", "measures a result against a truth or another result");
  command->footer(
      "Registers both, removes offset and ramp, and prints phase error, correlation, resolution and position error.\n"
      "Example:\n  tessera compare results/mos2/result.emd mos2.h5 --json");
  command->add_option("RESULT", call.line.result, "result of tessera reconstruct")->required();
  command->add_option("REFERENCE", call.line.reference, "simulated data set with its truth, or a result")->required();
  command->add_flag("--json", call.line.json, "prints the numbers as JSON");
  command->callback([&call] {
    call.run = [&call] {
      return guarded_main(call.argc, call.argv,
                          [&](const Comm& comm, RunRecord&) { return run_compare(comm, call.line); });
    };
  });
}

}  // namespace tessera
