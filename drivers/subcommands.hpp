#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "src/workflow/options/options.hpp"
#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// One call of the program: the parser fills `line` and chooses what is run.
struct Invocation {
  int argc = 0;
  char** argv = nullptr;
  CommandLine line;
  std::function<int()> run;
};

/// Each adds its subcommand with help and example to the program.
void add_simulate(CLI::App& app, Invocation& call);
void add_preprocess(CLI::App& app, Invocation& call);
void add_reconstruct(CLI::App& app, Invocation& call);
void add_check_gradient(CLI::App& app, Invocation& call);
void add_calibrate(CLI::App& app, Invocation& call);
void add_inspect(CLI::App& app, Invocation& call);
void add_compare(CLI::App& app, Invocation& call);
void add_report(CLI::App& app, Invocation& call);
void add_watch(CLI::App& app, Invocation& call);
void add_history(CLI::App& app, Invocation& call);
void add_export(CLI::App& app, Invocation& call);
void add_resolution(CLI::App& app, Invocation& call);
void add_manual(CLI::App& app, Invocation& call);

/// The run file and the options that every command with a run file has.
void add_run_file_options(CLI::App& subcommand, CommandLine& line);

/// Prints the run file with every default filled in; needs no MPI.
int print_config(const CommandLine& line, Command command);

}  // namespace tessera
