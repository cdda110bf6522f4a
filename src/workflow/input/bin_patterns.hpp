#pragma once

#include <cstddef>
#include <span>

#include "kernels/pixel_type.hpp"
#include "src/model/detector_setup.hpp"

namespace tessera {

/// The type that holds sums of up to 16 x 16 counts: 16 bits for 8, 32 for 16 and 32, float for float.
PixelType summed_type(PixelType type);

/// Sums the pixels of a pattern [y, x] in FFT order where the axes, as long as the pattern, say so. `sums` holds
/// elements of summed_type(type). Throws InputError when a sum of 32-bit counts does not fit.
void sum_pattern(const DetectorAxis& rows, const DetectorAxis& columns, PixelType type, std::span<const std::byte> from,
                 std::span<std::byte> sums);

}  // namespace tessera
