#include "src/model/aberrations.hpp"

#include <cmath>
#include <numeric>

#include "src/base/constants.hpp"
#include "src/base/error.hpp"
#include "src/model/unknown.hpp"

namespace tessera {

namespace {

/// A Cartesian coefficient: C_nm (m = 0), or its part a (cosine) or b (sine).
struct Term {
  int n = 1, m = 0;
  bool sine = false;
};

/// The terms of C10, C12, ...: one for m = 0, two (a, b) otherwise.
std::vector<Term> terms_of(const std::vector<std::string>& names) {
  std::vector<Term> terms;
  for (const std::string& name : names) {
    const bool well_formed = name.size() == 3 && name[0] == 'C' && name[1] >= '1' && name[1] <= '5' && name[2] >= '0' &&
                             name[2] <= name[1] + 1 && (name[1] - name[2]) % 2 != 0;
    if (!well_formed)
      throw InputError(ExitCode::run_file,
                       fmt::format("{} is not an aberration; names are C10, C12, C21, C23, C30, ... C56", name), true);
    const int n = name[1] - '0', m = name[2] - '0';
    terms.push_back({n, m, false});
    if (m > 0) terms.push_back({n, m, true});
  }
  return terms;
}

/// Changes of aberrations [A], C_nma and C_nmb (Krivanek et al., Ultramicroscopy 78 (1999) 1): the incident phase is
/// less by chi = 2 pi/lambda sum alpha^(n+1)/(n+1) (C_nma cos m phi + C_nmb sin m phi).
class Aberrations : public LinearUnknown {
 public:
  explicit Aberrations(const UnknownContext& context) : count_(static_cast<std::size_t>(context.shape.window.count())) {
    const Grid& window = context.shape.window;
    const double lambda_A = context.propagation.wavelength_A;
    for (const Term& term : terms_of(context.settings.names)) {
      std::vector<double> table;
      for (Index y = 0; y < window.ny; ++y)
        for (Index x = 0; x < window.nx; ++x) {
          const double ky = window.ky_invA(y), kx = window.kx_invA(x);
          const double alpha = lambda_A * std::hypot(ky, kx), phi = std::atan2(ky, kx);
          const Aberration one{
              .n = term.n, .m = term.m, .magnitude_A = 1, .azimuth_rad = term.sine ? quarter(term) : 0};
          table.push_back(aberration_phase_rad({one}, lambda_A, alpha, phi));
        }
      chi_.push_back(std::move(table));
    }
  }
  std::vector<Index> shape() const override { return {static_cast<Index>(chi_.size())}; }
  void add(std::span<const double> values, Instrument& to) const override {
    for (std::size_t l = 0; l < chi_.size(); ++l) add_scaled(chi_[l], -values[l], to.sites.front().phase);
  }
  void want(Instrument& gradient) const override { gradient.sites.front().phase.resize(count_); }
  void adjoint(std::span<const double>, const Instrument& gradient, std::span<double> to) const override {
    const std::vector<double>& phase = gradient.sites.front().phase;
    for (std::size_t l = 0; l < chi_.size(); ++l)
      to[l] = -std::inner_product(chi_[l].begin(), chi_[l].end(), phase.begin(), 0.0);
  }

 private:
  /// sin(m phi) = cos(m (phi - pi/(2 m))).
  static double quarter(const Term& term) { return pi / (2 * term.m); }
  std::size_t count_;
  std::vector<std::vector<double>> chi_;  ///< [term][y, x] rad/A
};

}  // namespace

UnknownRow aberrations_row() {
  return {.name = "aberrations",
          .unit = "angstrom",
          .meaning = "changes of the probe's aberrations, a few numbers; before its pixels are refined",
          .extent = Extent::global,
          .axes = {"coefficient"},
          .names = "[C10, C12]",
          .needs_object = true,
          .within_probe = true,
          .make = [](const UnknownContext& context) { return std::make_unique<Aberrations>(context); }};
}

}  // namespace tessera
