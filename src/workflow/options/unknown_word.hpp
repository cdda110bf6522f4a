#pragma once

#include <string>
#include <vector>

namespace tessera {

/// What to say of a key that is not in the table, to follow "unknown key KEY (PLACE); ": the nearest of `known`, by the
/// name of its section first. `key` is written as in the table, "regularisers[].weight".
std::string unknown_key_hint(const std::string& key, const std::vector<std::string>& known);

/// What to say of words of the command line that mean nothing, in their order; `has_command`: they follow one.
std::string unknown_words_text(const std::vector<std::string>& words, bool has_command);

}  // namespace tessera
