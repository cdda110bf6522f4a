#include "src/model/probe.hpp"

#include <cstdio>

#include "src/base/constants.hpp"

int main() {
  const tessera::Grid window{64, 64, 0.2, 0.2};
  auto probe = tessera::make_probe(window, tessera::electron_wavelength_A(80e3), 0.02, {{1, 0, 100.0, 0}});
  tessera::scale_to(probe, 1000);
  std::printf("%.6f electrons\n", tessera::power(probe));
}
