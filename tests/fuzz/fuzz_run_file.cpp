// Run files: any bytes, for one of the two commands.
#include <cstdint>
#include <string>

#include "src/workflow/options/options.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tessera;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto names = [&](const char* section) { return text.find(section) != std::string::npos; };
  const Command command = names("preprocess") ? Command::preprocess
                          : names("simulate") ? Command::simulate
                                              : Command::reconstruct;
  // It reads the options as a run does, and writes them down.
  fuzz::survives([&] { resolved_yaml(text, "/fuzz/run.yaml", {}, command); });
  return 0;
}
