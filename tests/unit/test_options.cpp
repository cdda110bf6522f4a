// ranks: 1
// The option table: a good run file, and each kind of bad one with its message.

#include <boost/test/unit_test.hpp>

#include "src/workflow/options/manual.hpp"
#include "src/workflow/options/options.hpp"
#include "src/workflow/options/options_table.hpp"
#include "tests/support/option_text.hpp"

using namespace tessera;
using namespace tessera::testing;

namespace {

const std::vector<std::string> simulation = {"simulate.atoms=a.xyz", "simulate.scan.shape=[24, 20]",
                                             "simulate.detector.shape=96", "simulate.output=sim.h5", "scan.step_A=0.8"};

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(values_are_in_the_units_of_the_program) {
  const RunOptions o = parse(minimal +
                             "scan: {step_A: [0.8, 0.4], rotation_deg: 180, affine: [[1, 2], [3, 4]]}\n"
                             "object: {slices: 3, slice_spacing_A: 6.2, representation: complex}\n");
  BOOST_TEST(o.data.file == "/runs/data.h5");
  BOOST_TEST(o.data.patterns.empty());
  BOOST_TEST(*o.data.positions == "/positions_A");
  BOOST_TEST((*o.detector.pixel_rad)[1] == 2e-3, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(*o.beam.energy_eV == 80e3);
  BOOST_TEST(!o.beam.wavelength_A.has_value());
  BOOST_TEST(*o.beam.semiangle_rad == 21.4e-3, boost::test_tools::tolerance(1e-14));
  BOOST_TEST((*o.scan.step_A)[1] == 0.4);
  BOOST_TEST(o.scan.rotation_rad == 3.14159265358979, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(o.scan.affine[1] == 2);
  BOOST_TEST((o.object.slice_spacing_A == std::vector<double>{6.2, 6.2}));
  BOOST_TEST((o.object.representation == Representation::complex_transmission));
}

BOOST_AUTO_TEST_CASE(defaults_of_the_table_are_those_of_the_struct) {
  const RunOptions read = parse(minimal);
  const RunOptions plain;
  BOOST_TEST(read.data.counts_per_electron == plain.data.counts_per_electron);
  BOOST_TEST(read.object.margin_px == plain.object.margin_px);
  BOOST_TEST(read.object.slices == plain.object.slices);
  BOOST_TEST(read.beam.rescale == plain.beam.rescale);
  BOOST_TEST(read.beam.modes == plain.beam.modes);
  BOOST_TEST(read.refine.at("object").from == 2);  // a blind probe comes first
  BOOST_TEST(read.refine.at("probe").from == 0);
  BOOST_TEST(read.refine.size() == 2U);
  BOOST_TEST(read.loss.epsilon == plain.loss.epsilon);
  BOOST_TEST((read.propagation.band_limit == plain.propagation.band_limit));
  BOOST_TEST((read.solve.method == plain.solve.method));
  BOOST_TEST(read.solve.iterations == plain.solve.iterations);
  BOOST_TEST(read.solve.history == plain.solve.history);
  BOOST_TEST(read.output.pictures == plain.output.pictures);
  BOOST_TEST(read.simulate.potential_pixel_A == plain.simulate.potential_pixel_A);
  BOOST_TEST(read.simulate.slice_thickness_A == plain.simulate.slice_thickness_A);
}

BOOST_AUTO_TEST_CASE(structures_are_read) {
  const RunOptions o = parse(minimal +
                                 "refine: {probe: null}\nloss: {kind: amplitude}\n"
                                 "regularisers:\n  - {kind: l1, of: absorption, weight: 0.01}\n"
                                 "  - {kind: tv, weight: 0.02, z_weight: 0.5}\n"
                                 "petsc: {tao_monitor: true, tao_max_it: 7}\n",
                             {"beam.aberrations={C12_A: 100, phi12_deg: 90}", "data.subset.ry=[1, null, 2]",
                              "beam.initial={file: p.h5, dataset: /probe}", "regularisers[1].weight=3"});
  BOOST_TEST(o.refine.count("probe") == 0U);
  BOOST_TEST(o.refine.at("object").from == 0);
  BOOST_TEST(o.loss.epsilon == 0.01);
  BOOST_TEST(o.regularisers.size() == 2U);
  BOOST_TEST((o.regularisers[0].of == RegulariserTarget::absorption));
  BOOST_TEST(o.regularisers[0].epsilon_rad == 0.005);
  BOOST_TEST(o.regularisers[1].epsilon_rad == 0.01);
  BOOST_TEST(o.regularisers[1].weight == 3);
  BOOST_TEST(o.petsc[0].first == "tao_monitor");
  BOOST_TEST(o.petsc[1].second == "7");
  BOOST_TEST(o.beam.aberrations[0].first == "C12_A");
  BOOST_TEST(o.beam.aberrations[1].first == "phi12_rad");
  BOOST_TEST(o.beam.aberrations[1].second == 1.5707963267949, boost::test_tools::tolerance(1e-13));
  BOOST_TEST(o.data.ry.start == 1);
  BOOST_TEST(!o.data.ry.stop.has_value());
  BOOST_TEST(o.data.ry.step == 2);
  BOOST_TEST(o.beam.initial->file == "/runs/p.h5");
  BOOST_TEST(o.beam.initial->dataset == "/probe");
}

BOOST_AUTO_TEST_CASE(unknowns_are_read_by_their_rows) {
  const RunOptions o = parse(minimal, {"refine.positions={from: 10, until: 30, prior_A: 0.2}", "refine.tilt={from: 20}",
                                       "refine.aberrations={from: 3, until: 9, names: [C10, C30]}",
                                       "refine.probe={from: 9}", "refine.dose={from: 5, prior: null}"});
  BOOST_TEST(o.refine.at("positions").from == 10);
  BOOST_TEST(o.refine.at("positions").until == 30);
  BOOST_TEST(o.refine.at("positions").settings.numbers.at("prior_A") == 0.2);
  BOOST_TEST(o.refine.at("tilt").settings.numbers.at("prior_mrad") == 5e-3);  // radian inside
  BOOST_TEST((o.refine.at("aberrations").settings.names == std::vector<std::string>{"C10", "C30"}));
  BOOST_TEST(o.refine.at("dose").settings.numbers.at("prior") == 0);
  BOOST_TEST(has(refusal(minimal, {"refine.positions={from: 10, prior_px: 1}"}), "prior_A: 0.3"));
  BOOST_TEST(has(refusal(minimal, {"refine.positions={until: 3}"}), "{from: ITERATION, until: ITERATION, prior_A"));
  BOOST_TEST(has(refusal(minimal, {"refine.tilt={from: 5, until: 5}"}), "refine.tilt.until is 5"));
  BOOST_TEST(has(refusal(minimal, {"refine.positions={from: 2}"}), "later than refine.object.from"));
  BOOST_TEST(has(refusal(minimal, {"refine.aberrations={from: 3}"}), "active together"));
  BOOST_TEST(has(refusal(minimal, {"refine.psf={from: 5}"}), "detector.psf_px"));
  BOOST_TEST(has(refusal(minimal, {"refine.states={from: 5}"}), "object.states of 2 or more"));
  BOOST_TEST(has(refusal(minimal, {"refine.probe={from: 0, aperture: 1.1}", "beam.semiangle_mrad=null",
                                   "beam.initial={file: a.h5, dataset: /p}"}),
                 "beam.semiangle_mrad"));
  BOOST_TEST(has(refusal(minimal, {"refine.background={from: 5}", "solve.method=lmvm"}), "blmvm, bqnls or bncg"));
}

BOOST_AUTO_TEST_CASE(what_is_held_out) {
  const RunOptions o = parse(minimal, {"solve={held_out: 0.1, held_out_by: pattern, stop: held_out}", "run.seed=3"});
  BOOST_TEST(o.solve.held_out == 0.1);
  BOOST_TEST(o.solve.held_out_patterns);
  BOOST_TEST((o.solve.stop == StopRule::held_out));
  BOOST_TEST(o.run.seed == 3);
  BOOST_TEST((parse(minimal, {"solve.stop=null"}).solve.stop == StopRule::none));
  BOOST_TEST(has(refusal(minimal, {"solve.held_out=0.6"}), "solve.held_out is 0.6; it must be from 0 up to 0.5"));
  BOOST_TEST(has(refusal(minimal, {"solve.held_out=0.001"}), "it must be 0, or from 0.01 to 0.5"));
  BOOST_TEST(has(refusal(minimal, {"solve.stop=held_out"}), "solve.stop is held_out; it must be null where"));
  BOOST_TEST(has(refusal(minimal, {"solve.stop=early"}), "it must be null or held_out"));
  BOOST_TEST(has(refusal(minimal, {"solve={held_out: 0.1, held_out_by: pattern}", "refine.dose={from: 3}"}),
                 "solve.held_out_by is pattern; it must be pixel with refine.dose"));
}

BOOST_AUTO_TEST_CASE(keys_that_contradict_each_other_are_refused) {
  BOOST_TEST(has(refusal(minimal, {"beam.wavelength_A=0.02"}), "beam.energy_keV and beam.wavelength_A are both given"));
  BOOST_TEST(has(refusal(minimal, {"detector.pixel_invA=0.02"}), "both given"));
  BOOST_TEST(has(refusal(minimal, {"object.slices=2"}), "object.slice_spacing_A is null"));
  BOOST_TEST(has(refusal(minimal, {"object.slices=2", "object.slice_spacing_A=[1, 2]"}), "object.slices - 1 = 1"));
  BOOST_TEST(
      has(refusal(minimal, {"object.representation=phase", "regularisers=[{kind: l1, of: absorption, weight: 1}]"}),
          "has no absorption"));
  BOOST_TEST(has(refusal(minimal, {"refine.object=false", "refine.probe=false"}), "at least one unknown"));
  BOOST_TEST(refusal(minimal, {"object.representation=complex", "regularisers=[{kind: tv, weight: 0}]"}) ==
             "object.representation is complex; it must be phase_absorption or phase with regularisers, which act on "
             "these (--set)");
  BOOST_TEST(has(refusal(minimal, {"regularisers=[{kind: l1, weight: 1, z_weight: 2}]"}),
                 "regularisers[0].z_weight is 2; it must be left out with kind l1, which does not use it"));
  BOOST_TEST(has(refusal(minimal, {"regularisers=[{kind: kz_wedge, weight: 1}]"}), "when object.slices is 1"));
  BOOST_TEST(
      has(refusal(minimal, {"object.representation=phase", "regularisers=[{kind: absorption_ratio, weight: 1}]"}),
          "unless object.representation is phase_absorption"));
  BOOST_TEST(
      has(refusal(minimal, {"object.representation=potential", "beam.energy_keV=null", "beam.wavelength_A=0.02"}),
          "it needs beam.energy_keV"));
  BOOST_TEST(has(refusal(minimal, {"object.absorption_ratio=0.1"}), "left out unless object.representation is"));
  BOOST_TEST(has(refusal(minimal, {"object.positive=[phase]", "solve.method=cg"}), "blmvm, bqnls or bncg with"));
  BOOST_TEST(has(refusal(minimal, {"object.positive=[amplitude]"}), "phase or absorption"));
  BOOST_TEST(has(refusal(minimal, {"beam.aberrations={C10_A: 3, phi12_deg: 3}"}), "phi12_deg is given without C12_A"));
  BOOST_TEST(refusal(minimal, {"beam.aberrations={C12_A: 3, phi12_deg: 3}"}) == "accepted");
  BOOST_TEST(parse(minimal).object.positive.absorption);
  const PositiveParts both = parse(minimal, {"object.positive=[phase, absorption]"}).object.positive;
  BOOST_TEST((both.phase && both.absorption));
  BOOST_TEST(!parse(minimal, {"object.positive=[]"}).object.positive.absorption);
  BOOST_TEST(has(refusal(minimal, {"loss.epsilon=0"}), "loss.epsilon is 0; it must be positive for"));
  BOOST_TEST(has(refusal(minimal, {"loss={kind: amplitude, epsilon: 0}"}), "it must be positive for"));
  BOOST_TEST(refusal(minimal, {"loss={kind: gaussian, epsilon: 0}"}) == "accepted");
  const std::string detectors = "detector.virtual={file: a.h5, dataset: /a}";
  BOOST_TEST(refusal(minimal, {detectors, "refine.background={from: 1}"}) == "accepted");
  for (const std::string mixes : {"loss.kind=weighted", "detector.virtual_set=/set"})
    BOOST_TEST(has(refusal(minimal, {detectors, "refine.background={from: 1}", mixes}), "refine.background"), mixes);
  BOOST_TEST(has(refusal(minimal, {"detector.virtual_set=/set"}), "detector.virtual is missing"));
}

BOOST_AUTO_TEST_CASE(each_command_names_the_keys_it_needs) {
  BOOST_TEST(has(refusal(minimal, {"data.file=null"}), "data.file is missing; `tessera reconstruct` needs it"));
  BOOST_TEST(has(refusal(minimal, {"beam.energy_keV=null"}), "beam.energy_keV (or beam.wavelength_A) is missing"));
  BOOST_TEST(has(refusal(minimal, {"detector=null"}), "detector.pixel_mrad (or"));
  BOOST_TEST(has(refusal(minimal, {"beam.semiangle_mrad=null"}), "beam.semiangle_mrad (or beam.initial)"));
  BOOST_TEST(has(refusal(minimal, {"output.directory=null"}), "output.directory"));
  BOOST_TEST(has(refusal(minimal, {"regularisers=[{kind: l1}]"}), "regularisers[0].weight is missing"));
  BOOST_TEST(has(refusal(minimal, {}, Command::simulate), "simulate.atoms (or simulate.object) is missing"));
  const RunOptions o = parse(minimal, simulation, Command::simulate);
  BOOST_TEST(o.simulate.scan.shape[1] == 20);
  BOOST_TEST(o.simulate.detector.shape[0] == 96);
  BOOST_TEST(o.simulate.output == "/runs/sim.h5");
}

BOOST_AUTO_TEST_CASE(simulate_refuses_what_turns_or_scales_measured_data) {
  for (const std::string set :
       {"data.counts_per_electron=2", "detector.centre_px=3", "detector.flip_y=true", "detector.flip_x=true",
        "detector.transpose=true", "detector.bin=2", "detector.simulate=1.5",
        "detector.virtual={file: a.h5, dataset: /a}", "scan.rotation_deg=30", "scan.affine=[[1, 0.1], [0, 1]]"}) {
    std::vector<std::string> sets = simulation;
    sets.push_back(set);
    const std::string key = set.substr(0, set.find('='));
    BOOST_TEST(has(refusal(minimal, sets, Command::simulate), key + " is "), set);
    BOOST_TEST(has(refusal(minimal, sets, Command::simulate), "left out for `tessera simulate`"), set);
    BOOST_TEST(refusal(minimal, {set}) == "accepted");
    BOOST_TEST(has(manual_text(), key), set);
  }
}

BOOST_AUTO_TEST_CASE(the_resolved_file_is_a_run_file_that_gives_the_same) {
  std::vector<std::string> sets = simulation;
  sets.emplace_back("regularisers=[{kind: tv, weight: 2}, {kind: l1, weight: 1}]");
  sets.emplace_back("object.initial={file: \"a b, c.h5\", dataset: /object}");
  const std::string once = resolved_yaml(minimal, "/runs/run.yaml", sets, Command::simulate);
  BOOST_TEST(has(once, "  semiangle_mrad: 21.4"));
  BOOST_TEST(has(once, "# run.yaml line 3\n"));
  BOOST_TEST(has(once, "# --set\n"));
  BOOST_TEST(has(once, "# default\n"));
  const RunOptions again = parse_run_options(once, "/elsewhere/resolved.yaml", {}, Command::simulate);
  BOOST_TEST(again.data.file == "/runs/data.h5");
  BOOST_TEST(again.object.initial->file == "/runs/a b, c.h5");
  BOOST_TEST(again.regularisers.size() == 2U);
  BOOST_TEST(again.regularisers[0].epsilon_rad == 0.01);
  const std::string twice = resolved_yaml(once, "/elsewhere/resolved.yaml", {}, Command::simulate);
  const auto values = [](const std::string& text) {
    std::string kept;
    for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
      kept += text.substr(begin, std::min(text.find(" #", begin), text.find('\n', begin)) - begin) + "\n";
    }
    return kept;
  };
  BOOST_TEST(values(once) == values(twice));
}

BOOST_AUTO_TEST_CASE(the_manual_has_every_key) {
  const std::string manual = manual_text();
  for (const OptionEntry& entry : option_table()) {
    BOOST_TEST(has(manual, "  " + entry.key), entry.key);
    BOOST_TEST(!entry.meaning.empty(), entry.key);
  }
}

BOOST_AUTO_TEST_SUITE_END()
