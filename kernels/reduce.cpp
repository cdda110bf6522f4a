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
  Moved moved(double points) const { return points * static_cast<double>(values.nx) * Moved{Term::bytes, 0}; }
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
  static constexpr double bytes = bytes_of<Real>;
  const Real* a;
  TESSERA_HD double operator()(Index i) const { return static_cast<double>(a[i]); }
};

template <class Real>
struct Product {
  static constexpr double bytes = bytes_of<Real, Real>;
  const Real *a, *b;
  TESSERA_HD double operator()(Index i) const { return static_cast<double>(a[i]) * static_cast<double>(b[i]); }
};

template <class Real>
struct Multiply {
  View3<const Real> a, b;
  View3<Real> product;
  Moved moved(double points) const { return points * Moved{2 * bytes_of<Real>, bytes_of<Real>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const { product(p, y, x) = a(p, y, x) * b(p, y, x); }
};

struct Total {
  const double* row_sums;
  Index rows;
  double* total;
  Moved moved(double points) const {
    return points * Moved{static_cast<double>(rows) * bytes_of<double>, bytes_of<double>};
  }
  TESSERA_HD void operator()(Index, Index, Index) const {
    double sum = 0;
    for (Index i = 0; i < rows; ++i) sum += row_sums[i];
    *total = sum;
  }
};

/// What one of `threads` threads of a GPU sums: every so many numbers, so that neighbours read neighbours.
template <class Term>
struct StridedSum {
  Index count, threads;
  Term term;
  double* sums;
  Moved moved(double points) const {
    return Moved{static_cast<double>(count) * Term::bytes, points * bytes_of<double>};
  }
  TESSERA_HD void operator()(Index, Index, Index thread) const {
    constexpr Index ahead = 8;  // so many numbers are asked for before the first is added
    double sum = 0;
    for (Index i = thread; i < count; i += ahead * threads) {
      double values[ahead];
      for (Index k = 0; k < ahead; ++k) values[k] = i + k * threads < count ? term(i + k * threads) : 0.0;
      for (const double value : values) sum += value;
    }
    sums[thread] = sum;
  }
};

struct SetNumber {
  double value;
  double* to;
  Moved moved(double points) const { return points * Moved{0, bytes_of<double>}; }
  TESSERA_HD void operator()(Index, Index, Index) const { *to = value; }
};

/// On a GPU in steps, each with a 32nd of the threads: a thread that reads many numbers waits for each of them.
template <class Term>
void total_on_gpu(const Lane& lane, Index count, Term term, double* to) {
  constexpr Index many = Index{1} << 16, fewer = many / 32, few = fewer / 32;
  double* const first = lane.scratch(many + fewer + few).data();
  double *const second = first + many, *const third = second + fewer;
  launch(lane, 1, 1, many, StridedSum<Term>{count, many, term, first});
  launch(lane, 1, 1, fewer, StridedSum<Value<double>>{many, fewer, {first}, second});
  launch(lane, 1, 1, few, StridedSum<Value<double>>{fewer, few, {second}, third});
  launch(lane, 1, 1, 1, Total{.row_sums = third, .rows = few, .total = to});
}

template <class Real, class Term>
void total_of(const Lane& lane, View3<const Real> values, Term term, double* to) {
  if (lane.device() == DeviceKind::cuda) return total_on_gpu(lane, values.count(), term, to);
  const Index rows = values.n * values.ny;
  Array<double>& scratch = lane.scratch(rows);
  launch(lane, values.n, 1, values.ny, RowSum<Real, Term>{.values = values, .term = term, .row_sums = scratch.data()});
  launch(lane, 1, 1, 1, Total{.row_sums = scratch.data(), .rows = rows, .total = to});
}

/// Calls total(place for the sum) and brings the sum to the host.
template <class Run>
double now(const Lane& lane, const Run& total) {
  Array<double> place(lane.device(), 1);
  total(place.data());
  return place.to_vector().front();
}

}  // namespace

template <class Real>
void sum(const Lane& lane, View3<const Real> values, double* to) {
  total_of(lane, values, Value<Real>{values.data}, to);
}

template <class Real>
void sum_product(const Lane& lane, View3<const Real> a, View3<const Real> b, double* to) {
  total_of(lane, a, Product<Real>{a.data, b.data}, to);
}

template <class Real>
double sum(const Lane& lane, View3<const Real> values) {
  return now(lane, [&](double* to) { sum<Real>(lane, values, to); });
}

template <class Real>
double sum_product(const Lane& lane, View3<const Real> a, View3<const Real> b) {
  return now(lane, [&](double* to) { sum_product<Real>(lane, a, b, to); });
}

void set_number(const Lane& lane, double value, double* to) { launch(lane, 1, 1, 1, SetNumber{value, to}); }

template <class Real>
void multiply(const Lane& lane, View3<const Real> a, View3<const Real> b, View3<Real> product) {
  launch(lane, a.n, a.ny, a.nx, Multiply<Real>{.a = a, .b = b, .product = product});
}

template void multiply(const Lane&, View3<const float>, View3<const float>, View3<float>);
template void multiply(const Lane&, View3<const double>, View3<const double>, View3<double>);
template void sum(const Lane&, View3<const float>, double*);
template void sum(const Lane&, View3<const double>, double*);
template void sum_product(const Lane&, View3<const float>, View3<const float>, double*);
template void sum_product(const Lane&, View3<const double>, View3<const double>, double*);
template double sum(const Lane&, View3<const float>);
template double sum(const Lane&, View3<const double>);
template double sum_product(const Lane&, View3<const float>, View3<const float>);
template double sum_product(const Lane&, View3<const double>, View3<const double>);

}  // namespace tessera
