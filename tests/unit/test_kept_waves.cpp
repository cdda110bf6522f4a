// ranks: 1
// Which waves are kept from forward to adjoint: places for all that is needed at once, and few of them.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

#include "src/model/batch_waves.hpp"

namespace tessera {

BOOST_AUTO_TEST_CASE(all_that_is_needed_at_once_has_a_place_of_its_own) {
  for (Index slices = 1; slices <= 40; ++slices)
    for (Index every = 1; every <= slices; ++every) {
      const ModelShape shape{.window = {}, .slices = slices, .kept_every = every};
      for (Index start = 0; start < slices; start += every) {
        std::set<Index> places;
        for (Index kept = 0; kept < slices; kept += every) places.insert(shape.place(kept));
        const Index between = std::min(every, slices - start) - 1;
        for (Index s = start + 1; s <= start + between; ++s) places.insert(shape.place(s));
        const Index needed = (slices + every - 1) / every + between;
        BOOST_TEST(static_cast<Index>(places.size()) == needed, slices << " slices, every " << every);
        BOOST_TEST(*places.begin() >= 0);
        BOOST_TEST(*places.rbegin() < shape.kept());
      }
    }
}

BOOST_AUTO_TEST_CASE(a_sparse_spacing_takes_twice_the_root_of_the_slices) {
  for (const Index few : {1, 2, 3}) BOOST_TEST(sparse_spacing(few) == 1);
  for (Index slices = 4; slices <= 400; ++slices) {
    const Index places = kept_places(slices, sparse_spacing(slices));
    BOOST_TEST(static_cast<double>(places) <= 2 * std::sqrt(static_cast<double>(slices)), slices << ": " << places);
    for (Index every = 1; every <= slices; ++every) BOOST_TEST(places <= kept_places(slices, every));
  }
}

}  // namespace tessera
