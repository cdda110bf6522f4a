#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::architecture {

/// One broken rule: "path:line: what is wrong".
using Findings = std::vector<std::string>;

/// A repository in memory: path from its root to text. Planted violations are such maps of one or two files.
using Tree = std::map<std::string, std::string>;

/// The files below `root` that the rules hold for: sources, scripts and CMake files.
Tree read_tree(const std::string& root);

/// The layer table itself: rows that include only rows above them leave no cycle.
Findings check_layer_table();

/// Every file of src lies in a layer; which layers a file may include, and by which spelling.
Findings check_layers(const Tree& tree);

/// Model and analysis tell of numbers and units; which key of the run file they come from is the workflow's to add.
Findings check_keys(const Tree& tree);

/// Which layer may include mpi.h, hdf5.h, petsc*.h and the other libraries.
Findings check_foreign_headers(const Tree& tree);

/// At most 300 lines a file.
Findings check_length(const Tree& tree);

/// No commented-out code and no reminders of work left undone.
Findings check_leftovers(const Tree& tree);

/// Functions declared in a header of src, kernels or io must be called somewhere. A scan of identifiers: namesakes hide
/// each other, so what it reports is unused, but it does not find everything.
Findings check_unused_functions(const Tree& tree);

/// The lines of a text, without their ends.
std::vector<std::string_view> split_lines(std::string_view text);

}  // namespace tessera::architecture
