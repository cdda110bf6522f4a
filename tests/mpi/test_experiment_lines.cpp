// ranks: 1 2 3
// Every rank knows the lines of a raster. Where root alone did, a prior of scan lines was refused by the others, and
// the run waited for ever.
#include <boost/test/unit_test.hpp>

#include "src/workflow/input/experiment.hpp"
#include "tests/support/compressed_file.hpp"

namespace tessera::testing {

BOOST_AUTO_TEST_CASE(every_rank_knows_the_lines_of_a_raster) {
  const CompressedFile file;
  RunOptions options = file.options("/raster", "/dense", false);
  options.detector.virtual_detectors.reset();
  const Experiment experiment = load_experiment(file.comm, options);
  BOOST_TEST(experiment.scan_rows == 2);
  BOOST_TEST(experiment.scan_columns == 4);
}

}  // namespace tessera::testing
