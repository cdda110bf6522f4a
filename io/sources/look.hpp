#pragma once

#include <optional>

#include "io/sources/source.hpp"

namespace tessera {

/// The formats that are read, as data.format names them.
const std::vector<std::string>& source_formats();

/// Looks at what a user names: what format it has, where its frames lie, what its metadata say. Serial: one rank asks,
/// others get `source_text`. InputError (data_missing, data_wrong, run_file) where it is not there, is damaged, or is
/// no format that is read; the last tells how to convert it.
Source look_at(const SourceRequest& request, PatternAxes axes = PatternAxes::pixels);

/// The shape of the dataset that is named, as it is stored, patterns or channels; nothing where none is named, or it
/// holds lists of electrons.
std::optional<std::vector<Index>> named_shape(const SourceRequest& request);

}  // namespace tessera
