#include "src/base/memory_need.hpp"

#include <algorithm>

#include "src/base/units.hpp"

namespace tessera {

double MemoryNeed::bytes() const {
  double sum = 0;
  for (const MemoryPart& part : parts) sum += part.bytes;
  return sum;
}

const MemoryPart& MemoryNeed::largest() const {
  TESSERA_ASSERT(!parts.empty());
  return *std::ranges::max_element(parts, {}, &MemoryPart::bytes);
}

MemoryPart memory_part(std::string what, double bytes, const std::vector<MemoryCause>& causes) {
  TESSERA_ASSERT(!causes.empty(), what);
  const MemoryCause& cause = *std::ranges::max_element(causes, {}, &MemoryCause::factor);
  return {.what = std::move(what), .bytes = bytes, .reason = cause.reason, .code = cause.code};
}

std::string bytes_text(double bytes) {
  const double mib = bytes / units::bytes_per_MiB;
  return mib < 1000 ? fmt::format("{:.0f} MiB", mib) : fmt::format("{:.4g} GiB", mib / 1024);
}

}  // namespace tessera
