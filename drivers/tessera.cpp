// The program `tessera`: one subcommand per file of this folder.
// Sample runs:
//   tessera --help
//   tessera --version
//   tessera manual

#include <sstream>
#include <string>

#include "drivers/subcommands.hpp"
#include "src/base/error.hpp"
#include "src/workflow/options/manual.hpp"
#include "src/workflow/options/unknown_word.hpp"
#include "src/workflow/start/guarded_main.hpp"
#include "src/workflow/start/outlet.hpp"
#include "src/workflow/start/versions.hpp"

namespace tessera {

void add_run_file_options(CLI::App& subcommand, CommandLine& line) {
  subcommand.add_option("RUN.yaml", line.run_file, "run file; `tessera manual` explains its keys")->required();
  subcommand.add_option("--set", line.sets, "changes a key: --set solve.iterations=20 (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  subcommand.add_flag("--print-config", line.print_config, "prints every value and where it came from, and ends");
  subcommand.add_flag("--dry-run", line.dry_run, "checks the run file, the data and the output, writes nothing");
  subcommand.add_flag("--force", line.force, "overwrites an existing result, unless another run is writing it");
  subcommand.add_flag("--quiet", line.quiet, "prints warnings and errors only");
}

int print_config(const CommandLine& line, Command command) {
  return guarded_main_serial([&] {
    print_whole(resolved_yaml(read_run_file(line.run_file), line.run_file, line.sets, command));
    return 0;
  });
}

void add_manual(CLI::App& app, Invocation& call) {
  app.add_subcommand("manual", "prints every key of a run file with unit, default, range and meaning")
      ->callback([&call] {
        call.run = [] {
          return guarded_main_serial([] {
            print_whole(manual_text());
            return 0;
          });
        };
      });
}

}  // namespace tessera

int main(int argc, char** argv) {
  using namespace tessera;
  Invocation call{.argc = argc, .argv = argv, .line = {}, .run = {}};
  call.line.words.assign(argv, argv + argc);
  CLI::App app("Electron ptychography on objects that are tiled over MPI ranks.", "tessera");
  app.footer(
      "A first run:\n  tessera simulate run.yaml\n  mpirun -n 4 tessera reconstruct run.yaml\n"
      "`tessera COMMAND --help` explains a command.");
  app.set_version_flag(
      "--version", [] { return version_text(); }, "versions of the program and its libraries");
  app.require_subcommand(0, 1);
  // In the order of --help.
  const std::initializer_list<void (*)(CLI::App&, Invocation&)> subcommands{
      add_simulate,   add_preprocess, add_calibrate, add_reconstruct, add_check_gradient, add_inspect, add_compare,
      add_resolution, add_export,     add_report,    add_watch,       add_history,        add_manual,
  };
  for (auto* add : subcommands) add(app, call);
  try {
    app.parse(argc, argv);
    if (!call.run) throw CLI::RequiredError("a command, such as reconstruct,");
  } catch (const CLI::Success& help) {
    return guarded_main_serial([&] {
      std::ostringstream text;
      const int code = app.exit(help, text);
      print_whole(text.str());
      return code;
    });
  } catch (const CLI::ExtrasError&) {
    return guarded_main_serial([&]() -> int {
      throw InputError(ExitCode::usage, unknown_words_text(app.remaining(true), !app.get_subcommands().empty()));
    });
  } catch (const CLI::ParseError& error) {
    return guarded_main_serial(
        [&]() -> int { throw InputError(ExitCode::usage, std::string(error.what()) + "; see tessera --help"); });
  }
  return call.run();
}
