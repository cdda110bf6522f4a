#pragma once

#include <string>
#include <vector>

#include "src/base/error.hpp"

namespace tessera {

/// A part of what a process will hold. Sizes are doubles: they are products of numbers that a user gave, which must not
/// wrap around, and a forecast needs no more than their 53 bits.
struct MemoryPart {
  std::string what;  ///< "the object of 300 x 300 pixels in 20 slices"
  double bytes = 0;
  std::string reason;                  ///< which key or data made it so, and what to change
  ExitCode code = ExitCode::run_file;  ///< with which it is refused
};

/// What a process will hold at once.
struct MemoryNeed {
  std::vector<MemoryPart> parts;

  double bytes() const;
  const MemoryPart& largest() const;
};

/// Something that makes a part large: how many times larger than without it.
struct MemoryCause {
  double factor = 1;
  std::string reason;
  ExitCode code = ExitCode::run_file;
};

/// The part, with the cause of the largest factor as its reason.
MemoryPart memory_part(std::string what, double bytes, const std::vector<MemoryCause>& causes);

/// "512 MiB", "1.5 GiB", "3.2e+06 GiB".
std::string bytes_text(double bytes);

}  // namespace tessera
