#include "src/workflow/reconstruct/run_end.hpp"

#include <optional>

#include "io/text_file.hpp"
#include "src/arrays/gpu.hpp"
#include "src/parallel/gpu_of_rank.hpp"
#include "src/workflow/report/report.hpp"

namespace tessera {

std::string gpu_in_words(const Comm& comm, const RunOptions& options) {
  const std::optional<int> ordinal = gpu_of_rank(comm);
  if (!ordinal || options.run.device == DeviceChoice::host || options.run.device == DeviceChoice::debug) return "";
  const gpu::Card card = gpu::card(*ordinal);
  return fmt::format("{} ({})", card.name, card.bus_id);
}

void show_at_end(const RunOptions& options, const std::shared_ptr<const RunFacts>& facts, RunRecord& record) {
  record.at_end(
      [directory = options.output.directory, report = options.output.report, facts](const std::string& status) {
        if (report) write_report(directory, status);
        if (facts) write_text_atomically(directory + "/ro-crate-metadata.json", ro_crate(*facts, directory, status));
      });
}

}  // namespace tessera
