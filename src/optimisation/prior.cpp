#include "src/optimisation/prior.hpp"

#include <cmath>

#include "src/optimisation/orthonormal.hpp"
#include "src/optimisation/parameter.hpp"

namespace tessera {

namespace {

std::vector<double> deviation(const Parameter& parameter) {
  std::vector<double> rho(parameter.value.size());
  for (std::size_t i = 0; i < rho.size(); ++i) rho[i] = parameter.value[i] - parameter.start[i];
  return rho;
}

}  // namespace

PriorBasis affine_basis(const Comm& comm, std::span<const PointYX> positions_A) {
  std::vector<std::vector<double>> columns(3);
  for (const PointYX& position : positions_A) {
    columns[0].push_back(1);
    columns[1].push_back(position.y);
    columns[2].push_back(position.x);
  }
  columns = orthonormal(comm, std::move(columns));
  PriorBasis basis{.columns = static_cast<Index>(columns.size()), .entries_each = columns.size(), .entries = {}};
  for (std::size_t j = 0; j < positions_A.size(); ++j)
    for (std::size_t c = 0; c < columns.size(); ++c) basis.entries.push_back({static_cast<Index>(c), columns[c][j]});
  return basis;
}

PriorBasis line_basis(const Comm& comm, std::span<const Index> lines, Index count) {
  std::vector<double> lengths(static_cast<std::size_t>(count), 0.0);
  for (const Index line : lines) lengths[static_cast<std::size_t>(line)] += 1;
  comm.sum(lengths);
  PriorBasis basis{.columns = count, .entries_each = 1, .entries = {}};
  for (const Index line : lines)
    basis.entries.push_back({line, 1 / std::sqrt(lengths[static_cast<std::size_t>(line)])});
  return basis;
}

std::vector<double> Prior::coefficients(std::span<const double> rho) const {
  const std::size_t components = positions() > 0 ? rho.size() / positions() : 0;
  std::vector<double> sums(static_cast<std::size_t>(basis_.columns) * components, 0.0);
  for (std::size_t e = 0; e < basis_.entries.size(); ++e)
    for (std::size_t c = 0; c < components; ++c)
      sums[static_cast<std::size_t>(basis_.entries[e].column) * components + c] +=
          basis_.entries[e].weight * rho[e / basis_.entries_each * components + c];
  return sums;
}

double Prior::value(double squares, std::span<const double> coefficients) const {
  double free = 0;
  for (const double coefficient : coefficients) free += coefficient * coefficient;
  return (squares - free) * curvature() / 2;
}

void Prior::add_gradient(std::span<const double> rho, std::span<const double> coefficients,
                         std::span<double> to) const {
  for (std::size_t i = 0; i < rho.size(); ++i) to[i] += rho[i] * curvature();
  const std::size_t components = positions() > 0 ? rho.size() / positions() : 0;
  for (std::size_t e = 0; e < basis_.entries.size(); ++e)
    for (std::size_t c = 0; c < components; ++c)
      to[e / basis_.entries_each * components + c] -=
          basis_.entries[e].weight * coefficients[static_cast<std::size_t>(basis_.entries[e].column) * components + c] *
          curvature();
}

std::vector<PointYX> nominal_positions(std::span<const Placement> placements, const ObjectFrame& frame) {
  std::vector<PointYX> positions_A;
  for (const Placement& at : placements)
    positions_A.push_back({(static_cast<double>(at.corner.y) + at.fy) * frame.dy_A,
                           (static_cast<double>(at.corner.x) + at.fx) * frame.dx_A});
  return positions_A;
}

std::vector<Prior> make_priors(const Comm& comm, const UnknownRow& row, const UnknownSettings& settings,
                               const ScanLayout& scan) {
  std::vector<Prior> priors;
  if (const double sigma = settings.number(row.prior_key); sigma > 0) priors.emplace_back(sigma);
  for (const FreedomPrior& more : row.freedom_priors) {
    const double sigma = settings.number(more.key);
    if (sigma <= 0) continue;
    const bool affine = more.free == PriorFreedom::affine;
    priors.emplace_back(sigma,
                        affine ? affine_basis(comm, scan.positions_A) : line_basis(comm, scan.lines, scan.line_count));
  }
  return priors;
}

PriorSums::PriorSums(SharedSum& sum, const Comm& comm, std::span<const Parameter> parameters) {
  for (const Parameter& parameter : parameters) {
    const std::vector<double> rho = deviation(parameter);
    double squares = 0;  // of a global parameter once
    if (parameter.extent() == Extent::position || comm.is_root())
      for (const double value : rho) squares += value * value;
    Parts& parts = parts_.emplace_back(Parts{.squares = sum.add(squares), .coefficients = {}});
    for (const Prior& prior : parameter.priors) parts.coefficients.push_back(sum.add(prior.coefficients(rho)));
  }
}

double PriorSums::finish(const SharedSum& sum, std::span<Parameter> parameters) const {
  double total = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Parameter& parameter = parameters[i];
    const std::vector<double> rho = deviation(parameter);
    for (std::size_t k = 0; k < parameter.priors.size(); ++k) {
      const std::span<const double> coefficients = sum.values(parts_[i].coefficients[k]);
      total += parameter.priors[k].value(sum.value(parts_[i].squares), coefficients);
      if (parameter.active) parameter.priors[k].add_gradient(rho, coefficients, parameter.gradient);
    }
  }
  return total;
}

}  // namespace tessera
