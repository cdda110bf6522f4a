// tessera inspect: what a data set or a result holds.
// Sample runs:
//   tessera inspect mos2.h5
//   tessera inspect results/mos2/result.emd
//   tessera inspect run.yaml --set data.file=scan.mib

#include "src/workflow/examine/inspect.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"

namespace tessera {

void add_inspect(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("inspect", "prints what a data set or a result holds");
  command->footer(
      "Shapes, calibrations, sampling, overlap and dose, with warnings, and the keys that the file's metadata fill; of "
      "a\n"
      "run file those of its data, and what it says in their place. Needs no MPI.\n"
      "Example:\n  tessera inspect mos2.h5");
  command->add_option("FILE", call.line.result, "data of any format that is read, a result, or a run file")->required();
  command
      ->add_option("--set", call.line.sets, "of a run file: changes a key, --set data.scan_shape=[64,64] (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->callback(
      [&call] { call.run = [&call] { return guarded_main_serial([&] { return run_inspect(call.line); }); }; });
}

}  // namespace tessera
