#include "src/workflow/calibrate/findings.hpp"

#include <algorithm>
#include <cmath>

#include "src/model/aberrations.hpp"

namespace tessera {

namespace {

double trace_of_product(const Matrix2& a, const Matrix2& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

double size_of(const Matrix2& m) { return std::sqrt(trace_of_product(m, m) / 2); }

Matrix2 negative(Matrix2 m) {
  for (double& element : m) element = -element;
  return m;
}

}  // namespace

Setting given_setting(const RunOptions& options) {
  const Orientation o{options.detector.flip_y, options.detector.flip_x, options.detector.transpose,
                      options.scan.rotation_rad};
  Setting setting{.to_scan = o.to_scan()};
  Matrix2 along_final{};
  for (const Aberration& a : aberrations_from(options.beam.aberrations)) {
    if (a.n != 1) continue;
    const double c = a.m == 2 ? a.magnitude_A * std::cos(2 * a.azimuth_rad) : 0;
    const double s = a.m == 2 ? a.magnitude_A * std::sin(2 * a.azimuth_rad) : 0;
    const double even = a.m == 0 ? a.magnitude_A : 0;
    const Matrix2 part{even - c, s, s, even + c};
    for (std::size_t i = 0; i < 4; ++i) along_final[i] += part[i];
  }
  const Matrix2 turned = o.on_detector();
  setting.defocus_A = product(product(transposed(turned), along_final), turned);
  return setting;
}

FirstGuess first_guess(const Setting& given, const ImageFindings& images, double semiangle_rad) {
  FirstGuess guess{.setting = given, .source = "the run file"};
  const auto& deflection = images.deflection;
  const auto& tilt = images.tilt;
  const bool by_deflection = deflection && deflection->sure(), by_tilt = tilt && tilt->sure();
  if (by_deflection) {
    guess.setting.to_scan = turn(deflection->turn_rad, deflection->mirrored);
    guess.turn_error_rad = deflection->turn_error_rad;
    guess.sign_known = deflection->sign_sure();
    guess.source = "the curl of the centres of mass";
  }
  if (by_tilt) {
    PolarParts parts = polar(tilt->shift);
    // Of the two signs the one that the deflections or, where these are silent, the run file's C10 says.
    const bool other =
        by_deflection ? trace_of_product(parts.orthogonal, guess.setting.to_scan) < 0 : given.C10_A() < 0;
    if (other) parts = {negative(parts.orthogonal), negative(parts.symmetric)};
    const double turn_error_rad = size_of(tilt->error) / size_of(tilt->shift);
    if (!by_deflection || turn_error_rad < guess.turn_error_rad) {
      guess.setting.to_scan = parts.orthogonal;
      guess.turn_error_rad = turn_error_rad;
      guess.source = "the displacement of bright-field images";
    }
    for (std::size_t i = 0; i < 4; ++i) guess.setting.defocus_A[i] = parts.symmetric[i] / semiangle_rad;
    guess.C10_error_A = size_of(tilt->error) / semiangle_rad;
  }
  guess.orientation_known = by_deflection || by_tilt;
  return guess;
}

std::vector<Setting> eight_ways(const Setting& setting) {
  std::vector<Setting> all;
  for (int bits = 0; bits < 8; ++bits) {
    const Orientation flips{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, 0};
    Setting next = setting;
    next.to_scan = product(setting.to_scan, flips.on_detector());
    all.push_back(next);
  }
  return all;
}

Choice choose(const std::vector<Candidate>& candidates) {
  // In focus a candidate turned by 180 degrees is its twin: as good as the candidate, and no rival.
  constexpr double as_good = 1e-3;
  const auto total = [](const std::vector<double>& losses) {
    double sum = 0;
    for (const double l : losses) sum += l;
    return sum;
  };
  Choice choice{.best = 0, .lead = 1};
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    const Candidate& best = candidates[choice.best];
    const double explained = total(best.start_loss) - total(best.loss);
    if (total(candidates[i].loss) < total(best.loss) - 1e-6 * std::abs(explained)) choice.best = i;
  }
  const Candidate& best = candidates[choice.best];
  for (std::size_t patch = 0; patch < best.loss.size(); ++patch)
    for (const Candidate& other : candidates) {
      if (&other == &best) continue;
      const double explained = std::max(best.start_loss[patch] - best.loss[patch], 1e-12);
      const double lead = (other.loss[patch] - best.loss[patch]) / explained;
      const bool turned = trace_of_product(other.setting.to_scan, best.setting.to_scan) < -1.9;
      if (!turned || std::abs(lead) > as_good) choice.lead = std::min(choice.lead, lead);
    }
  return choice;
}

}  // namespace tessera
