#include "src/base/error.hpp"

#include <string_view>

namespace tessera {

std::string text_of(const std::bad_alloc& error) {
  const auto* const with_size = dynamic_cast<const AllocationError*>(&error);
  return with_size != nullptr ? with_size->what() : out_of_memory;
}

namespace detail {

void assertion_failed(const char* file, int line, const char* condition, const std::string& values) {
  std::string_view name = file;
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  throw Error(ExitCode::internal, fmt::format("internal error at {}:{}: {} does not hold; values:{} (please report it)",
                                              name, line, condition, values.empty() ? " none" : values));
}

}  // namespace detail
}  // namespace tessera
