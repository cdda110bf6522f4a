// ranks: 1
// Slabs cover an array once and in its order; a distance of slices is one number where they are evenly apart.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <numeric>

#include "src/workflow/exports/export_images.hpp"
#include "src/workflow/exports/export_source.hpp"

namespace tessera {
namespace {

/// The flat numbers of a slab's elements, in its own C order.
std::vector<Index> elements_of(const Slab& slab, const std::vector<Index>& shape) {
  std::vector<Index> flat{0};
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    std::vector<Index> longer;
    for (const Index before : flat)
      for (Index i = 0; i < slab.count[axis]; ++i) longer.push_back(before * shape[axis] + slab.start[axis] + i);
    flat = longer;
  }
  return flat;
}

}  // namespace

BOOST_DATA_TEST_CASE(slabs_are_the_array_in_its_order, boost::unit_test::data::make({1, 6, 7, 13, 42, 100, 1000}),
                     most) {
  for (const std::vector<Index>& shape : {std::vector<Index>{3, 5, 7}, {1, 1, 7}, {2, 3, 4, 5}, {11}, {4, 1, 1}, {}}) {
    const Index total = element_count(shape);
    std::vector<Index> seen;
    for (const Slab& slab : slabs_of(shape, most)) {
      BOOST_TEST(element_count(slab.count) <= std::max<Index>(most, shape.empty() ? 1 : shape.back()));
      for (const Index element : elements_of(slab, shape)) seen.push_back(element);
    }
    std::vector<Index> expected(static_cast<std::size_t>(total));
    std::iota(expected.begin(), expected.end(), 0);
    BOOST_TEST(seen == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(slabs_are_as_large_as_they_may_be) {
  BOOST_TEST(slabs_of({6, 10, 10}, 200).size() == 3U);
  BOOST_TEST(slabs_of({6, 10, 10}, 600).size() == 1U);
  BOOST_TEST(slabs_of({6, 10, 10}, 50).size() == 12U);
}

BOOST_AUTO_TEST_CASE(one_distance_where_slices_are_evenly_apart) {
  BOOST_TEST(!even_gap_A({}, 0.01).has_value());
  BOOST_TEST(even_gap_A({2, 2.01}, 0.01).value() == 2.005);
  BOOST_TEST(!even_gap_A({2, 2.1}, 0.01).has_value());
}

BOOST_AUTO_TEST_CASE(a_sidecar_has_the_name_of_its_picture) {
  BOOST_TEST(sidecar_of("a.b/phase.png") == "a.b/phase.json");
  BOOST_TEST(sidecar_of("a.b/phase") == "a.b/phase.json");
}

}  // namespace tessera
