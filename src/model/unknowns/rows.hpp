#pragma once

#include <string>

#include "src/model/unknown.hpp"

namespace tessera {

/// Every unknown beside the object, in the order of manual and results: the one list of them.
const std::vector<UnknownRow>& unknown_rows();

/// The row of that name; it must exist.
const UnknownRow& unknown_row(const std::string& name);

}  // namespace tessera
