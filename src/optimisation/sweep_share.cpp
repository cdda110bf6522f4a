#include "src/optimisation/sweep_share.hpp"

#include <algorithm>

namespace tessera {

namespace {

/// The places of the parameters' gradients in the sum.
std::vector<SharedSum::Part> add_gradients(SharedSum& sum, std::vector<Parameter>& parameters) {
  std::vector<SharedSum::Part> parts;
  for (Parameter& parameter : parameters) {
    const bool global = parameter.active && parameter.extent() == Extent::global;
    parameter.gradient.resize(parameter.active ? parameter.value.size() : 0);
    parts.push_back(sum.add(global ? std::span<const double>(parameter.gradient) : std::span<const double>{}));
  }
  return parts;
}

}  // namespace

SweepShare::SweepShare(const Comm& comm, const SweepSums& sums, std::vector<Parameter>& parameters)
    : parameters_(parameters),
      loss_(sum_.add(sums.loss)),
      held_out_(sum_.add(sums.held_out)),
      expected_(sum_.add(sums.expected)),
      gradients_(add_gradients(sum_, parameters)),
      priors_(sum_, comm, parameters) {
  sum_.start(comm);
}

SweepShare::Totals SweepShare::finish() {
  sum_.finish();
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (gradients_[i].count > 0) std::ranges::copy(sum_.values(gradients_[i]), parameters_[i].gradient.begin());
  return {.loss = sum_.value(loss_),
          .held_out = sum_.value(held_out_),
          .expected = sum_.value(expected_),
          .priors = priors_.finish(sum_, parameters_)};
}

}  // namespace tessera
