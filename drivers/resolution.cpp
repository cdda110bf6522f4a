// tessera resolution: what two halves of the data agree on, the figure that needs no truth.
// Sample runs:
//   tessera resolution run.yaml
//   mpirun -n 4 tessera resolution run.yaml --set output.directory=results/halves

#include "src/workflow/resolution/resolution.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/reconstruct/reconstruct.hpp"
#include "src/workflow/start/guarded_main.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

void add_resolution(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("resolution", "reconstructs two halves of the data and compares them");
  command->footer(
      "Writes half_even and half_odd, each like a reconstruction, resolution.json and frc.png into output.directory.\n"
      "Example:\n  mpirun -n 4 tessera resolution run.yaml --set output.directory=results/halves");
  add_run_file_options(*command, call.line);
  command->callback([&call] {
    call.run = [&call] {
      if (call.line.print_config) return print_config(call.line, reconstruct_config);
      if (!call.line.dry_run) watch_signals();
      return guarded_main(call.argc, call.argv,
                          [&](const Comm& comm, RunRecord& record) { return run_resolution(comm, call.line, record); });
    };
  });
}

}  // namespace tessera
