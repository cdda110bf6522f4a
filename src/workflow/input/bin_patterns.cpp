#include "src/workflow/input/bin_patterns.hpp"

#include <limits>
#include <type_traits>
#include <vector>

#include "src/base/error.hpp"

namespace tessera {

namespace {

template <class Stored, class Sum>
void sum_as(const DetectorAxis& rows, const DetectorAxis& columns, const std::byte* from, std::byte* to) {
  using Wide = std::conditional_t<std::is_integral_v<Stored>, std::uint64_t, double>;
  const auto* const pixels = reinterpret_cast<const Stored*>(from);
  auto* const sums = reinterpret_cast<Sum*>(to);
  const Index ny = static_cast<Index>(rows.target.size()), nx = static_cast<Index>(columns.target.size());
  std::vector<Wide> wide(static_cast<std::size_t>(rows.length * columns.length), Wide{0});
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x)
      if (rows.target[y] >= 0 && columns.target[x] >= 0)
        wide[rows.target[y] * columns.length + columns.target[x]] += static_cast<Wide>(pixels[y * nx + x]);
  for (std::size_t i = 0; i < wide.size(); ++i) {
    if (std::is_integral_v<Stored> && wide[i] > static_cast<Wide>(std::numeric_limits<Sum>::max()))
      throw InputError(ExitCode::data_wrong,
                       fmt::format("detector.bin: counts sum up to {}, more than 32 bits hold; a smaller bin, or "
                                   "patterns stored as float",
                                   wide[i]));
    sums[i] = static_cast<Sum>(wide[i]);
  }
}

}  // namespace

PixelType summed_type(PixelType type) {
  switch (type) {
    case PixelType::uint8:
      return PixelType::uint16;
    case PixelType::uint16:
    case PixelType::uint32:
      return PixelType::uint32;
    case PixelType::float32:
      return PixelType::float32;
  }
  return type;
}

void sum_pattern(const DetectorAxis& rows, const DetectorAxis& columns, PixelType type, std::span<const std::byte> from,
                 std::span<std::byte> sums) {
  TESSERA_ASSERT(from.size() == rows.target.size() * columns.target.size() * bytes_of(type), from.size());
  TESSERA_ASSERT(static_cast<Index>(sums.size()) == rows.length * columns.length * bytes_of(summed_type(type)),
                 sums.size());
  switch (type) {
    case PixelType::uint8:
      return sum_as<std::uint8_t, std::uint16_t>(rows, columns, from.data(), sums.data());
    case PixelType::uint16:
      return sum_as<std::uint16_t, std::uint32_t>(rows, columns, from.data(), sums.data());
    case PixelType::uint32:
      return sum_as<std::uint32_t, std::uint32_t>(rows, columns, from.data(), sums.data());
    case PixelType::float32:
      return sum_as<float, float>(rows, columns, from.data(), sums.data());
  }
}

}  // namespace tessera
