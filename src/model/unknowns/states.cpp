#include <cmath>
#include <numeric>

#include "src/base/error.hpp"
#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// Logarithms v of the weights of the object's states, w_o = exp(v_o)/sum exp(v): waves of state o are sqrt(w_o) as
/// strong.
class States : public Unknown {
 public:
  explicit States(Index states) : states_(static_cast<std::size_t>(states)) {}
  std::vector<Index> shape() const override { return {static_cast<Index>(states_)}; }
  std::vector<double> start() const override { return std::vector<double>(states_, 0.0); }
  void apply(std::span<const double> values, Instrument& to) const override {
    std::vector<double> logs;
    for (const double weight : weights(values)) logs.push_back(std::log(weight) / 2);
    add_scaled(logs, 1, to.state_log_amplitude);
  }
  void tangent(std::span<const double> values, std::span<const double> direction, Instrument& change) const override {
    const std::vector<double> w = weights(values);
    const double mean = std::inner_product(w.begin(), w.end(), direction.begin(), 0.0);
    std::vector<double> logs;
    for (const double value : direction) logs.push_back((value - mean) / 2);
    add_scaled(logs, 1, change.state_log_amplitude);
  }
  void want(Instrument& gradient) const override { gradient.state_log_amplitude.resize(states_); }
  void adjoint(std::span<const double> values, const Instrument& gradient, std::span<double> to) const override {
    const std::vector<double> w = weights(values);
    const std::vector<double>& from = gradient.state_log_amplitude;
    const double sum = std::accumulate(from.begin(), from.end(), 0.0);
    for (std::size_t o = 0; o < states_; ++o) to[o] = (from[o] - w[o] * sum) / 2;
  }

 private:
  static std::vector<double> weights(std::span<const double> values) {
    std::vector<double> w;
    for (const double value : values) w.push_back(std::exp(value));
    const double sum = std::accumulate(w.begin(), w.end(), 0.0);
    for (double& weight : w) weight /= sum;
    return w;
  }
  std::size_t states_;
};

}  // namespace

UnknownRow states_row() {
  return {.name = "states",
          .unit = "",
          .meaning = "logarithms of the weights of the object's states where it has several",
          .extent = Extent::global,
          .axes = {"state"},
          .make = [](const UnknownContext& context) {
            if (context.shape.states < 2)
              throw InputError(ExitCode::run_file, "weights of states can be refined where the object has several",
                               true);
            return std::make_unique<States>(context.shape.states);
          }};
}

}  // namespace tessera
