// tessera reconstruct: the object and the probe from a data set.
// Sample runs:
//   tessera reconstruct run.yaml
//   mpirun -n 4 tessera reconstruct run.yaml --set solve.iterations=20 --set output.directory=results/short
//   tessera reconstruct run.yaml --dry-run
//   tessera reconstruct run.yaml --print-config

#include "src/workflow/reconstruct/reconstruct.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

void add_reconstruct(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("reconstruct", "finds object and probe from a data set");
  command->footer(
      "Writes result.emd, metrics.json and pictures into output.directory. Any number of ranks gives the same result.\n"
      "Ctrl-C, TERM or HUP end it with the result of the last iterate; status.json tells how it stands.\n"
      "Example:\n  mpirun -n 4 tessera reconstruct run.yaml --set solve.iterations=20");
  add_run_file_options(*command, call.line);
  command->add_flag_callback(
      "--profile", [&call] { call.line.sets.emplace_back("run.profile=true"); },
      "measures every kernel: a table at the end, and `profile` in metrics.json");
  command->add_flag_callback(
      "--reproducible", [&call] { call.line.sets.emplace_back("run.reproducible=true"); },
      "a result without times, places and random numbers: the same bytes again");
  command->callback([&call] {
    call.run = [&call] {
      if (call.line.print_config) return print_config(call.line, Command::reconstruct);
      if (!call.line.dry_run) watch_signals();
      return guarded_main(call.argc, call.argv, [&](const Comm& comm, RunRecord& record) {
        return run_reconstruct(comm, call.line, record);
      });
    };
  });
}

}  // namespace tessera
