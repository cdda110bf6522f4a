#include "src/base/error.hpp"

#include <string_view>

namespace tessera::detail {

void assertion_failed(const char* file, int line, const char* condition, const std::string& values) {
  std::string_view name = file;
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  throw Error(ExitCode::internal, fmt::format("internal error at {}:{}: {} does not hold; values:{} (please report it)",
                                              name, line, condition, values.empty() ? " none" : values));
}

}  // namespace tessera::detail
