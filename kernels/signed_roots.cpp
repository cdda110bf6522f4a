#include "kernels/signed_roots.hpp"

#include <cmath>

#include "kernels/launch.hpp"
#include "src/base/random.hpp"

namespace tessera {

namespace {

template <class Real>
struct SignedRoots {
  std::uint64_t seed;
  const Index* name;
  View3<Real> weight;
  Moved moved(double points) const { return points * Moved{bytes_of<Real>, bytes_of<Real>}; }
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    const Index pixel = name[p] * weight.ny * weight.nx + y * weight.nx + x;
    const double root = std::sqrt(static_cast<double>(weight(p, y, x)));
    weight(p, y, x) = static_cast<Real>(random_bits(seed, pixel) % 2 == 0 ? root : -root);
  }
};

}  // namespace

template <class Real>
void signed_roots(const Lane& lane, std::uint64_t seed, const Index* name, View3<Real> weight) {
  launch(lane, weight.n, weight.ny, weight.nx, SignedRoots<Real>{.seed = seed, .name = name, .weight = weight});
}

template void signed_roots(const Lane&, std::uint64_t, const Index*, View3<float>);
template void signed_roots(const Lane&, std::uint64_t, const Index*, View3<double>);

}  // namespace tessera
