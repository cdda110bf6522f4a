#include "src/workflow/reconstruct/parameter_pictures.hpp"

#include <algorithm>
#include <cmath>

#include "io/pictures.hpp"
#include "src/base/median.hpp"
#include "src/geometry/centred.hpp"

namespace tessera {

namespace {

double moved_A(const PointYX& from, const PointYX& to) { return std::hypot(to.y - from.y, to.x - from.x); }

/// A round factor that makes the typical arrow as long as a part of the field.
double magnification(double typical_A, double field_A) {
  constexpr double part = 0.02;
  if (typical_A <= 0) return 1;
  const double wanted = part * field_A / typical_A, decade = std::pow(10, std::floor(std::log10(wanted)));
  const double digit = wanted / decade;
  return std::max(1.0, decade * (digit >= 5 ? 5 : digit >= 2 ? 2 : 1));
}

void write_moves(const std::vector<PointYX>& from, const std::vector<PointYX>& to, const Image& phase,
                 const std::string& name, const std::string& directory) {
  constexpr std::size_t most_arrows = 2000;
  const ObjectFrame& frame = phase.frame;
  std::vector<double> lengths;
  double squares = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    lengths.push_back(moved_A(from[i], to[i]));
    squares += lengths.back() * lengths.back();
  }
  const double field_A =
      std::min(static_cast<double>(frame.ny) * frame.dy_A, static_cast<double>(frame.nx) * frame.dx_A);
  const double times = magnification(median(lengths), field_A);
  std::vector<Arrow> arrows;
  for (std::size_t i = 0; i < from.size(); i += (from.size() + most_arrows - 1) / most_arrows) {
    const double y = (from[i].y - frame.origin_A.y) / frame.dy_A, x = (from[i].x - frame.origin_A.x) / frame.dx_A;
    arrows.push_back(
        {y, x, y + times * (to[i].y - from[i].y) / frame.dy_A, x + times * (to[i].x - from[i].x) / frame.dx_A});
  }
  write_arrow_picture(directory + "/" + name + ".png", {frame.ny, frame.nx, phase.values}, frame.dy_A, frame.dx_A,
                      fmt::format("{} moved {:.3g} \u00c5 rms, arrows x {:.3g}", name,
                                  std::sqrt(squares / static_cast<double>(from.size())), times),
                      arrows);
}

}  // namespace

template <class Real>
void write_parameter_pictures(const Problem<Real>& problem, const Experiment& experiment, const Image& phase,
                              const std::string& directory) {
  for (const Parameter& parameter : problem.parameters()) {
    const UnknownRow& row = *parameter.row;
    const bool is_map = row.axes == std::vector<std::string>{"ky", "kx"};
    if (!row.wanders && !is_map) continue;
    std::vector<PointYX> positions;
    if (row.wanders) positions = refined_positions(problem, experiment);
    problem.comm().agree([&] {
      if (!problem.comm().is_root()) return;
      if (row.wanders) write_moves(experiment.positions_A, positions, phase, row.name, directory);
      if (!is_map) return;
      const std::vector<Index> shape = parameter.map->shape();
      write_map_picture(directory + "/" + row.name + ".png",
                        {shape[0], shape[1], centred(parameter.value, shape[0], shape[1])}, row.name, row.unit);
    });
  }
}

template void write_parameter_pictures(const Problem<float>&, const Experiment&, const Image&, const std::string&);
template void write_parameter_pictures(const Problem<double>&, const Experiment&, const Image&, const std::string&);

}  // namespace tessera
