#include "kernels/reduce.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

/// Sixteen partial sums a row: independent, so that the loop becomes vector code without reordering by the compiler.
template <class Real>
struct RowSum {
  View3<const Real> values;
  double* row_sums;
  TESSERA_HD void operator()(Index p, Index, Index y) const {
    constexpr Index lanes = 16;
    double partial[lanes] = {};
    const Real* const row = &values(p, y, 0);
    Index x = 0;
    for (; x + lanes <= values.nx; x += lanes)
      for (Index i = 0; i < lanes; ++i) partial[i] += static_cast<double>(row[x + i]);
    double total = 0;
    for (; x < values.nx; ++x) total += static_cast<double>(row[x]);
    for (const double lane : partial) total += lane;
    row_sums[p * values.ny + y] = total;
  }
};

}  // namespace

template <class Real>
double sum(DeviceKind device, View3<const Real> values, Array<double>& row_sums) {
  TESSERA_ASSERT(values.n * values.ny <= row_sums.count(), values.n, values.ny, row_sums.count());
  launch(device, values.n, 1, values.ny, RowSum<Real>{.values = values, .row_sums = row_sums.data()});
  std::vector<double> rows(static_cast<std::size_t>(values.n * values.ny));
  row_sums.download(rows);
  double total = 0;
  for (const double row : rows) total += row;
  return total;
}

template double sum(DeviceKind, View3<const float>, Array<double>&);
template double sum(DeviceKind, View3<const double>, Array<double>&);

}  // namespace tessera
