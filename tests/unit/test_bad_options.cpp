// ranks: 1
// Run files that are wrong: each with its message, and every number with the ends of its range.

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/workflow/options/options_check.hpp"
#include "src/workflow/options/options_table.hpp"
#include "src/workflow/options/unknown_word.hpp"
#include "tests/support/option_text.hpp"

using namespace tessera;
using namespace tessera::testing;

BOOST_AUTO_TEST_SUITE(bad_options)

BOOST_AUTO_TEST_CASE(unknown_keys_name_their_line_and_a_neighbour) {
  BOOST_TEST(refusal(minimal + "solve: {iteration: 3}\n") ==
             "unknown key solve.iteration (run.yaml line 5); did you mean solve.iterations?");
  BOOST_TEST(refusal(minimal + "sovle: {}\n") == "unknown key sovle (run.yaml line 5); did you mean solve?");
  BOOST_TEST(refusal(minimal, {"beam.energy_kev=3"}) ==
             "unknown key beam.energy_kev (--set); did you mean beam.energy_keV?");
  BOOST_TEST(has(refusal(minimal + "regularisers: [{kind: l1, weigth: 1}]\n"), "did you mean regularisers[].weight?"));
  BOOST_TEST(has(refusal(minimal, {"beam.aberrations.C1_A=3"}), "did you mean C1"));
  BOOST_TEST(has(refusal(minimal + "run: {threds: 3}\n"), "unknown key run.threds (run.yaml line 5)"));
  BOOST_TEST(has(refusal(minimal, {"refine.objects={from: 0}"}), "unknown key refine.objects (--set); did you mean"));
  BOOST_TEST(has(refusal(minimal + "refine: {tillt: {from: 3}}\n"), "unknown key refine.tillt (run.yaml line 5)"));
  BOOST_TEST(has(refusal(minimal, {"simulate.foo=3"}), "`tessera manual` prints all keys"));
  BOOST_TEST(has(refusal(minimal, {"energy_keV=80"}), "did you mean beam.energy_keV?"));
  BOOST_TEST(has(refusal(minimal, {"scan.step=1"}), "did you mean scan.step_A?"));
  BOOST_TEST(has(refusal(minimal, {"run.checkpoint_every=3"}), "this version has none"));
  BOOST_TEST(unknown_words_text({"plan", "x"}, false) == "this version has no command plan");
  BOOST_TEST(unknown_words_text({"--max-time=3h"}, true) == "this version has no option --max-time");
  BOOST_TEST(unknown_words_text({"recon", "x"}, false) == "recon x is not a command of tessera; see tessera --help");
}

BOOST_AUTO_TEST_CASE(wrong_values_are_named_with_unit_and_range) {
  BOOST_TEST(refusal(minimal, {"beam.semiangle_mrad=-3"}) ==
             "beam.semiangle_mrad is -3 mrad; it must be from 0.001 up to 500 (--set)");
  BOOST_TEST(refusal(minimal + "solve:\n  history: many\n") ==
             "solve.history is many; it must be a whole number, from 1 up to 1000 (run.yaml line 6)");
  BOOST_TEST(refusal(minimal + "loss: {kind: least}\n") ==
             "loss.kind is least; it must be poisson, amplitude, anscombe, gaussian or weighted (run.yaml line 5)");
  BOOST_TEST(has(refusal(minimal, {"propagation.band_limit=1.5"}), "from 0.05 up to 1"));
  BOOST_TEST(has(refusal(minimal, {"propagation.band_limit=1", "propagation.transmission=patch"}), "below 1 with"));
  BOOST_TEST(has(refusal(minimal, {"solve.iterations=2.5"}), "whole number"));
  BOOST_TEST(has(refusal(minimal, {"output.pictures=7"}), "true or false"));
  BOOST_TEST(has(refusal(minimal, {"scan.step_A=[1, 2, 3]"}), "one number or a pair [y, x]"));
  BOOST_TEST(has(refusal(minimal, {"scan.affine=[[1, 2], [2, 4]]"}), "determinant"));
  BOOST_TEST(has(refusal(minimal, {"beam.energy_keV=.nan"}), "a number"));
  BOOST_TEST(has(refusal(minimal + "scan: 3\n"), "scan is 3; it must be a section"));
  BOOST_TEST(has(refusal(minimal, {"refine.object={until: 3}"}), "{from: ITERATION, until: ITERATION}"));
  BOOST_TEST(has(refusal(minimal, {"data.subset.n=[5, 5]"}), "start < stop"));
  BOOST_TEST(has(refusal(minimal, {"version=2"}), "version is 2"));
  BOOST_TEST(refusal(minimal, {"detector.centre_px=[48, 47.5]"}) ==
             "detector.centre_px is [48, 47.5]; it must be a whole number along each axis; only whole pixels are "
             "supported (--set)");
  BOOST_TEST((*parse(minimal, {"detector.centre_px=[48.0, 47]"}).detector.centre_px)[0] == 48);
}

BOOST_AUTO_TEST_CASE(broken_texts_are_refused) {
  BOOST_TEST(has(refusal("data: {file: [\n"), "not valid YAML"));
  BOOST_TEST(refusal(minimal + "output: {directory: b}\n") == "the key output is given twice (run.yaml line 5)");
  BOOST_TEST(refusal(minimal + "solve: {iterations: 1,\n  iterations: 2}\n") ==
             "the key solve.iterations is given twice (run.yaml line 6)");
  BOOST_TEST(has(refusal(minimal + "---\nsolve: {iterations: 1}\n"), "a second document begins"));
  BOOST_TEST(has(refusal(minimal + "---\nsolve: [\n"), "not valid YAML"));
  BOOST_TEST(refusal("---\n" + minimal) == "accepted");
  BOOST_TEST(refusal("# it's \"fine\n" + minimal + "solve: {stop: null} # don't\n") == "accepted");
  BOOST_TEST(refusal("data: {file: \"d.h5, positions: /p}\n" + minimal.substr(minimal.find('\n') + 1)) ==
             "a quote \" is opened and not closed on its line (run.yaml line 1)");
  BOOST_TEST(has(refusal(minimal, {"data.file='d.h5"}), "a quote ' is opened and not closed on its line (--set)"));
  BOOST_TEST(refusal(minimal, {"data.file='it''s \"d\".h5'"}) == "accepted");
  BOOST_TEST(has(refusal("- 3\n"), "must be a map"));
  BOOST_TEST(has(refusal(minimal, {"solve"}, Command::reconstruct, ExitCode::usage), "key=value"));
  BOOST_CHECK_EXCEPTION(load_run_options("/nowhere/run.yaml", {}, Command::reconstruct), InputError,
                        [](const InputError& error) { return error.code() == ExitCode::data_missing; });
}

BOOST_AUTO_TEST_CASE(aliases_are_bounded_and_values_are_shown_short) {
  BOOST_TEST(has(refusal(minimal, {"regularisers=&x [*x]"}), "or an alias (*name) holds itself"));
  BOOST_TEST(has(refusal(minimal + "regularisers: &x {kind: *x}\n"), "or an alias (*name) holds itself"));
  std::string bomb = minimal + "petsc:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'a'; c < 'i'; ++c) {
    bomb += fmt::format("  {0}: &{0} [", static_cast<char>(c + 1));
    for (int i = 0; i < 10; ++i) bomb += fmt::format("*{}{}", c, i < 9 ? ", " : "]\n");
  }
  BOOST_TEST(has(refusal(minimal, {"loss=, weight; 0.01}]"}), "a comma or bracket where a value begins"));
  BOOST_TEST(has(refusal(", a\n"), "a comma or bracket where a value begins"));
  BOOST_TEST(has(refusal(bomb), "once its aliases (*name) are written out"));
  BOOST_TEST(refusal(minimal + "beam: &b {energy_keV: 1}\n") != "accepted");
  const std::string long_value = refusal(minimal, {"loss.kind=" + std::string(100000, 'x')});
  BOOST_TEST((has(long_value, "xxx...xxx") && long_value.size() < 400));
  BOOST_TEST(has(refusal(minimal + "loss: {kind: \"\\e[31mred\"}\n"), "\\x1b[31mred"));
  BOOST_TEST(refusal(minimal + std::string(60, '[') + "\n").size() < 400);
  for (const std::string wrong : {".solve=3", "solve..iterations=3", "solve.=3"})
    BOOST_TEST(has(refusal(minimal, {wrong}, Command::reconstruct, ExitCode::usage), "one dot between two"), wrong);
}

BOOST_AUTO_TEST_CASE(every_number_has_two_ends_and_is_refused_outside_them) {
  for (const OptionEntry& entry : option_table()) {
    for (const NumberRange& number : entry.numbers) {
      const Limit& limit = number.limit;
      BOOST_TEST((std::isfinite(limit.low) && std::isfinite(limit.high) && limit.low <= limit.high), number.key);
      std::string key = number.key;
      std::vector<std::string> sets;
      if (const auto list = key.find("[]"); list != std::string::npos) {
        sets.emplace_back(key.substr(0, list) + "=[{kind: tv, weight: 1}]");
        key.insert(list + 1, "0");
      }
      for (const double outside : {limit.low - 1 - std::abs(limit.low), limit.high + 1 + std::abs(limit.high), 1e300}) {
        std::string form = number.form;
        std::vector<std::string> with = sets;
        with.push_back(key + "=" + form.replace(form.find("VALUE"), 5, fmt::format("{:.0f}", outside)));
        const std::string said = refusal(minimal, with);
        BOOST_TEST((has(said, key) && has(said, "must be")), with.back() + ": " + said);
      }
    }
    // Whoever takes a number says so in the table; texts take anything.
    const bool is_text = has(entry.allowed, "file") || has(entry.allowed, "folder") || has(entry.allowed, "dataset") ||
                         has(entry.allowed, "a text") || has(entry.allowed, "a time");
    if (is_text || entry.key.find("[]") != std::string::npos) continue;
    BOOST_TEST(refusal(minimal, {entry.key + "=1e300"}) != "accepted", entry.key);
    BOOST_TEST(refusal(minimal, {entry.key + "=-1e300"}) != "accepted", entry.key);
    const bool takes_three = refusal(minimal, {entry.key + "=3"}) == "accepted";
    BOOST_TEST((!takes_three || !entry.numbers.empty()), entry.key);
  }
}

BOOST_AUTO_TEST_CASE(what_will_not_be_refined_is_told) {
  BOOST_TEST(option_warnings(parse(minimal)).empty());
  BOOST_TEST((option_warnings(parse(minimal, {"refine.dose={from: 90}"})) ==
              std::vector<std::string>{"refine.dose.from is 90, but solve.iterations is 60: it will not be refined"}));
}

BOOST_AUTO_TEST_SUITE_END()
