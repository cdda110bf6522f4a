#include "src/workflow/preprocess/lattice_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "src/workflow/preprocess/lattice.hpp"

namespace tessera {

namespace {

/// A place where the spectrum stands out.
struct Spot {
  PointYX k;  ///< [1/A]
  double power = 0;
};

/// Columns are the lattice's vectors.
Matrix2 as_columns(const LatticeVectors& lattice) { return {lattice[0], lattice[2], lattice[1], lattice[3]}; }
LatticeVectors as_vectors(const Matrix2& columns) { return {columns[0], columns[2], columns[1], columns[3]}; }

/// Columns a*, b* with a.a* = 1 and a.b* = 0; and back.
Matrix2 reciprocal(const Matrix2& columns) { return transposed(inverse(columns)); }

/// By how much of a bin the top lies beside the middle of three, of which the logarithm is a parabola.
double beside(double before, double at, double after) {
  if (!(before > 0) || !(after > 0)) return 0;
  const double l = std::log(before), m = std::log(at), r = std::log(after);
  const double curvature = l - 2 * m + r;
  return curvature < 0 ? std::clamp(0.5 * (l - r) / curvature, -0.5, 0.5) : 0;
}

/// The top at bin (y, x), compared with its neighbours in the same units, so that noise which changes with |k| does not
/// move it; nothing where a neighbour is as high.
std::optional<PointYX> top_at(const ScanSpectrum& spectrum, Index y, Index x) {
  const Index ny = spectrum.ny, nx = spectrum.nx, middle = (y + ny) % ny * nx + (x + nx) % nx;
  const auto at = [&](Index dy, Index dx) {
    return spectrum.power((y + dy + ny) % ny * nx + (x + dx + nx) % nx, middle);
  };
  const double here = at(0, 0);
  for (Index dy = -1; dy <= 1; ++dy)
    for (Index dx = -1; dx <= 1; ++dx)
      if ((dy != 0 || dx != 0) && at(dy, dx) >= here) return std::nullopt;
  return mapped(spectrum.to_k, {static_cast<double>(y) + beside(at(-1, 0), here, at(1, 0)),
                                static_cast<double>(x) + beside(at(0, -1), here, at(0, 1))});
}

/// Of each bin the largest share, of all channels, of the channel's strongest power.
std::vector<double> shares_of_strongest(const ScanSpectrum& spectrum) {
  std::vector<double> shares(spectrum.radius.size(), 0.0);
  for (const ScanSpectrum::Channel& channel : spectrum.channels) {
    double strongest = 0;
    for (std::size_t i = 0; i < shares.size(); ++i)
      if (spectrum.radius[i] >= 0) strongest = std::max(strongest, channel.power[i]);
    for (std::size_t i = 0; strongest > 0 && i < shares.size(); ++i)
      shares[i] = std::max(shares[i], channel.power[i] / strongest);
  }
  return shares;
}

/// Local tops above the threshold in the half plane ky > 0, the strongest first.
std::vector<Spot> find_spots(const ScanSpectrum& spectrum) {
  constexpr std::size_t most = 40;
  constexpr double weakest = 2e-3;  // above the side lobes of the taper
  const Index ny = spectrum.ny, nx = spectrum.nx;
  const std::vector<double> shares = shares_of_strongest(spectrum);
  const double threshold = spectrum.threshold();
  std::vector<Spot> spots;
  for (Index y = 0; y <= ny / 2; ++y)
    for (Index x = -(nx / 2); x < (nx + 1) / 2; ++x) {
      const Index bin = y * nx + (x + nx) % nx;
      if ((y == 0 && x <= 0) || shares[bin] < weakest) continue;
      const double power = spectrum.power(bin);
      if (power < threshold) continue;
      if (const auto k = top_at(spectrum, y, x)) spots.push_back({*k, power});
    }
  std::ranges::sort(spots, [](const Spot& a, const Spot& b) { return a.power > b.power; });
  if (spots.size() > most) spots.resize(most);
  return spots;
}

/// Singular values of a matrix, the larger one first.
std::array<double, 2> stretches(const Matrix2& m) {
  const double plus = std::hypot(m[0] + m[3], m[1] - m[2]), minus = std::hypot(m[0] - m[3], m[1] + m[2]);
  return {(plus + minus) / 2, std::abs(plus - minus) / 2};
}

/// A hypothesis: reciprocal vectors as columns, and what speaks for it.
struct Candidate {
  Matrix2 reciprocal{};
  double score = 0, strain = 0, turn_rad = 0;
};

constexpr double most_strain = 1.25;

/// Which whole multiples of the vectors come nearest.
PointYX indices(const Matrix2& to_indices, const PointYX& k) {
  const PointYX exact = mapped(to_indices, k);
  return {std::round(exact.y), std::round(exact.x)};
}

/// Whether a spot lies at a place, as far as it is resolved.
bool lies_at(const ScanSpectrum& spectrum, const Matrix2& to_bins, const PointYX& k, const PointYX& place) {
  constexpr double tolerance = 0.7;  // of a resolved frequency
  const PointYX apart = mapped(to_bins, {k.y - place.y, k.x - place.x});
  return std::hypot(apart.y, apart.x) <= tolerance * spectrum.pad;
}

/// Of how many lattice points sums of these reach one: the greatest common divisor of all their determinants.
long points_reached(const std::vector<PointYX>& seen) {
  long divisor = 0;
  for (std::size_t i = 0; i < seen.size() && divisor != 1; ++i)
    for (std::size_t j = i + 1; j < seen.size(); ++j)
      divisor = std::gcd(divisor, std::lround(seen[i].y * seen[j].x - seen[i].x * seen[j].y));
  return divisor;
}

double score_of(const ScanSpectrum& spectrum, const std::vector<Spot>& spots, const Matrix2& vectors,
                const Matrix2& to_bins) {
  const Matrix2 to_indices = inverse(vectors);
  const double threshold = spectrum.threshold();
  double score = 0;
  std::vector<PointYX> seen;
  for (const Spot& spot : spots) {
    const PointYX index = indices(to_indices, spot.k);
    if (!lies_at(spectrum, to_bins, spot.k, mapped(vectors, index))) continue;
    score += std::log(spot.power / threshold) + 1;
    seen.push_back(index);
  }
  return points_reached(seen) <= 2 ? score : 0;
}

/// Indices up to 2 without a common divisor.
std::vector<PointYX> small_indices() {
  std::vector<PointYX> all;
  for (int h = -2; h <= 2; ++h)
    for (int k = -2; k <= 2; ++k)
      if ((h != 0 || k != 0) && std::gcd(h, k) == 1) all.push_back({static_cast<double>(h), static_cast<double>(k)});
  return all;
}

/// The lattice on which most lies; of those on which as much does, the least strained, then the least turned.
std::optional<Candidate> best_lattice(const ScanSpectrum& spectrum, const std::vector<Spot>& spots,
                                      const Matrix2& reference) {
  const Matrix2 to_bins = inverse(spectrum.to_k);
  const std::vector<PointYX> multiples = small_indices();
  const auto may_be = [&](const Spot& spot, const PointYX& index) {
    const PointYX place = mapped(reference, index);
    const double ratio = std::hypot(spot.k.y, spot.k.x) / std::hypot(place.y, place.x);
    return ratio < most_strain && ratio > 1 / most_strain;
  };
  std::optional<Candidate> best;
  const auto better = [&](const Candidate& c) {
    if (!best || std::abs(c.score - best->score) > 0.01 * best->score) return !best || c.score > best->score;
    if (std::abs(c.strain - best->strain) > 0.01) return c.strain < best->strain;
    return std::abs(c.turn_rad) < std::abs(best->turn_rad) - 1e-6;
  };
  for (std::size_t i = 0; i < spots.size(); ++i)
    for (std::size_t j = i + 1; j < spots.size(); ++j)
      for (const PointYX& first : multiples) {
        if (!may_be(spots[i], first)) continue;
        for (const PointYX& second : multiples) {
          const Matrix2 index{first.y, second.y, first.x, second.x};
          if (determinant(index) == 0 || !may_be(spots[j], second)) continue;
          const Matrix2 seen{spots[i].k.y, spots[j].k.y, spots[i].k.x, spots[j].k.x};
          const Matrix2 vectors = product(seen, inverse(index));
          const Matrix2 map = product(vectors, inverse(reference));
          const auto [long_side, short_side] = stretches(map);
          if (determinant(map) <= 0 || long_side > most_strain || short_side < 1 / most_strain) continue;
          const Candidate candidate{.reciprocal = vectors,
                                    .score = score_of(spectrum, spots, vectors, to_bins),
                                    .strain = long_side / short_side - 1 + std::abs(std::log(long_side * short_side)),
                                    .turn_rad = std::atan2(map[1] - map[2], map[0] + map[3])};
          if (candidate.score > 0 && better(candidate)) best = candidate;
        }
      }
  return best;
}

/// Least squares of the spots on the lattice, each with the weight of its power.
LatticeFit refined(const ScanSpectrum& spectrum, const std::vector<Spot>& spots, Matrix2 vectors) {
  const Matrix2 to_bins = inverse(spectrum.to_k);
  LatticeFit fit;
  double error_invA = 0, sum = 0, length = 0;
  for (int round = 0; round < 3; ++round) {
    const Matrix2 to_indices = inverse(vectors);
    Matrix2 normal{}, right{};
    fit.spots = 0;
    error_invA = sum = length = 0;
    for (const Spot& spot : spots) {
      const PointYX n = indices(to_indices, spot.k), place = mapped(vectors, n);
      if (!lies_at(spectrum, to_bins, spot.k, place)) continue;
      const double w = spot.power;
      normal = {normal[0] + w * n.y * n.y, normal[1] + w * n.y * n.x, normal[2] + w * n.x * n.y,
                normal[3] + w * n.x * n.x};
      right = {right[0] + w * spot.k.y * n.y, right[1] + w * spot.k.y * n.x, right[2] + w * spot.k.x * n.y,
               right[3] + w * spot.k.x * n.x};
      ++fit.spots;
      sum += w;
      length += w * std::hypot(place.y, place.x);
      error_invA += w * (std::pow(spot.k.y - place.y, 2) + std::pow(spot.k.x - place.x, 2));
    }
    vectors = product(right, inverse(normal));
  }
  // Of each spot, along an axis: what it misses the lattice by, or, where few do not tell, what noise does to the top
  // of a peak of this power, 0.6 resolved frequencies over its root. Two vectors of n spots.
  const double resolved = std::sqrt(std::abs(determinant(spectrum.to_k))) * spectrum.pad;
  const auto n = static_cast<double>(fit.spots);
  const double scatter = n > 2 ? std::sqrt(error_invA / sum * n / (2 * (n - 2))) : 0;
  fit.error = std::max(scatter, 0.6 * resolved * std::sqrt(n / sum)) * std::sqrt(2 / n) / (length / sum);
  fit.off = static_cast<Index>(spots.size()) - fit.spots;
  fit.measured_A = as_vectors(reciprocal(vectors));
  return fit;
}

}  // namespace

double shortest_frequency(const LatticeVectors& lattice_A) {
  const Matrix2 vectors = reciprocal(as_columns(lattice_A));
  double shortest = std::numeric_limits<double>::infinity();
  for (const PointYX& index : small_indices()) {
    const PointYX k = mapped(vectors, index);
    shortest = std::min(shortest, std::hypot(k.y, k.x));
  }
  return shortest;
}

std::optional<LatticeFit> fit_lattice(const ScanSpectrum& spectrum, const LatticeVectors& reference_A) {
  const std::vector<Spot> spots = find_spots(spectrum);
  const auto best = best_lattice(spectrum, spots, reciprocal(as_columns(reference_A)));
  if (!best) return std::nullopt;
  LatticeFit fit = refined(spectrum, spots, best->reciprocal);
  const Matrix2 undone = lattice_affine(fit.measured_A, reference_A);
  fit.turn_rad = -std::atan2(undone[1], undone[3]);  // x, as the affine leaves it, comes back to x
  return fit;
}

}  // namespace tessera
