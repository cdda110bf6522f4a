// ranks: 1
// A run file with other keys: what was given stays, what the data file told is kept, file names become absolute.

#include <boost/test/unit_test.hpp>

#include "src/workflow/options/options.hpp"
#include "src/workflow/preprocess/written_run_file.hpp"
#include "tests/support/option_text.hpp"

using namespace tessera;
using namespace tessera::testing;

BOOST_AUTO_TEST_SUITE(changed_run_files)

BOOST_AUTO_TEST_CASE(keys_go_come_and_stay) {
  const std::string text =
      "data: {file: d.h5, subset: {n: [0, 3]}, mask: /m}\n"
      "object:\n  initial: {file: ../o.h5, dataset: /a}\n  slices: 3 # a note\n"
      "regularisers: [{kind: tv, weight: 0.1}]\npreprocess: {bin: 2}\n";
  const std::string changed = changed_run_file(
      text, "/runs/a/run.yaml", {"solve.iterations=7"},
      {.dropped = {"preprocess", "data.subset", "scan", "detector.centre_px"},
       .values = {{"data.file", "'it''s: new.h5'"}, {"scan.step_A", "0.5"}}},
      {.keys = {{"object.slices", "9", "file: d.h5: slices"}, {"beam.energy_keV", "300", "file: d.h5: voltage"}}});
  BOOST_TEST(changed ==
             "data:\n  file: \"it's: new.h5\"\n  mask: /m\n"
             "object:\n  initial: {file: /runs/o.h5, dataset: /a}\n  slices: 3\n"
             "regularisers: [{kind: tv, weight: 0.1}]\nsolve:\n  iterations: 7\nbeam:\n  energy_keV: 300\nscan:\n  "
             "step_A: 0.5\n");
}

BOOST_AUTO_TEST_CASE(what_preprocessing_changed_reaches_the_reconstruction) {
  const std::vector<std::string> sets = {"preprocess.output=out/ready.h5", "preprocess.bin=2",
                                         "detector.centre_px=[40, 50]",    "detector.psf_px=1",
                                         "data.subset.ry=[0, null, 2]",    "scan.step_A=[0.5, 0.7]",
                                         "data.counts_per_electron=40",    "detector.pixel_invA=[0.05, 0.0625]",
                                         "detector.pixel_mrad=null"};
  const RunOptions before = parse(minimal, sets);
  const OutputNames names = output_names(before.preprocess.output);
  BOOST_TEST(names.run_file.ends_with("/out/ready.yaml"));
  const WrittenFacts facts{.dataset = "/compressed/data",
                           .detectors = "/compressed/detector/masks",
                           .weighted = true,
                           .masked = true,
                           .positions = true,
                           .counts_per_electron = 1,
                           .affine = std::array<double, 4>{1.1, 0, 0.25, 0.9}};
  const std::string yaml =
      changed_run_file(minimal, "/runs/run.yaml", sets, run_file_changes(before, names, facts), {});
  const RunOptions after = parse_run_options(yaml, names.run_file, {}, Command::reconstruct);
  BOOST_TEST(after.data.file == names.file);
  BOOST_TEST(after.data.patterns == "/compressed/data");
  BOOST_TEST((after.data.positions == "/positions_A" && !after.data.mask));  // channels bring no mask
  BOOST_TEST((after.data.counts_per_electron == 1 && after.data.ry == Range{}));
  BOOST_TEST(!after.detector.centre_px.has_value());
  BOOST_TEST(after.detector.psf_px == 0.5);
  BOOST_TEST(((*after.detector.pixel_invA)[0] == 0.1 && (*after.detector.pixel_invA)[1] == 0.125));
  BOOST_TEST(after.detector.virtual_detectors->dataset == "/compressed/detector/masks");
  BOOST_TEST((after.loss.kind == LossKind::weighted));
  BOOST_TEST(((*after.scan.step_A)[0] == 1 && (*after.scan.step_A)[1] == 0.7));
  BOOST_TEST((after.scan.affine == std::array<double, 4>{1.1, 0, 0.25, 0.9}));
  WrittenFacts pixels = facts;
  pixels.detectors = "";
  pixels.weighted = false;
  const RunFileChanges changes = run_file_changes(before, names, pixels);
  BOOST_TEST((std::ranges::count(changes.values, std::pair<std::string, std::string>{"data.mask", "/mask"}) == 1));
}

BOOST_AUTO_TEST_SUITE_END()
