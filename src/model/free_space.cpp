#include "src/model/free_space.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/constants.hpp"

namespace tessera {

namespace {

/// Component i (0: y, 1: x) of a tilt, 0 where there is none.
double tilt(const std::vector<double>& tan_tilt, std::size_t i) { return tan_tilt.empty() ? 0 : tan_tilt[i]; }

std::vector<double>& sized(std::vector<double>& values, std::size_t size) {
  values.resize(size, 0.0);
  return values;
}

}  // namespace

FreeSpace::FreeSpace(const Grid& window, const Propagation& propagation, const std::vector<double>& nominal_gaps_A)
    : window_(window), nominal_A_(nominal_gaps_A), tau_(propagation_phase_rad_per_A(window, propagation)) {
  for (double& value : tau_)
    if (std::isnan(value)) value = 0;
}

double FreeSpace::rate(const Instrument& instrument, Index pixel) const {
  return tau_[pixel] +
         2 * pi * (ky_invA(pixel) * tilt(instrument.tan_tilt, 0) + kx_invA(pixel) * tilt(instrument.tan_tilt, 1));
}

void FreeSpace::expand(Instrument& instrument) const {
  const bool tilted = tilt(instrument.tan_tilt, 0) != 0 || tilt(instrument.tan_tilt, 1) != 0;
  for (Index s = 0; s < gaps(); ++s) {
    const double gap_A = instrument.gap_A[s];
    PhaseSite& site = instrument.sites[s + 1];
    if (tilted || gap_A != nominal_A_[s]) {
      sized(site.phase, tau_.size());
      for (std::size_t i = 0; i < tau_.size(); ++i)
        site.phase[i] += rate(instrument, static_cast<Index>(i)) * gap_A - tau_[i] * nominal_A_[s];
    }
    if (instrument.tan_tilts.empty()) continue;
    sized(site.slope, instrument.tan_tilts.size());
    for (std::size_t i = 0; i < site.slope.size(); ++i)
      site.slope[i] += gap_A * instrument.tan_tilts[i] / (i % 2 == 0 ? window_.dy_A : window_.dx_A);
  }
}

void FreeSpace::expand_tangent(const Instrument& instrument, Instrument& direction) const {
  for (Index s = 0; s < gaps(); ++s) {
    const double gap_A = instrument.gap_A[s], d_gap_A = direction.gap_A.empty() ? 0 : direction.gap_A[s];
    PhaseSite& site = direction.sites[s + 1];
    if (d_gap_A != 0 || !direction.tan_tilt.empty()) {
      sized(site.phase, tau_.size());
      for (std::size_t i = 0; i < tau_.size(); ++i) {
        const Index pixel = static_cast<Index>(i);
        site.phase[i] += rate(instrument, pixel) * d_gap_A + 2 * pi * gap_A *
                                                                 (ky_invA(pixel) * tilt(direction.tan_tilt, 0) +
                                                                  kx_invA(pixel) * tilt(direction.tan_tilt, 1));
      }
    }
    const std::size_t count = std::max(direction.tan_tilts.size(), instrument.tan_tilts.size());
    if (count == 0) continue;
    sized(site.slope, count);
    for (std::size_t i = 0; i < count; ++i) {
      const double d_tilt = direction.tan_tilts.empty() ? 0 : direction.tan_tilts[i];
      const double at = instrument.tan_tilts.empty() ? 0 : instrument.tan_tilts[i];
      site.slope[i] += (gap_A * d_tilt + d_gap_A * at) / (i % 2 == 0 ? window_.dy_A : window_.dx_A);
    }
  }
}

void FreeSpace::want(const Instrument& instrument, Instrument& wanted, Index positions) const {
  const bool density = !wanted.gap_A.empty() || !wanted.tan_tilt.empty();
  const bool moments = !wanted.tan_tilts.empty() || (!wanted.gap_A.empty() && !instrument.tan_tilts.empty());
  for (Index s = 0; s < gaps(); ++s) {
    if (density) sized(wanted.sites[s + 1].phase, tau_.size());
    if (moments) sized(wanted.sites[s + 1].slope, static_cast<std::size_t>(2 * positions));
  }
}

void FreeSpace::collect(const Instrument& instrument, Instrument& gradient) const {
  for (std::vector<double>* const values : {&gradient.tan_tilt, &gradient.tan_tilts})
    values->assign(values->size(), 0.0);
  for (Index s = 0; s < gaps(); ++s) {
    const PhaseSite& site = gradient.sites[s + 1];
    const double gap_A = instrument.gap_A[s];
    double gap_bar = 0, y = 0, x = 0;
    for (std::size_t i = 0; i < site.phase.size(); ++i) {
      const Index pixel = static_cast<Index>(i);
      gap_bar += rate(instrument, pixel) * site.phase[i];
      y += ky_invA(pixel) * site.phase[i];
      x += kx_invA(pixel) * site.phase[i];
    }
    if (!gradient.tan_tilt.empty()) {
      gradient.tan_tilt[0] += 2 * pi * gap_A * y;
      gradient.tan_tilt[1] += 2 * pi * gap_A * x;
    }
    for (std::size_t i = 0; i < site.slope.size(); ++i) {
      const double per_A = site.slope[i] / (i % 2 == 0 ? window_.dy_A : window_.dx_A);
      if (!gradient.tan_tilts.empty()) gradient.tan_tilts[i] += gap_A * per_A;
      if (!instrument.tan_tilts.empty()) gap_bar += instrument.tan_tilts[i] * per_A;
    }
    if (!gradient.gap_A.empty()) gradient.gap_A[s] = gap_bar;
  }
}

}  // namespace tessera
