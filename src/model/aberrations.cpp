#include "src/model/aberrations.hpp"

#include <cctype>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

/// The two digits n, m after the prefix of a name such as C10_A or phi12_deg.
std::pair<int, int> order_of(const std::string& name, std::size_t prefix) {
  const bool digits = name.size() >= prefix + 2 && std::isdigit(static_cast<unsigned char>(name[prefix])) &&
                      std::isdigit(static_cast<unsigned char>(name[prefix + 1]));
  if (!digits)
    throw InputError(ExitCode::run_file,
                     fmt::format("{} is not an aberration; names are C10_A, C12_A, phi12_deg, ... C56_A", name), true);
  return {name[prefix] - '0', name[prefix + 1] - '0'};
}

}  // namespace

std::vector<Aberration> aberrations_from(const std::vector<std::pair<std::string, double>>& named) {
  std::vector<Aberration> terms;
  const auto term = [&](int n, int m) -> Aberration& {
    for (Aberration& existing : terms)
      if (existing.n == n && existing.m == m) return existing;
    return terms.emplace_back(Aberration{.n = n, .m = m, .magnitude_A = 0, .azimuth_rad = 0});
  };
  for (const auto& [name, value] : named) {
    const bool angle = name.starts_with("phi");
    const auto [n, m] = order_of(name, angle ? 3 : 1);
    (angle ? term(n, m).azimuth_rad : term(n, m).magnitude_A) = value;
  }
  return terms;
}

double aberration_phase_rad(const std::vector<Aberration>& terms, double wavelength_A, double alpha_rad,
                            double phi_rad) {
  double path_A = 0;
  for (const Aberration& term : terms)
    path_A += std::pow(alpha_rad, term.n + 1) / (term.n + 1) * term.magnitude_A *
              std::cos(term.m * (phi_rad - term.azimuth_rad));
  return 2 * pi / wavelength_A * path_A;
}

}  // namespace tessera
