#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {
namespace {

OptionEntry kind_entry() {
  std::vector<std::pair<std::string, RegulariserKind>> choices;
  std::string meaning = "penalty";
  for (const RegulariserRow& row : regulariser_rows()) {
    choices.emplace_back(row.name, row.kind);
    meaning += fmt::format("{} {}: {}", choices.size() == 1 ? ":" : ";", row.name, row.meaning);
  }
  return choice_entry<RegulariserKind>(
      {"regularisers[].kind", "", "null", meaning}, choices,
      [](auto& o) -> auto& { return o.regularisers.back().kind; });
}

/// The kinds that read a key, for its meaning.
std::string readers(const std::string& key) {
  std::string names;
  for (const RegulariserRow& row : regulariser_rows())
    if (std::ranges::count(row.keys, key) > 0) names += (names.empty() ? "" : ", ") + row.name;
  return names;
}

}  // namespace

std::vector<OptionEntry> regulariser_entries() {
  OptionEntry epsilon = number_entry(
      {"regularisers[].epsilon_rad", "rad", "0.005",
       fmt::format("rounds the corner of |x| at zero (0.005, tv: 0.01; {})", readers("epsilon_rad"))},
      limits::epsilon_rad, [](auto& o) -> auto& { return o.regularisers.back().epsilon_rad; });
  epsilon.computed_default = [](const RunOptions& o) {
    return fmt::format("{}", regulariser_row(o.regularisers.back().kind).epsilon_rad);
  };
  return {
      kind_entry(),
      choice_entry<RegulariserTarget>(
          {"regularisers[].of", "", "phase", "part of the object that is penalised"},
          {{"phase", RegulariserTarget::phase}, {"absorption", RegulariserTarget::absorption}},
          [](auto& o) -> auto& { return o.regularisers.back().of; }),
      number_entry(
          {"regularisers[].weight", "", "null",
           "factor of the penalty in the loss; 1: as much as the data say of a voxel, on any grid and at any dose"},
          limits::weight, [](auto& o) -> auto& { return o.regularisers.back().weight; }),
      epsilon,
      number_entry(
          {"regularisers[].z_weight", "", "0",
           fmt::format("of differences between slices against those within one ({})", readers("z_weight"))},
          limits::weight, [](auto& o) -> auto& { return o.regularisers.back().z_weight; }),
      number_entry(
          {"regularisers[].beta", "", "1",
           fmt::format("the wedge ends where k in cycles a pixel is beta times kz in cycles a slice ({})",
                       readers("beta"))},
          limits::slope, [](auto& o) -> auto& { return o.regularisers.back().beta; }),
      number_entry(
          {"regularisers[].eta", "", "0.1",
           fmt::format("holds the weights of empty voxels below max|x|/(eta mean|x|) ({})", readers("eta"))},
          limits::eta, [](auto& o) -> auto& { return o.regularisers.back().eta; }),
      number_entry(
          {"regularisers[].ratio", "", "0", fmt::format("absorption over phase ({})", readers("ratio"))},
          limits::absorption_ratio, [](auto& o) -> auto& { return o.regularisers.back().ratio; }),
  };
}

}  // namespace tessera::detail
