#include "tests/support/small_problem.hpp"

namespace tessera::testing {

template <class Real>
Index global_real(Problem<Real>& problem, Index i) {
  const ObjectVariables<Real>& object = problem.object();
  const Box& owned = problem.owned();
  const ObjectFrame& frame = problem.setup().frame;
  const Index voxel = object.voxel_of(i), plane = owned.count();
  const Index y = owned.y0 + voxel % plane / owned.width(), x = owned.x0 + voxel % owned.width();
  const bool pairs = object.representation() == Representation::complex_transmission;
  const Index part = pairs ? i % 2 : i / object.voxels();
  return 2 * ((voxel / plane * frame.ny + y) * frame.nx + x) + part;
}

template <class Real>
std::vector<double> gather_object(Problem<Real>& problem, const std::vector<Real>& mine) {
  const Index voxels = problem.shape().planes() * problem.setup().frame.box().count();
  std::vector<double> all(static_cast<std::size_t>(2 * voxels), 0.0);
  for (std::size_t i = 0; i < mine.size(); ++i)
    all[static_cast<std::size_t>(global_real(problem, static_cast<Index>(i)))] = static_cast<double>(mine[i]);
  problem.comm().sum(all);
  return all;
}

template <class Real>
std::vector<double> as_reals(const std::vector<Complex<Real>>& values) {
  std::vector<double> reals;
  for (const Complex<Real>& value : values) {
    reals.push_back(static_cast<double>(value.re));
    reals.push_back(static_cast<double>(value.im));
  }
  return reals;
}

template Index global_real(Problem<float>&, Index);
template Index global_real(Problem<double>&, Index);
template std::vector<double> gather_object(Problem<float>&, const std::vector<float>&);
template std::vector<double> gather_object(Problem<double>&, const std::vector<double>&);
template std::vector<double> as_reals(const std::vector<Complex<float>>&);
template std::vector<double> as_reals(const std::vector<Complex<double>>&);

}  // namespace tessera::testing
