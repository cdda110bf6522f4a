// tessera simulate: a data set from atoms or from a given object.
// Sample runs:
//   tessera simulate run.yaml
//   mpirun -n 4 tessera simulate run.yaml --set simulate.dose_e_per_A2=1e5
//   tessera simulate run.yaml --print-config

#include "src/workflow/simulate/simulate.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

void add_simulate(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("simulate", "writes a data set from atoms or from a given object");
  command->footer(
      "Reads the sections simulate, scan, detector, beam and propagation of the run file; writes patterns, positions\n"
      "and the truth to simulate.output.\nExample:\n  mpirun -n 4 tessera simulate run.yaml --set "
      "simulate.dose_e_per_A2=1e5");
  add_run_file_options(*command, call.line);
  command->callback([&call] {
    call.run = [&call] {
      if (call.line.print_config) return print_config(call.line, simulate_config);
      if (!call.line.dry_run) watch_signals();
      return guarded_main(call.argc, call.argv,
                          [&](const Comm& comm, RunRecord& record) { return run_simulate(comm, call.line, record); });
    };
  });
}

}  // namespace tessera
