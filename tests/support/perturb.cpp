#include <cmath>
#include <map>

#include "tests/support/noise.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

constexpr std::uint64_t unknown_seed = 9;  // beside those of small_problem.cpp

}  // namespace

void perturb(Parameter& parameter, const std::vector<Index>& ids, double size) {
  const std::size_t components = parameter.extent() == Extent::position && !ids.empty()
                                     ? parameter.value.size() / ids.size()
                                     : parameter.value.size();
  for (std::size_t i = 0; i < parameter.value.size(); ++i) {
    const std::size_t item = i / components, component = i % components;
    const Index key = parameter.extent() == Extent::position ? ids[item] : 0;
    const double noise = normal(unknown_seed, key * 1000003 + static_cast<Index>(component));
    parameter.value[i] += size * (std::isfinite(parameter.row->lower_bound) ? std::abs(noise) : noise);
  }
}

double usual_size(const std::string& name) {
  const std::map<std::string, double> sizes{{"probe", 1},
                                            {"aberrations", 3},
                                            {"probe_relaxation", 0.05},
                                            {"positions", 0.1},
                                            {"dose", 0.1},
                                            {"background", 0.5},
                                            {"descan", 0.3},
                                            {"tilt", 0.01},
                                            {"tilts", 0.01},
                                            {"thickness", 0.1},
                                            {"gaps", 1},
                                            {"psf", 0.05},
                                            {"states", 0.3},
                                            {"relaxation_waves", 1}};
  return sizes.at(name);
}

template <class Real>
void perturb_all(Problem<Real>& problem) {
  for (Parameter& parameter : problem.parameters())
    if (!parameter.row->always) perturb(parameter, problem.setup().ids, usual_size(parameter.row->name));
}

template void perturb_all(Problem<float>&);
template void perturb_all(Problem<double>&);

}  // namespace tessera::testing
