// ranks: 1
// The rules of the house hold for this repository, and each check is seen to find a planted violation.
#include <boost/test/unit_test.hpp>

#include "tests/architecture/checks.hpp"

namespace tessera::architecture {

namespace {

void expect_none(const Findings& findings) {
  for (const std::string& finding : findings) BOOST_TEST_ERROR(finding);
  BOOST_TEST(findings.empty());
}

Findings expected(const std::string& finding) { return {finding}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(the_repository)

BOOST_AUTO_TEST_CASE(is_read) {
  const Tree tree = read_tree(TESSERA_SOURCE);
  for (const char* path : {"src/base/error.hpp", "src/parallel/comm.cpp", "tests/CMakeLists.txt", "tests/run"})
    BOOST_TEST(tree.contains(path), path);
}
BOOST_AUTO_TEST_CASE(has_no_cycle_of_layers) { expect_none(check_layer_table()); }
BOOST_AUTO_TEST_CASE(includes_point_down) { expect_none(check_layers(read_tree(TESSERA_SOURCE))); }
BOOST_AUTO_TEST_CASE(keeps_keys_out_of_the_model) { expect_none(check_keys(read_tree(TESSERA_SOURCE))); }
BOOST_AUTO_TEST_CASE(keeps_foreign_headers_in_their_layer) {
  expect_none(check_foreign_headers(read_tree(TESSERA_SOURCE)));
}
BOOST_AUTO_TEST_CASE(has_no_long_files) { expect_none(check_length(read_tree(TESSERA_SOURCE))); }
BOOST_AUTO_TEST_CASE(has_no_leftovers) { expect_none(check_leftovers(read_tree(TESSERA_SOURCE))); }
BOOST_AUTO_TEST_CASE(calls_what_it_declares) { expect_none(check_unused_functions(read_tree(TESSERA_SOURCE))); }

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_planted_violation_is_found)

BOOST_AUTO_TEST_CASE(an_include_that_points_up) {
  const Tree tree{{"src/model/a.cpp", "#include \"kernels/patch.hpp\"\n#include \"src/parallel/comm.hpp\"\n"}};
  BOOST_TEST(check_layers(tree) == expected("src/model/a.cpp:2: src/model may not include src/parallel/comm.hpp"),
             boost::test_tools::per_element());
  BOOST_TEST(check_layers({{"io/a.hpp", "#include \"kernels/fft.hpp\"\n"}}).size() == 1U);
  BOOST_TEST(check_layers({{"drivers/a.cpp", "#include \"src/model/probe.hpp\"\n"}}).size() == 1U);
  BOOST_TEST(check_layers({{"src/workflow/start/a.cpp", "#include \"drivers/b.hpp\"\n"}}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_folder_of_workflow_that_looks_sideways) {
  const Tree tree{{"src/workflow/simulate/a.cpp", "#include \"src/workflow/reconstruct/b.hpp\"\n"}};
  BOOST_TEST(check_layers(tree) == expected("src/workflow/simulate/a.cpp:1: src/workflow/simulate may not include "
                                            "src/workflow/reconstruct/b.hpp"),
             boost::test_tools::per_element());
  BOOST_TEST(check_layers({{"src/workflow/options/a.cpp", "#include \"src/workflow/input/b.hpp\"\n"}}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_file_in_no_layer) {
  BOOST_TEST(check_layers({{"src/workflow/a.cpp", "int a;\n"}}) == expected("src/workflow/a.cpp lies in no layer"),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_include_that_hides_its_layer) {
  BOOST_TEST(check_layers({{"src/model/a.cpp", "#include \"../parallel/comm.hpp\"\n"}}).size() == 1U);
  BOOST_TEST(check_layers({{"src/model/a.cpp", "#include \"tests/support/noise.hpp\"\n"}}).size() == 1U);
  BOOST_TEST(check_layers({{"src/model/a.cpp", "#include <src/parallel/comm.hpp>\n"}}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_foreign_header_outside_its_layer) {
  const Tree tree{{"src/model/a.cpp", "#include <mpi.h>\n"}, {"src/parallel/a.cpp", "#include <mpi.h>\n"}};
  BOOST_TEST(
      check_foreign_headers(tree) == expected("src/model/a.cpp:1: src/model may not include the foreign header mpi.h"),
      boost::test_tools::per_element());
  for (const char* header : {"hdf5.h", "petsctao.h", "yaml-cpp/yaml.h", "CLI/CLI.hpp", "cairo/cairo.h", "fftw3.h"})
    BOOST_TEST(check_foreign_headers({{"src/base/a.hpp", "#include <" + std::string(header) + ">\n"}}).size() == 1U);
  BOOST_TEST(check_foreign_headers({{"src/workflow/start/a.hpp", "#include <petsctao.h>\n"}}).size() == 1U);
  BOOST_TEST(check_foreign_headers({{"src/workflow/start/a.hpp", "#include <petscsys.h>\n"}}).empty());
}

BOOST_AUTO_TEST_CASE(a_model_that_names_a_key) {
  const Tree tree{{"src/model/a.cpp", "int a;\nfail(\"beam.modes is 0\");\n"},
                  {"src/workflow/start/a.cpp", "\"beam.modes\""}};
  BOOST_TEST(check_keys(tree) == expected("src/model/a.cpp:2: names the key beam.modes, which only the workflow knows"),
             boost::test_tools::per_element());
  BOOST_TEST(
      check_keys({{"src/model/a.cpp", "#include \"src/base/a.hpp\"\n// beam.modes\nf(\"a beam. x\", beam.modes);"}})
          .empty());
}

BOOST_AUTO_TEST_CASE(a_long_file) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "\n";
  BOOST_TEST(check_length({{"io/a.cpp", text}}).empty());
  BOOST_TEST(check_length({{"io/a.cpp", text + "\n"}}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(code_in_comments) {
  const Tree tree{{"src/base/a.cpp", "int a;\n  // a = 1;\n// a sentence ends in a full stop.\n/// f(x) = {1, 2}\n"}};
  BOOST_TEST(check_leftovers(tree) == expected("src/base/a.cpp:2: commented-out code"),
             boost::test_tools::per_element());
  BOOST_TEST(check_leftovers({{"io/a.hpp", "// if (a) {\n"}}).size() == 1U);
  BOOST_TEST(check_leftovers({{"io/a.hpp", "// }\n"}}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_reminder) {
  BOOST_TEST(check_leftovers({{"tests/run", std::string("# TO") + "DO: later\n"}}).size() == 1U);
  BOOST_TEST(check_leftovers({{"io/a.hpp", std::string("/// FIX") + "ME\n"}}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_function_nobody_calls) {
  const Tree tree{
      {"src/base/a.hpp",
       "#pragma once\nnamespace tessera {\nstruct A {\n  int used() const { return helper(); }\n"
       "  int helper() const;\n};\ntemplate <class T>\nvoid unused(const T& a, int b = helper());\n}\n"},
      {"src/base/a.cpp",
       "namespace tessera {\nint A::helper() const { return 1; }\ntemplate <class T>\nvoid unused(const T&, int) {}\n"
       "template void unused<int>(const int&, int);\n}  // unused()\n"},
      {"drivers/b.cpp", "int main() { return tessera::A{}.used(); }\n"}};
  BOOST_TEST(check_unused_functions(tree) == expected("src/base/a.hpp: nobody calls unused"),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_function_called_by_a_macro_or_a_test_is_used) {
  BOOST_TEST(check_unused_functions({{"io/a.hpp", "void f(int a);\n#define F(a) \\\n  f(a)\n"}}).empty());
  BOOST_TEST(
      check_unused_functions({{"io/a.hpp", "void f(int a);\n"}, {"tests/t.cpp", "void t() { f(1); }\n"}}).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::architecture
