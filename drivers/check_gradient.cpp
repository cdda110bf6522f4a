// tessera check-gradient: adjoint, Taylor and curvature tests of every unknown on a user's own data and settings.
// Sample runs:
//   tessera check-gradient run.yaml
//   mpirun -n 2 tessera check-gradient run.yaml --set "data.subset.n=[0, 40]"

#include "drivers/subcommands.hpp"
#include "src/workflow/reconstruct/reconstruct.hpp"
#include "src/workflow/start/guarded_main.hpp"

namespace tessera {

void add_check_gradient(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("check-gradient", "tests the gradients of every unknown of a run file");
  command->footer(
      "Prints, for each unknown and for all together, how well tangent and adjoint agree (rounding only), the order "
      "at\n"
      "which the linear model of the loss fails (2), and the curvature that scales use over the true one (1). In "
      "double\n"
      "precision, at a random object. Takes a few hundred sweeps: use a part of the patterns.\n"
      "Example:\n  tessera check-gradient run.yaml --set \"data.subset.n=[0, 40]\"");
  add_run_file_options(*command, call.line);
  command->callback([&call] {
    call.line.dry_run = true;
    call.line.check_gradient = true;
    call.run = [&call] {
      if (call.line.print_config) return print_config(call.line, reconstruct_config);
      return guarded_main(call.argc, call.argv, [&](const Comm& comm, RunRecord& record) {
        return run_reconstruct(comm, call.line, record);
      });
    };
  });
}

}  // namespace tessera
