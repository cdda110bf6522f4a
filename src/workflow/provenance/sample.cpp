#include "src/workflow/provenance/sample.hpp"

#include <cstdio>
#include <utility>

#include "io/text_file.hpp"
#include "src/base/elements.hpp"
#include "src/base/error.hpp"
#include "src/base/words.hpp"
#include "src/workflow/options/yaml_file.hpp"

namespace tessera {

namespace {

std::string text_in(const YamlNode& notebook, const char* key) {
  const YamlNode* const node = notebook.member(key);
  return node != nullptr && node->kind == YamlNode::Kind::scalar ? node->scalar : "";
}

/// "Mo, S" or [Mo, S].
std::vector<std::string> elements_in(const YamlNode& notebook) {
  std::vector<std::string> elements;
  const YamlNode* const node = notebook.member("atom_types");
  if (node == nullptr) return elements;
  for (const YamlNode& item : node->items) elements.push_back(item.scalar);
  std::string word;
  for (const char letter : node->scalar + ",") {
    if (letter != ',' && letter != ' ') word += letter;
    if (letter == ',' && !word.empty()) elements.push_back(std::exchange(word, ""));
  }
  return elements;
}

/// What the run file leaves open, from the notebook.
SampleOptions completed(SampleOptions sample) {
  constexpr std::size_t most_bytes = 1 << 20;
  if (sample.file.empty()) return sample;
  const auto text = read_bytes(sample.file, most_bytes);
  if (!text) throw InputError(ExitCode::data_missing, fmt::format("sample.file {} cannot be read", shown(sample.file)));
  const YamlNode root = parse_yaml(*text, sample.file);
  const YamlNode* const section = root.member("sample");
  const YamlNode& notebook = section == nullptr ? root : *section;
  const std::pair<const char*, std::string*> texts[] = {{"name", &sample.name},
                                                        {"description", &sample.description},
                                                        {"preparation_date", &sample.preparation_date},
                                                        {"start_time", &sample.start_time}};
  for (const auto& [key, value] : texts)
    if (value->empty()) *value = text_in(notebook, key);
  if (sample.atom_types.empty()) sample.atom_types = elements_in(notebook);
  if (const std::string word = text_in(notebook, "is_simulation"); !sample.is_simulation && !word.empty())
    sample.is_simulation = lower_case(word) == "true";
  return sample;
}

bool is_time(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, read = 0;
  const int found =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &read);
  return found == 6 && year > 1000 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 &&
         second <= 60 &&
         (text.ends_with('Z') || text.find_first_of("+-", static_cast<std::size_t>(read)) != std::string::npos);
}

void require_time(const char* key, const std::string& text) {
  if (text.empty() || is_time(text)) return;
  throw InputError(ExitCode::run_file, fmt::format("{} is {}; it must be a time with its zone, as "
                                                   "2026-05-04T10:30:00+02:00 or 2026-05-04T08:30:00Z",
                                                   key, shown(text)));
}

}  // namespace

std::optional<SampleEntry> sample_entry(const SampleOptions& options, const std::string& start_time) {
  const SampleOptions sample = completed(options);
  if (sample.file.empty() && sample.name.empty() && sample.description.empty() && sample.atom_types.empty() &&
      sample.preparation_date.empty() && sample.start_time.empty() && !sample.is_simulation)
    return std::nullopt;
  require_time("sample.preparation_date", sample.preparation_date);
  require_time("sample.start_time", sample.start_time);
  if (sample.atom_types.empty() || sample.preparation_date.empty())
    throw InputError(
        ExitCode::run_file,
        fmt::format("sample.{} is missing: a sample is told with atom_types and preparation_date, or not at all",
                    sample.atom_types.empty() ? "atom_types" : "preparation_date"));
  std::string atoms;
  for (const std::string& element : sample.atom_types) {
    if (atomic_number(element) == 0)
      throw InputError(ExitCode::run_file,
                       fmt::format("sample.atom_types has {}, which is no element", shown(element)));
    atoms += (atoms.empty() ? "" : ", ") + element;
  }
  return SampleEntry{.name = sample.name,
                     .description = sample.description,
                     .preparation_date = sample.preparation_date,
                     .atom_types = atoms,
                     .start_time = sample.start_time.empty() ? start_time : sample.start_time,
                     .is_simulation = sample.is_simulation.value_or(false)};
}

}  // namespace tessera
