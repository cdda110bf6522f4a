#pragma once

#include "src/decomposition/overlap_exchange.hpp"
#include "src/geometry/tiling.hpp"
#include "src/model/object_variables.hpp"

namespace tessera {

/// The object's variables on this rank's owned box and its transmission on the work box: the only owner of the
/// representation and of the exchange. Transmission and its gradient on the work box belong to the forward model.
template <class Real>
class ObjectField {
 public:
  ObjectField(const Comm& comm, const ExchangePlace& place, Representation representation, Index planes,
              const Tiling& tiling, const RepresentationConstants& constants = {});

  ObjectVariables<Real>& variables() { return variables_; }
  const Box& owned() const { return exchange_.plan().owned; }

  /// Takes new work boxes; owners must be the same.
  void follow(const Comm& comm, const Tiling& tiling);

  /// T on the owned box from the variables: this rank's own work, may throw.
  void compute();
  /// d_t on the owned box along a direction of the variables, at the last `compute`: this rank's own work.
  void compute_tangent(const Array<Real>& direction);
  /// Owned values to every work box that holds them (collective): T, or the tangent.
  void refresh(View3<Complex<Real>> work) { exchange_.refresh(owned_t(), work); }
  void refresh_tangent(View3<Complex<Real>> work);

  /// The sum over all ranks' work boxes into the owners, in steps so that it hides behind work (collective).
  OverlapExchange<Complex<Real>>& exchange() { return exchange_; }
  const OverlapExchange<Complex<Real>>& exchange() const { return exchange_; }
  void finish_add(View3<Complex<Real>> work) { exchange_.finish_add(work, owned_t_bar()); }
  /// The variables' gradient from the sum.
  void collect() { variables_.adjoint(owned_t(), owned_t_bar()); }

  std::vector<Complex<Real>> owned_transmission() {
    compute();
    return owned_t_.to_vector();
  }
  std::size_t bytes() const { return variables_.bytes() + owned_t_.bytes() + owned_t_bar_.bytes() + exchange_.bytes(); }

 private:
  View3<Complex<Real>> owned_t() { return owned_t_.view(planes_, owned().height(), owned().width()); }
  View3<Complex<Real>> owned_t_bar() { return owned_t_bar_.view(planes_, owned().height(), owned().width()); }

  Index planes_;
  ObjectVariables<Real> variables_;
  Array<Complex<Real>> owned_t_, owned_t_bar_;  ///< [plane, y, x] on the owned box; t_bar serves tangents, too
  OverlapExchange<Complex<Real>> exchange_;
};

}  // namespace tessera
