#pragma once

#include <complex>
#include <optional>
#include <span>
#include <string>

#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// InputError, with `key` in front, where a dataset (y, x) or (slice, y, x) cannot be an object: by its units, by the
/// axes of a result's array, by its type, or by the values in the middle of its first plane. Serial; reads at most a
/// megapixel.
void require_object(const std::string& key, const DatasetRef& from);

/// Why numbers are no transmission, or no phase [rad]; nothing where they may be. A transmission lets between a
/// hundredth and twice of the electrons through, as a whole, and nowhere more than nine times; few phases reach 1000
/// rad.
std::optional<std::string> no_transmission(std::span<const std::complex<double>> values);
std::optional<std::string> no_phase(std::span<const double> values);

}  // namespace tessera
