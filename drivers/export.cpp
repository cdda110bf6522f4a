// tessera export: a result as a file of another program, or one of its arrays as an image.
// Sample runs:
//   tessera export results/mos2/result.emd --to ptyrad
//   tessera export results/mos2/result.emd --to tiff --array slices --out slices.tif
//   tessera export results/mos2/result.emd --to png --array phase --bits 8

#include "src/workflow/exports/export.hpp"

#include "drivers/subcommands.hpp"
#include "src/workflow/start/guarded_main.hpp"

namespace tessera {

void add_export(CLI::App& app, Invocation& call) {
  CLI::App* command = app.add_subcommand("export", "writes a result as a file of another program, or as an image");
  command->footer(
      "ptyrad, phaser, cxi and adorym hold object, probe and positions; tiff, png and npy hold one array.\n"
      "Example:\n  tessera export results/mos2/result.emd --to ptyrad --out mos2_ptyrad.hdf5");
  command->add_option("RESULT", call.line.result, "result of tessera reconstruct")->required();
  command->add_option("--to", call.line.to, "the format")->required()->check(CLI::IsMember(export_formats()));
  command->add_option("--out", call.line.out, "the new file; by itself beside RESULT, named after it");
  command->add_option("--array", call.line.array,
                      "array of /reconstruction for tiff (slices), png (phase), npy (object)");
  command->add_option("--bits", call.line.bits, "of a PNG: 8 or 16")
      ->check(CLI::IsMember({8, 16}))
      ->capture_default_str();
  command->add_flag("--force", call.line.force, "overwrites an existing file");
  command->add_flag("--quiet", call.line.quiet, "prints warnings and errors only");
  command->callback([&call] {
    call.run = [&call] {
      return guarded_main(call.argc, call.argv,
                          [&](const Comm& comm, RunRecord&) { return run_export(comm, call.line); });
    };
  });
}

}  // namespace tessera
