#pragma once

#include <string_view>

namespace tessera {

/// Lawrencium: the last element that scattering factors are known of.
inline constexpr int largest_atomic_number = 103;

/// Atomic number of an element's symbol ("Mo"), or 0 when there is no such element.
int atomic_number(std::string_view symbol);

/// The symbol of atomic number `Z`, 1 to largest_atomic_number.
std::string_view element_symbol(int Z);

}  // namespace tessera
