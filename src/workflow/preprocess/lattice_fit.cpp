#include "src/workflow/preprocess/lattice_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "src/base/constants.hpp"

namespace tessera {

namespace {

/// Columns are the lattice's vectors.
Matrix2 as_columns(const LatticeVectors& lattice) { return {lattice[0], lattice[2], lattice[1], lattice[3]}; }
LatticeVectors as_vectors(const Matrix2& columns) { return {columns[0], columns[2], columns[1], columns[3]}; }

/// Columns a*, b* with a.a* = 1 and a.b* = 0; and back.
Matrix2 reciprocal(const Matrix2& columns) { return transposed(inverse(columns)); }

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

/// What takes measured reciprocal vectors to those of the reference, in real space, and its turn.
struct Undone {
  Matrix2 affine;
  double turn_rad;
};

Undone undone(const Matrix2& measured, const Matrix2& reference, const PointYX& fast) {
  const Matrix2 map = product(reciprocal(reference), inverse(reciprocal(measured)));
  const PointYX to = mapped(map, fast);
  const double turn = std::remainder(std::atan2(fast.y, fast.x) - std::atan2(to.y, to.x), 2 * pi);
  const double c = std::cos(turn), s = std::sin(turn);
  return {product({c, s, -s, c}, map), turn};
}

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

/// Pairs of spots with pairs of indices that are near enough to the reference.
std::vector<Candidate> all_lattices(const ScanSpectrum& spectrum, const std::vector<Spot>& spots,
                                    const Matrix2& reference) {
  const Matrix2 to_bins = inverse(spectrum.to_k), from_reference = inverse(reference);
  const std::vector<PointYX> multiples = small_indices();
  const auto may_be = [&](const Spot& spot, const PointYX& index) {
    const PointYX place = mapped(reference, index);
    const double ratio = std::hypot(spot.k.y, spot.k.x) / std::hypot(place.y, place.x);
    return ratio < most_strain && ratio > 1 / most_strain;
  };
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < spots.size(); ++i)
    for (std::size_t j = i + 1; j < spots.size(); ++j)
      for (const PointYX& first : multiples) {
        if (!may_be(spots[i], first)) continue;
        for (const PointYX& second : multiples) {
          const Matrix2 index{first.y, second.y, first.x, second.x};
          if (determinant(index) == 0 || !may_be(spots[j], second)) continue;
          const Matrix2 seen{spots[i].k.y, spots[j].k.y, spots[i].k.x, spots[j].k.x};
          const Matrix2 vectors = product(seen, inverse(index)), map = product(vectors, from_reference);
          const auto [long_side, short_side] = stretches(map);
          if (determinant(map) <= 0 || long_side > most_strain || short_side < 1 / most_strain) continue;
          all.push_back({.reciprocal = vectors,
                         .score = score_of(spectrum, spots, vectors, to_bins),
                         .strain = long_side / short_side - 1 + std::abs(std::log(long_side * short_side)),
                         .turn_rad = std::atan2(map[1] - map[2], map[0] + map[3])});
        }
      }
  return all;
}

/// Of the candidates on which as much lies as on any, the least strained, then the least turned, first.
std::vector<Candidate> best_lattices(std::vector<Candidate> all) {
  double most = 0;
  for (const Candidate& one : all) most = std::max(most, one.score);
  std::erase_if(all, [&](const Candidate& one) { return one.score <= 0 || one.score < 0.99 * most; });
  // Strains that differ by rounding, or by what noise makes of one lattice from several pairs, are the same.
  double least = std::numeric_limits<double>::infinity();
  for (const Candidate& one : all) least = std::min(least, one.strain);
  std::ranges::sort(all, [&](const Candidate& a, const Candidate& b) {
    const bool first = a.strain < least + 0.01, second = b.strain < least + 0.01;
    if (first != second) return first;
    return std::abs(a.turn_rad) < std::abs(b.turn_rad);
  });
  return all;
}

/// Whether vectors of the same lattice are the best ones but for a symmetry of the reference.
bool is_same(const Matrix2& best, const Matrix2& other, const Matrix2& reference) {
  Matrix2 whole = product(inverse(best), other);
  for (double& value : whole) value = std::round(value);
  const auto [long_side, short_side] = stretches(product(product(reference, whole), inverse(reference)));
  constexpr double rounding = 2e-3;
  return std::abs(long_side - 1) < rounding && std::abs(short_side - 1) < rounding;
}

/// Sums of the least squares of spots s on the lattice, each with the weight w of its power: vectors = right normal^-1.
struct SpotSums {
  Matrix2 normal{}, right{};
  double misses = 0;  ///< sum of w |s - place|^2
  Index spots = 0;
};

SpotSums sums_on(const ScanSpectrum& spectrum, const std::vector<Spot>& spots, const Matrix2& vectors) {
  const Matrix2 to_indices = inverse(vectors), to_bins = inverse(spectrum.to_k);
  SpotSums sums;
  for (const Spot& spot : spots) {
    const PointYX n = indices(to_indices, spot.k), place = mapped(vectors, n);
    if (!lies_at(spectrum, to_bins, spot.k, place)) continue;
    const double w = spot.power;
    const Matrix2 normal{n.y * n.y, n.y * n.x, n.x * n.y, n.x * n.x};
    const Matrix2 right{spot.k.y * n.y, spot.k.y * n.x, spot.k.x * n.y, spot.k.x * n.x};
    for (std::size_t i = 0; i < 4; ++i) {
      sums.normal[i] += w * normal[i];
      sums.right[i] += w * right[i];
    }
    sums.misses += w * (std::pow(spot.k.y - place.y, 2) + std::pow(spot.k.x - place.x, 2));
    ++sums.spots;
  }
  return sums;
}

/// Relative standard error of the worse vector: noise moves the top of a peak by 0.6 resolved frequencies over the root
/// of its power along each axis, or by more where the spots miss the lattice by more.
double error_of(const ScanSpectrum& spectrum, const SpotSums& sums, const Matrix2& vectors) {
  const Matrix2& k = spectrum.to_k;
  const double resolved = spectrum.pad * std::max(std::hypot(k[0], k[2]), std::hypot(k[1], k[3]));
  double variance = std::pow(0.6 * resolved, 2);
  if (sums.spots > 2) variance = std::max(variance, sums.misses / (2 * static_cast<double>(sums.spots - 2)));
  const Matrix2 covariance = inverse(sums.normal);
  return std::sqrt(variance * std::max(covariance[0] / (vectors[0] * vectors[0] + vectors[2] * vectors[2]),
                                       covariance[3] / (vectors[1] * vectors[1] + vectors[3] * vectors[3])));
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

std::optional<LatticeFit> fit_lattice(const ScanSpectrum& spectrum, const LatticeVectors& reference_A,
                                      const PointYX& fast_A) {
  const Matrix2 reference = reciprocal(as_columns(reference_A));
  const std::vector<Spot> spots = find_spots(spectrum);
  const std::vector<Candidate> best = best_lattices(all_lattices(spectrum, spots, reference));
  if (best.empty()) return std::nullopt;
  Matrix2 vectors = best.front().reciprocal;
  constexpr int rounds = 3;  // as spots come to lie on it, or off it
  for (int round = 0; round < rounds; ++round) {
    const SpotSums sums = sums_on(spectrum, spots, vectors);
    if (sums.spots < 2 || !(determinant(sums.normal) > 0)) return std::nullopt;
    vectors = product(sums.right, inverse(sums.normal));
  }
  const SpotSums sums = sums_on(spectrum, spots, vectors);
  if (sums.spots < 2 || !(determinant(sums.normal) > 0)) return std::nullopt;
  const Undone found = undone(vectors, reference, fast_A);
  LatticeFit fit{.measured_A = as_vectors(reciprocal(vectors)),
                 .affine = found.affine,
                 .turn_rad = found.turn_rad,
                 .error = error_of(spectrum, sums, vectors),
                 .spots = sums.spots,
                 .off = static_cast<Index>(spots.size()) - sums.spots,
                 .rival = {}};
  for (const Candidate& other : best)
    if (!fit.rival && !is_same(best.front().reciprocal, other.reciprocal, reference))
      fit.rival = undone(other.reciprocal, reference, fast_A).affine;
  return fit;
}

}  // namespace tessera
