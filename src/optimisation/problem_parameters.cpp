#include <algorithm>

#include "src/model/unknowns/rows.hpp"
#include "src/optimisation/prior.hpp"
#include "src/optimisation/problem.hpp"

// What Problem knows of the unknowns beside the object.
namespace tessera {

namespace {

/// Nominal positions about the frame's centre.
std::vector<double> about_centre(const std::vector<PointYX>& positions_A, const ObjectFrame& frame) {
  std::vector<double> scan;
  for (const PointYX& at : positions_A) {
    scan.push_back(at.y - static_cast<double>(frame.ny) * frame.dy_A / 2);
    scan.push_back(at.x - static_cast<double>(frame.nx) * frame.dx_A / 2);
  }
  return scan;
}

UnknownContext context_of(const ProblemSetup& setup, const std::vector<PointYX>& nominal_A, Index detector_ny,
                          Index detector_nx, const ComplexImage& probe) {
  return {.shape = setup.model.shape,
          .propagation = setup.model.propagation,
          .gaps_A = setup.model.gaps_A,
          .positions = static_cast<Index>(setup.placements.size()),
          .scan_A = about_centre(nominal_A, setup.frame),
          .ids = setup.ids,
          .scan_count = static_cast<Index>(setup.tiling.owner.size()),
          .lines = setup.lines,
          .detector_ny = detector_ny,
          .detector_nx = detector_nx,
          .psf_px = setup.model.psf_px,
          .aperture_invA = setup.aperture_invA,
          .probe = as_reals(probe),
          .settings = {}};
}

}  // namespace

void check_unknowns(const ProblemSetup& setup, Index detector_ny, Index detector_nx, const ComplexImage& probe) {
  UnknownContext context =
      context_of(setup, nominal_positions(setup.placements, setup.frame), detector_ny, detector_nx, probe);
  for (const UnknownChoice& choice : setup.unknowns) {
    context.settings = choice.settings;
    choice.row->make(context);
  }
}

template <class Real>
void Problem<Real>::make_parameters(const ComplexImage& probe) {
  const std::vector<PointYX> nominal_A = nominal_positions(setup_.placements, setup_.frame);
  UnknownContext context = context_of(setup_, nominal_A, data_.ny(), data_.nx(), probe);
  for (const UnknownRow& row : unknown_rows()) {
    const auto chosen = std::ranges::find_if(setup_.unknowns, [&](const UnknownChoice& choice) {
      return choice.row->name == (row.part_of.empty() ? row.name : row.part_of);
    });
    if (chosen == setup_.unknowns.end() && !row.always) continue;
    context.settings = chosen == setup_.unknowns.end() ? UnknownSettings{} : chosen->settings;
    Parameter parameter;
    TESSERA_ASSERT(!row.wanders || row.extent == Extent::position, row.name);
    parameter.row = &row;
    parameter.map = row.make(context);
    parameter.prior = context.settings.number(row.prior_key);
    parameter.priors = make_priors(comm_, row, context.settings, {nominal_A, setup_.lines, setup_.line_count});
    parameter.start = parameter.map->start();
    parameter.start.resize(static_cast<std::size_t>(parameter.map->count(row.extent, context.positions)), 0.0);
    parameter.value = parameter.start;
    parameter.active = true;
    parameters_.push_back(std::move(parameter));
  }
}

template <class Real>
Parameter* Problem<Real>::parameter(const std::string& name) {
  const auto found =
      std::ranges::find_if(parameters_, [&](const Parameter& parameter) { return parameter.row->name == name; });
  return found == parameters_.end() ? nullptr : &*found;
}

template <class Real>
Instrument Problem<Real>::instrument() const {
  Instrument instrument = model_->neutral();
  for (const Parameter& parameter : parameters_) parameter.map->apply(parameter.value, instrument);
  return instrument;
}

template <class Real>
Instrument Problem<Real>::change_along(const Parameter& parameter, std::span<const double> direction) const {
  Instrument change = no_change(instrument());
  parameter.map->tangent(parameter.value, direction, change);
  return change;
}

template void Problem<float>::make_parameters(const ComplexImage&);
template void Problem<double>::make_parameters(const ComplexImage&);
template Parameter* Problem<float>::parameter(const std::string&);
template Parameter* Problem<double>::parameter(const std::string&);
template Instrument Problem<float>::instrument() const;
template Instrument Problem<double>::instrument() const;
template Instrument Problem<float>::change_along(const Parameter&, std::span<const double>) const;
template Instrument Problem<double>::change_along(const Parameter&, std::span<const double>) const;

}  // namespace tessera
