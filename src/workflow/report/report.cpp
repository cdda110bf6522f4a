#include "src/workflow/report/report.hpp"

#include <fmt/format.h>

#include "io/text_file.hpp"
#include "src/workflow/report/page.hpp"
#include "src/workflow/start/outlet.hpp"

namespace tessera {

void write_report(const std::string& directory, const std::optional<std::string>& status) {
  write_text_atomically(directory + "/report.html", report_page(read_run_files(directory, status)));
}

int run_report(const CommandLine& line) {
  write_report(line.result);
  print_whole(fmt::format("{}/report.html\n", line.result));
  return 0;
}

}  // namespace tessera
