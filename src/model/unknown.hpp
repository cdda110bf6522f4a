#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/model/batch_waves.hpp"
#include "src/model/instrument.hpp"
#include "src/model/propagator.hpp"

namespace tessera {

/// How an unknown grows with the problem, and so who owns it: voxels follow the tiles, one per position lies with the
/// position, a global one is the same on every rank.
enum class Extent { voxel, position, global };

/// What a user gave for an unknown beside when it begins and ends, in the program's units.
struct UnknownSettings {
  std::map<std::string, double> numbers;
  /// The one of that name; 0 where it is off or was not given.
  double number(const std::string& name) const {
    const auto found = numbers.find(name);
    return found == numbers.end() ? 0 : found->second;
  }
  std::vector<std::string> names;
};

/// What unknowns are made from.
struct UnknownContext {
  ModelShape shape;
  Propagation propagation;
  std::vector<double> gaps_A;  ///< [slices - 1] nominal
  Index positions = 0;         ///< of this rank
  std::vector<double> scan_A;  ///< [position, 2] nominal (y, x) about one centre for all ranks
  std::vector<Index> ids;      ///< [position] its place in the whole scan, in the order of the file
  Index scan_count = 0;        ///< positions of the whole scan
  std::vector<Index> lines;    ///< [position] its scan line; empty where the scan has none
  Index detector_ny = 0, detector_nx = 0;
  double psf_px = 0;
  double aperture_invA = 0;   ///< radius of the beam's aperture; 0: not known
  std::vector<double> probe;  ///< [mode, y, x] (re, im) at the start
  UnknownSettings settings;
};

/// An unknown of the instrument: a smooth map from its own numbers into some members of an Instrument. Its values are
/// [position, components] of a rank, or [shape] on every rank; they are what the solver varies.
class Unknown {
 public:
  virtual ~Unknown() = default;
  /// Shape of its values: the components of one position, or the whole of a global one.
  virtual std::vector<Index> shape() const = 0;
  /// Values at the start; by default zero, which must leave the instrument as it is.
  virtual std::vector<double> start() const;
  /// Writes the values into the instrument; several unknowns add up.
  virtual void apply(std::span<const double> values, Instrument& to) const = 0;
  /// Adds what the instrument changes along `direction` to `change`.
  virtual void tangent(std::span<const double> values, std::span<const double> direction, Instrument& change) const = 0;
  /// Makes the members that `adjoint` reads as long as they must be.
  virtual void want(Instrument& gradient) const = 0;
  /// The adjoint of `tangent`: sets `to` from the instrument's gradient.
  virtual void adjoint(std::span<const double> values, const Instrument& gradient, std::span<double> to) const = 0;

  /// Directions [direction][value] along which the solver leaves it where it is, as the data hardly tell them from what
  /// other unknowns do; of one with values at positions this rank's part.
  virtual std::vector<std::vector<double>> held() const { return {}; }

  /// Takes out of values, or of a gradient, what a global one must not have: an orthogonal projection.
  virtual void confine(std::span<double>) const {}

  Index count(Extent extent, Index positions) const;
};

/// An unknown that enters linearly: one function does for values and directions.
class LinearUnknown : public Unknown {
 public:
  /// Adds `values` to the members that they belong to.
  virtual void add(std::span<const double> values, Instrument& to) const = 0;
  void apply(std::span<const double> values, Instrument& to) const final { add(values, to); }
  void tangent(std::span<const double>, std::span<const double> direction, Instrument& change) const final {
    add(direction, change);
  }
};

/// to += factor values, where `to` becomes as long as `values` when it is empty.
void add_scaled(std::span<const double> values, double factor, std::vector<double>& to);

/// A number that a user may give beside `from` and `until`.
struct UnknownKey {
  std::string name;          ///< with its unit, as the user writes it: prior_A
  std::string default_text;  ///< null: 0, for what is off
  double low, high;          ///< the numbers allowed, both included, in the user's unit
  std::string meaning;
  double factor = 1;   ///< user's unit to the program's
  bool whole = false;  ///< a whole number
};

/// What a further prior of positions' numbers leaves free: affine maps of the nominal positions, or one constant for
/// each line of the scan.
enum class PriorFreedom { affine, lines };

/// A key that holds the standard deviation of what is left beside that.
struct FreedomPrior {
  std::string key;
  PriorFreedom free = PriorFreedom::affine;
};

/// All that is known of an unknown by its name: keys, manual, bounds, result and tests follow from it. A new unknown is
/// a file in src/model/unknowns that makes such a row, its line in rows.cpp, and its tests.
struct UnknownRow {
  std::string name;          ///< of the key refine.NAME
  std::string dataset = {};  ///< of its result, where that is not the name: no dataset may hold another in its name
  std::string part_of = {};  ///< the unknown whose keys switch this one on, too; empty: its own
  std::string unit = {};     ///< of what users see: "mrad"
  double unit_factor = 1;    ///< user's unit to the program's
  std::string meaning;       ///< one line for the manual
  Extent extent = Extent::global;
  std::vector<std::string> axes = {};  ///< names of the axes of `shape`
  int default_from = -1;  ///< iteration from which it is refined unless the run file says otherwise; -1: never
  std::vector<UnknownKey> keys = {};
  std::string prior_key = {};  ///< the key that holds its prior's standard deviation; empty: no prior
  std::vector<FreedomPrior> freedom_priors = {};  ///< beside it, where the extent is a position's
  std::string names = {};                         ///< default of its list `names: [...]`; empty: no such key
  double lower_bound = -std::numeric_limits<double>::infinity();
  bool always = false;        ///< made in every run, as it holds what the model starts from
  bool even = false;          ///< one scale for each item of the first axis
  bool lit = false;           ///< scaled as waves on a transparent object: twice the positions times the band's share
  bool needs_object = false;  ///< an empty object says nothing of it: its curvature is zero there
  bool within_probe = false;  ///< what it changes, the probe's pixels can change, too
  bool wanders = false;       ///< of positions, (y, x) [A]: corners of the windows follow it from segment to segment
  /// Throws Error when it makes no sense there (gaps of one slice).
  std::function<std::unique_ptr<Unknown>(const UnknownContext&)> make;
};

}  // namespace tessera
