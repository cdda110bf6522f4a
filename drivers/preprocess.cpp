// tessera preprocess: measured patterns, corrected, centred, cut or compressed, in a file that reconstruct reads.
// Sample runs:
//   tessera preprocess run.yaml
//   mpirun -n 4 tessera preprocess run.yaml --set preprocess.centre_px=fit --set preprocess.bad_pixels=8
//   tessera preprocess run.yaml --dry-run

#include "src/workflow/preprocess/preprocess.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

void add_preprocess(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("preprocess", "corrects, centres, cuts and compresses measured patterns");
  command->footer(
      "Reads the sections data, detector, scan and preprocess of the run file; writes patterns or channels to\n"
      "preprocess.output, a run file for reconstruct beside it, and what each step found into a folder of pictures.\n"
      "Example:\n  mpirun -n 4 tessera preprocess run.yaml --set preprocess.centre_px=fit");
  add_run_file_options(*command, call.line);
  command->callback([&call] {
    call.run = [&call] {
      if (call.line.print_config) return print_config(call.line, Command::preprocess);
      if (!call.line.dry_run) watch_signals();
      return guarded_main(call.argc, call.argv,
                          [&](const Comm& comm, RunRecord& record) { return run_preprocess(comm, call.line, record); });
    };
  });
}

}  // namespace tessera
