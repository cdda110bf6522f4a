// tessera calibrate: orientation, defocus, disc and detector from the data, into a new run file.
// Sample runs:
//   tessera calibrate run.yaml
//   mpirun -n 4 tessera calibrate run.yaml --set calibrate.gradients=12
//   tessera calibrate run.yaml --preview
//   tessera calibrate run.yaml --dry-run

#include "src/workflow/calibrate/calibrate.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

void add_calibrate(CLI::App& app, Invocation& call) {
  CLI::App* command =
      app.add_subcommand("calibrate", "finds orientation, defocus, bright-field disc and detector from the data");
  command->footer(
      "Writes calibrated.yaml (the run file with what was found, each value with its uncertainty), calibration.json\n"
      "and pictures into output.directory: mean pattern, phase from centres of mass, bright field and the phase from "
      "it,\n"
      "and the eight ways in which the detector may lie. Needs energy, semi-angle and the scan; detector pixel, flips, "
      "rotation, centre\n"
      "and C10 may be left out. Any number of ranks finds the same.\n"
      "Example:\n  mpirun -n 4 tessera calibrate run.yaml\n  tessera reconstruct results/calibrated.yaml");
  add_run_file_options(*command, call.line);
  command
      ->add_flag("--preview", call.line.preview,
                 "pictures of the scan in seconds, and what they tell; no trials, no new run file")
      ->excludes("--dry-run");
  command->callback([&call] {
    call.run = [&call] {
      if (call.line.print_config) return print_config(call.line, calibrate_config);
      if (!call.line.dry_run) watch_signals();
      return guarded_main(call.argc, call.argv,
                          [&](const Comm& comm, RunRecord& record) { return run_calibrate(comm, call.line, record); });
    };
  });
}

}  // namespace tessera
