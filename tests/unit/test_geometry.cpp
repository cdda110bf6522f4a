// ranks: 1
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "src/base/error.hpp"
#include "src/geometry/atoms.hpp"
#include "src/geometry/overlap_plan.hpp"
#include "src/geometry/tiling.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

constexpr Index margin_px = 2;

struct ScanCase {
  std::string name;
  Grid window;
  std::vector<PointYX> positions_A;
};

std::ostream& operator<<(std::ostream& out, const ScanCase& scan) { return out << scan.name; }

ScanCase raster(const std::string& name, Index ny, Index nx, double step_A, const Grid& window) {
  ScanCase scan{name, window, {}};
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x)
      scan.positions_A.push_back({step_A * static_cast<double>(y), step_A * static_cast<double>(x)});
  return scan;
}

/// Uniform in a square of 40 angstrom without a disc of 12 angstrom radius off its middle.
ScanCase irregular_with_hole(Index count) {
  ScanCase scan{"irregular with a hole", {12, 16, 0.4, 0.3}, {}};
  for (Index i = 0; static_cast<Index>(scan.positions_A.size()) < count; ++i) {
    const PointYX point{40 * uniform(1, i), 40 * uniform(2, i)};
    if (std::hypot(point.y - 15, point.x - 22) > 12) scan.positions_A.push_back(point);
  }
  return scan;
}

ScanCase all_in_one_place(Index count) {
  return {"all in one place", {12, 16, 0.4, 0.3}, std::vector<PointYX>(count, PointYX{3, 4})};
}

const std::vector<ScanCase>& scans() {
  static const std::vector<ScanCase> all{raster("raster", 57, 57, 0.8, {16, 12, 0.3, 0.4}), irregular_with_hole(3300),
                                         all_in_one_place(200), raster("tiny steps", 9, 9, 0.2, {24, 24, 0.2, 0.2}),
                                         raster("one line", 1, 128, 0.5, {16, 16, 0.25, 0.25})};
  return all;
}

struct Decomposition {
  ObjectFrame frame;
  std::vector<Placement> placements;
  Tiling tiling;
};

Decomposition decompose(const ScanCase& scan, int n_ranks) {
  PlacedScan placed = enclose(scan.positions_A, scan.window, margin_px);
  Tiling tiling = make_tiling(placed.placements, placed.frame, scan.window, n_ranks, margin_px);
  return {placed.frame, std::move(placed.placements), std::move(tiling)};
}

/// How many of `boxes` hold each pixel of the frame; stops at a box that leaves it.
std::vector<int> paint(const ObjectFrame& frame, std::span<const Box> boxes) {
  std::vector<int> layers(frame.ny * frame.nx, 0);
  for (const Box& box : boxes) {
    BOOST_REQUIRE(contains(frame.box(), box));
    for (Index y = box.y0; y < box.y1; ++y)
      for (Index x = box.x0; x < box.x1; ++x) ++layers[y * frame.nx + x];
  }
  return layers;
}

std::vector<OverlapPlan> all_plans(const Tiling& tiling) {
  std::vector<OverlapPlan> plans;
  plans.reserve(tiling.owned.size());
  for (int rank = 0; rank < static_cast<int>(tiling.owned.size()); ++rank)
    plans.push_back(make_overlap_plan(rank, tiling.owned, tiling.work));
  return plans;
}

}  // namespace

BOOST_AUTO_TEST_CASE(boxes_are_half_open) {
  const Box a{0, 0, 4, 6}, b{2, 5, 8, 9};
  BOOST_TEST(a.count() == 24);
  BOOST_TEST((intersect(a, b) == Box{2, 5, 4, 6}));
  BOOST_TEST((intersect(a, Box{4, 0, 5, 6}) == Box{}));
  BOOST_TEST((hull(a, b) == Box{0, 0, 8, 9}));
  BOOST_TEST((hull(Box{}, b) == b));
  BOOST_TEST((hull(b, Box{}) == b));
  BOOST_TEST((grow(a, 2) == Box{-2, -2, 6, 8}));
  BOOST_TEST((shift(a, {1, -1}) == Box{1, -1, 5, 5}));
  BOOST_TEST((contains(a, Box{1, 1, 4, 6}) && !contains(a, b) && contains(a, Box{})));
  BOOST_TEST((Box{3, 3, 2, 9}.count() == 0));
}

BOOST_AUTO_TEST_CASE(frequencies_are_in_fft_order) {
  const Grid even{4, 5, 0.5, 0.2};
  BOOST_TEST(even.count() == 20);
  BOOST_TEST(even.ky_invA(0) == 0.0);
  BOOST_TEST(even.ky_invA(1) == 0.5);
  BOOST_TEST(even.ky_invA(2) == -1.0);  // the Nyquist bin is the negative one
  BOOST_TEST(even.kx_invA(2) == 2.0);
  BOOST_TEST(even.kx_invA(3) == -2.0);
}

BOOST_AUTO_TEST_CASE(a_position_is_the_middle_pixel_of_its_window_plus_a_remainder) {
  const PointYX origin_A{-1, 0};
  const Grid window{4, 7, 0.5, 0.25};
  const Placement placement = place({0.1, 1.1}, origin_A, window);
  BOOST_TEST((placement.corner == PixelYX{0, 1}));  // c = (2.2, 4.4), middle pixel (2, 3)
  BOOST_TEST(placement.fy == 0.2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(placement.fx == 0.4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST((window_box(placement, window) == Box{0, 1, 4, 8}));
  const Placement half = place({0.25, -0.125}, origin_A, window);  // c = (2.5, -0.5): halves go up
  BOOST_TEST((half.corner == PixelYX{1, -3}));
  BOOST_TEST(half.fy == -0.5);
  BOOST_TEST(half.fx == -0.5);
}

BOOST_AUTO_TEST_CASE(the_frame_holds_all_windows_tightly_and_parts_of_a_scan_share_its_pixels) {
  const ScanCase scan = irregular_with_hole(200);
  const PlacedScan whole = enclose(scan.positions_A, scan.window, margin_px);
  Box used;
  for (const Placement& placement : whole.placements) used = hull(used, window_box(placement, scan.window));
  BOOST_TEST((grow(used, margin_px) == whole.frame.box()));
  const std::span<const PointYX> half(scan.positions_A.data(), 100);
  const PlacedScan part = enclose(half, scan.window, margin_px);
  const double shift_px = (part.frame.origin_A.y - whole.frame.origin_A.y) / whole.frame.dy_A;
  BOOST_TEST(std::abs(shift_px - std::round(shift_px)) < 1e-9);
  for (std::size_t i = 0; i < half.size(); ++i) BOOST_TEST(part.placements[i].fy == whole.placements[i].fy);
}

BOOST_AUTO_TEST_CASE(half_pixels_round_alike_for_the_frame_and_for_the_windows_in_it) {
  const Grid window{40, 40, 1 / (40 * 0.125), 1 / (40 * 0.125)};
  for (const PointYX anchor_A : {PointYX{0, 0}, PointYX{0.03, -1.07}})
    for (const double step_A : {0.1, 0.3, 0.5, 0.7}) {
      std::vector<PointYX> positions_A;
      for (int i = -20; i < 20; ++i) positions_A.push_back({anchor_A.y + step_A * i, anchor_A.x - step_A * i});
      const PlacedScan scan = enclose(positions_A, window, 0, anchor_A);
      Box used;
      for (std::size_t i = 0; i < positions_A.size(); ++i) {
        const Placement& placement = scan.placements[i];
        used = hull(used, window_box(placement, window));
        const Index centre_y = placement.corner.y + window.ny / 2, centre_x = placement.corner.x + window.nx / 2;
        const double y = static_cast<double>(centre_y) + placement.fy;
        const double x = static_cast<double>(centre_x) + placement.fx;
        BOOST_TEST(std::abs(scan.frame.origin_A.y + y * window.dy_A - positions_A[i].y) < 1e-9);
        BOOST_TEST(std::abs(scan.frame.origin_A.x + x * window.dx_A - positions_A[i].x) < 1e-9);
        BOOST_TEST((placement.fy >= -0.5 && placement.fy < 0.5 && placement.fx >= -0.5 && placement.fx < 0.5));
      }
      BOOST_TEST((used == scan.frame.box()));
    }
}

BOOST_DATA_TEST_CASE(owned_boxes_are_disjoint_and_cover_the_object, data::make(scans()), scan) {
  for (int n_ranks = 1; n_ranks <= 64; ++n_ranks) {
    const Decomposition parts = decompose(scan, n_ranks);
    const std::vector<int> layers = paint(parts.frame, parts.tiling.owned);
    BOOST_TEST_CONTEXT(n_ranks << " ranks") BOOST_TEST(std::ranges::count(layers, 1) == std::ssize(layers));
  }
}

BOOST_DATA_TEST_CASE(every_rank_has_as_many_positions_as_the_others, data::make(scans()), scan) {
  for (int n_ranks = 1; n_ranks <= 64; ++n_ranks) {
    const Decomposition parts = decompose(scan, n_ranks);
    std::vector<Index> counts(n_ranks, 0);
    for (const int owner : parts.tiling.owner) ++counts.at(owner);
    const double mean = static_cast<double>(scan.positions_A.size()) / n_ranks;
    BOOST_TEST_CONTEXT(n_ranks << " ranks") {
      BOOST_TEST(std::ranges::min(counts) >= 1);
      if (mean >= 50) BOOST_TEST(static_cast<double>(std::ranges::max(counts)) <= 1.1 * mean);
    }
  }
}

BOOST_DATA_TEST_CASE(a_work_box_holds_the_windows_of_its_rank_with_their_margin, data::make(scans()), scan) {
  for (const int n_ranks : {1, 2, 3, 7, 16, 64}) {
    const Decomposition parts = decompose(scan, n_ranks);
    for (std::size_t i = 0; i < parts.placements.size(); ++i) {
      const Box needed = intersect(grow(window_box(parts.placements[i], scan.window), margin_px), parts.frame.box());
      BOOST_REQUIRE(contains(parts.tiling.work[parts.tiling.owner[i]], needed));
    }
    for (const Box& work : parts.tiling.work) BOOST_TEST(contains(parts.frame.box(), work));
  }
}

BOOST_DATA_TEST_CASE(what_one_rank_sends_is_what_its_peer_expects, data::make(scans()), scan) {
  for (int n_ranks = 1; n_ranks <= 64; ++n_ranks) {
    const std::vector<OverlapPlan> plans = all_plans(decompose(scan, n_ranks).tiling);
    std::size_t sent = 0, expected = 0;
    for (int rank = 0; rank < n_ranks; ++rank) {
      const OverlapPlan& plan = plans[rank];
      sent += plan.foreign.size();
      expected += plan.shared.size();
      Index held = intersect(plan.work, plan.owned).count();
      for (const Overlap& overlap : plan.foreign) {
        const std::vector<Overlap>& there = plans[overlap.peer].shared;
        BOOST_REQUIRE(std::ranges::find(there, Overlap{rank, overlap.box}) != there.end());
        held += overlap.box.count();
      }
      BOOST_REQUIRE(held == plan.work.count());  // every pixel of the work box comes from exactly one owner
      BOOST_REQUIRE(std::ranges::is_sorted(plan.foreign, {}, &Overlap::peer));
      BOOST_REQUIRE(std::ranges::is_sorted(plan.shared, {}, &Overlap::peer));
    }
    BOOST_TEST(sent == expected);
  }
}

BOOST_AUTO_TEST_CASE(tiles_smaller_than_the_halo_reach_beyond_their_neighbours) {
  const ScanCase scan = raster("tiny steps", 9, 9, 0.2, {24, 24, 0.2, 0.2});
  const Decomposition parts = decompose(scan, 64);
  const std::vector<OverlapPlan> plans = all_plans(parts.tiling);
  const auto peers = [](const OverlapPlan& plan) { return plan.foreign.size(); };
  BOOST_TEST(std::ranges::max(plans, {}, peers).foreign.size() > 8U);
}

BOOST_AUTO_TEST_CASE(the_plan_counts_the_pixels_it_sends) {
  const std::vector<Box> owned{{0, 0, 4, 4}, {0, 4, 4, 8}}, work{{0, 0, 4, 6}, {0, 3, 4, 8}};
  const OverlapPlan plan = make_overlap_plan(0, owned, work);
  BOOST_TEST((plan.foreign == std::vector<Overlap>{{1, {0, 4, 4, 6}}}));
  BOOST_TEST((plan.shared == std::vector<Overlap>{{1, {0, 3, 4, 4}}}));
  BOOST_TEST(plan.pixels_sent() == 8 + 4);
}

BOOST_DATA_TEST_CASE(positions_near_the_border_of_a_tile_come_first, data::make(scans()), scan) {
  const Decomposition parts = decompose(scan, 4);
  std::vector<int> seen(parts.placements.size(), 0);
  for (int rank = 0; rank < 4; ++rank) {
    const Box& tile = parts.tiling.owned[rank];
    Index last = -margin_px - scan.window.count();
    for (const Index i : parts.tiling.positions_of(rank, parts.placements, scan.window)) {
      const PixelYX corner = parts.placements[i].corner;
      const Index y = corner.y + scan.window.ny / 2, x = corner.x + scan.window.nx / 2;
      const Index distance = std::min({y - tile.y0, tile.y1 - 1 - y, x - tile.x0, tile.x1 - 1 - x});
      BOOST_REQUIRE(distance >= last);
      last = distance;
      ++seen[i];
    }
  }
  BOOST_TEST(std::ranges::count(seen, 1) == std::ssize(seen));
}

BOOST_AUTO_TEST_CASE(more_ranks_than_positions_are_refused_on_all_ranks) {
  const auto is_agreed_run_error = [](const InputError& error) {
    return error.code() == ExitCode::run_file && error.agreed() &&
           std::string(error.what()).starts_with("10 ranks for 9 scan positions");
  };
  BOOST_CHECK_EXCEPTION(decompose(raster("few", 3, 3, 1, {8, 8, 0.5, 0.5}), 10), InputError, is_agreed_run_error);
}

BOOST_AUTO_TEST_CASE(atoms_at_one_point_are_found) {
  std::vector<Atom> atoms;
  for (int z = 0; z < 10; ++z)
    for (int y = 0; y < 10; ++y)
      for (int x = 0; x < 10; ++x) atoms.push_back({6, 0.5 * x, 0.5 * y, 0.5 * z - 2});
  BOOST_TEST(!too_near(atoms, 0.49).has_value());
  atoms.push_back({6, 0.5 * 3 + 0.2, -0.2, -0.2});  // in the cells beside that of atom 403
  const auto found = too_near(atoms, 0.4);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->first == 403U);
  BOOST_TEST(found->second == 1000U);
  BOOST_TEST(!too_near(atoms, 0.3).has_value());
}

}  // namespace tessera::testing
