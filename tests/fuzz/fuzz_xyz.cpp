// Files of atoms: any bytes.
#include <cstdint>
#include <string_view>

#include "io/xyz.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tessera;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto next_line = [&] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  };
  const std::string_view count = next_line(), comment = next_line();
  fuzz::survives([&] { parse_xyz_atoms(text, parse_xyz_header(count, comment), 3); });
  return 0;
}
