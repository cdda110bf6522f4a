#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {

std::vector<OptionEntry> calibrate_entries() {
  return {
      number_entry(
          {"calibrate.patterns", "", "16384",
           "patterns in the middle of the scan that virtual images and centres of mass are made of, at most"},
          limits::survey_patterns, [](auto& o) -> auto& { return o.calibrate.patterns; }),
      number_entry(
          {"calibrate.trial_patterns", "", "256",
           "patterns of each short reconstruction that compares two calibrations; those of a patch of the scan"},
          limits::trial_patterns, [](auto& o) -> auto& { return o.calibrate.trial_patterns; }),
      number_entry(
          {"calibrate.gradients", "", "8", "gradients of each of them"}, limits::trial_gradients,
          [](auto& o) -> auto& { return o.calibrate.gradients; }),
  };
}

}  // namespace tessera::detail
