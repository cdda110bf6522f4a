#include "src/workflow/preprocess/data_provenance.hpp"

#include "src/workflow/provenance/run_facts.hpp"
#include "src/workflow/provenance/stored_provenance.hpp"

namespace tessera {

std::vector<PlainText> provenance_texts(const Comm& comm, const RunOptions& options, const CommandLine& line,
                                        const std::string& resolved_yaml, const std::string& start_time) {
  const RunTexts texts = texts_of_preprocess(options, resolved_yaml, start_time);
  const RunFacts facts = gather_facts(comm, options, line, texts, "");
  return {{DataProvenance::prov_json, prov_json(facts, "")},
          {DataProvenance::config_yaml, stored_config(options, texts)}};
}

}  // namespace tessera
