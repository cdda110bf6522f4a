#include <algorithm>
#include <numeric>

#include "src/base/error.hpp"
#include "src/model/unknown.hpp"

namespace tessera {

namespace {

void need_slices(const UnknownContext& context, const char* what) {
  if (context.shape.slices > 1) return;
  throw InputError(ExitCode::run_file, fmt::format("{} lie between slices, and there is one slice", what), true);
}

/// Change of each gap [A].
class Gaps : public LinearUnknown {
 public:
  explicit Gaps(std::size_t gaps) : gaps_(gaps) {}
  std::vector<Index> shape() const override { return {static_cast<Index>(gaps_)}; }
  void add(std::span<const double> values, Instrument& to) const override { add_scaled(values, 1, to.gap_A); }
  void want(Instrument& gradient) const override { gradient.gap_A.resize(gaps_); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    std::ranges::copy(gradient.gap_A, to.begin());
  }

 private:
  std::size_t gaps_;
};

/// Share by which all gaps are longer than nominal.
class Thickness : public LinearUnknown {
 public:
  explicit Thickness(const std::vector<double>& nominal_A) : nominal_A_(nominal_A) {}
  std::vector<Index> shape() const override { return {1}; }
  void add(std::span<const double> values, Instrument& to) const override {
    add_scaled(nominal_A_, values[0], to.gap_A);
  }
  void want(Instrument& gradient) const override { gradient.gap_A.resize(nominal_A_.size()); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    to[0] = std::inner_product(nominal_A_.begin(), nominal_A_.end(), gradient.gap_A.begin(), 0.0);
  }

 private:
  std::vector<double> nominal_A_;
};

}  // namespace

UnknownRow gaps_row() {
  return {.name = "gaps",
          .unit = "angstrom",
          .meaning = "change of the distance between each two slices",
          .extent = Extent::global,
          .axes = {"gap"},
          .keys = {{"prior_A", "2", 1e-3, 1e8, "standard deviation of the changes"}},
          .prior_key = "prior_A",
          .needs_object = true,
          .make = [](const UnknownContext& context) {
            need_slices(context, "gaps");
            return std::make_unique<Gaps>(context.gaps_A.size());
          }};
}

UnknownRow thickness_row() {
  return {.name = "thickness",
          .unit = "",
          .meaning = "share by which all distances between slices are longer than given",
          .extent = Extent::global,
          .axes = {"component"},
          .keys = {{"prior", "0.2", 1e-4, 10, "its standard deviation"}},
          .prior_key = "prior",
          .needs_object = true,
          .make = [](const UnknownContext& context) {
            need_slices(context, "distances");
            return std::make_unique<Thickness>(context.gaps_A);
          }};
}

}  // namespace tessera
