#pragma once

#include <string>

namespace tessera {

/// Every key of a run file with unit, default, allowed values and meaning, from the option table.
std::string manual_text();

}  // namespace tessera
