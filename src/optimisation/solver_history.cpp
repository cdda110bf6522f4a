#include "src/optimisation/solver_history.hpp"

namespace tessera {

void SolverHistory::add(const Objective& objective, Vec x, Vec gradient) {
  Point point;
  if (points_.size() == most_) {
    point = std::move(points_.front());
    points_.pop_front();
  } else {
    point = {objective.make_vector(), objective.make_vector()};
  }
  check_petsc(VecCopy(x, point.x), "VecCopy");
  check_petsc(VecCopy(gradient, point.gradient), "VecCopy");
  objective.unscale(point.x, point.gradient);
  points_.push_back(std::move(point));
}

void SolverHistory::restore(std::size_t i, const Objective& objective, Vec x, Vec gradient) const {
  check_petsc(VecCopy(points_[i].x, x), "VecCopy");
  check_petsc(VecCopy(points_[i].gradient, gradient), "VecCopy");
  objective.rescale(x, gradient);
}

}  // namespace tessera
