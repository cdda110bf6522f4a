// tessera inspect: what a data set or a result holds.
// Sample runs:
//   tessera inspect mos2.h5
//   tessera inspect results/mos2/result.emd

#include "src/workflow/examine/inspect.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"

namespace tessera {

void add_inspect(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("inspect", "prints what a data set or a result holds");
  command->footer(
      "Shapes, calibrations, sampling, overlap and dose, with warnings; needs no MPI.\n"
      "Example:\n  tessera inspect mos2.h5");
  command->add_option("FILE", call.line.result, "data set or result (HDF5)")->required();
  command->callback(
      [&call] { call.run = [&call] { return guarded_main_serial([&] { return run_inspect(call.line); }); }; });
}

}  // namespace tessera
