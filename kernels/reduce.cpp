#include "kernels/reduce.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

/// Sixteen partial sums a row: independent, so that the loop becomes vector code without reordering by the compiler.
template <class Real, class Term>
struct RowSum {
  View3<const Real> values;
  Term term;  ///< (row, x) to what is summed
  double* row_sums;
  TESSERA_HD void operator()(Index p, Index, Index y) const {
    constexpr Index lanes = 16;
    double partial[lanes] = {};
    const Index first = (p * values.ny + y) * values.nx;
    Index x = 0;
    for (; x + lanes <= values.nx; x += lanes)
      for (Index i = 0; i < lanes; ++i) partial[i] += term(first + x + i);
    double total = 0;
    for (; x < values.nx; ++x) total += term(first + x);
    for (const double lane : partial) total += lane;
    row_sums[p * values.ny + y] = total;
  }
};

template <class Real>
struct Value {
  const Real* a;
  TESSERA_HD double operator()(Index i) const { return static_cast<double>(a[i]); }
};

template <class Real>
struct Product {
  const Real *a, *b;
  TESSERA_HD double operator()(Index i) const { return static_cast<double>(a[i]) * static_cast<double>(b[i]); }
};

template <class Real>
struct Square {
  View3<const Real> values;
  View3<Real> squared;
  TESSERA_HD void operator()(Index p, Index y, Index x) const { squared(p, y, x) = values(p, y, x) * values(p, y, x); }
};

struct Total {
  const double* row_sums;
  Index rows;
  double* total;
  TESSERA_HD void operator()(Index, Index, Index) const {
    double sum = 0;
    for (Index i = 0; i < rows; ++i) sum += row_sums[i];
    *total = sum;
  }
};

template <class Real, class Term>
double total_of(const Lane& lane, View3<const Real> values, Term term) {
  const Index rows = values.n * values.ny;
  Array<double>& scratch = lane.scratch(rows + 1);
  launch(lane, values.n, 1, values.ny, RowSum<Real, Term>{.values = values, .term = term, .row_sums = scratch.data()});
  launch(lane, 1, 1, 1, Total{.row_sums = scratch.data(), .rows = rows, .total = scratch.data() + rows});
  double total = 0;
  scratch.download({&total, 1}, rows);
  return total;
}

}  // namespace

template <class Real>
double sum(const Lane& lane, View3<const Real> values) {
  return total_of(lane, values, Value<Real>{values.data});
}

template <class Real>
double sum_product(const Lane& lane, View3<const Real> a, View3<const Real> b) {
  return total_of(lane, a, Product<Real>{a.data, b.data});
}

template <class Real>
void square(const Lane& lane, View3<const Real> values, View3<Real> squared) {
  launch(lane, values.n, values.ny, values.nx, Square<Real>{.values = values, .squared = squared});
}

template void square(const Lane&, View3<const float>, View3<float>);
template void square(const Lane&, View3<const double>, View3<double>);
template double sum(const Lane&, View3<const float>);
template double sum(const Lane&, View3<const double>);
template double sum_product(const Lane&, View3<const float>, View3<const float>);
template double sum_product(const Lane&, View3<const double>, View3<const double>);

}  // namespace tessera
