#include "src/model/scattering.hpp"

#include "src/base/elements.hpp"
#include "src/base/error.hpp"
#include "src/model/scattering_table.hpp"

namespace tessera {

double scattering_factor_A(int Z, double k2_invA2) {
  static_assert(lobato_van_dyck.size() == largest_atomic_number);
  TESSERA_ASSERT(Z >= 1 && Z <= largest_atomic_number, Z);
  const LobatoVanDyck& element = lobato_van_dyck[static_cast<std::size_t>(Z - 1)];
  double sum_A = 0;
  for (std::size_t i = 0; i < element.a.size(); ++i) {
    const double bk2 = element.b[i] * k2_invA2;
    sum_A += element.a[i] * (2 + bk2) / ((1 + bk2) * (1 + bk2));
  }
  return sum_A;
}

}  // namespace tessera
