#include "src/optimisation/problem.hpp"

namespace tessera {

template <class Real>
FitQuality Problem<Real>::quality() {
  update();
  SweepSums sums;
  comm_.agree([&] {
    sums = sweep_->quality(schedule_);
    if (sums.failure) std::rethrow_exception(sums.failure);
  });
  FitQuality& mine = sums.quality;
  for (std::vector<double>* plane : {&mine.residuals.excess, &mine.residuals.variance}) comm_.sum(*plane);
  double all[5] = {mine.residual, mine.root, mine.expected_loss, mine.held_out_residual, mine.held_out_root};
  comm_.sum(all);
  return {.residual = all[0],
          .root = all[1],
          .expected_loss = all[2],
          .held_out_residual = all[3],
          .held_out_root = all[4],
          .residuals = std::move(mine.residuals)};
}

template <class Real>
FittedAndHeldOut Problem<Real>::pixels() const {
  const FittedAndHeldOut mine = data_.pixels();
  double all[2] = {mine.fitted, mine.held_out};
  comm_.sum(all);
  return {.fitted = all[0], .held_out = all[1]};
}

template FitQuality Problem<float>::quality();
template FitQuality Problem<double>::quality();
template FittedAndHeldOut Problem<float>::pixels() const;
template FittedAndHeldOut Problem<double>::pixels() const;

}  // namespace tessera
