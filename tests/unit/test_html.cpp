#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/workflow/report/chart.hpp"
#include "src/workflow/report/html.hpp"

using namespace tessera;

BOOST_AUTO_TEST_CASE(no_text_can_be_markup) {
  BOOST_TEST(html_text("<script>alert('a & \"b\"')</script>") ==
             "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;");
  BOOST_TEST(html_text("a\n\tb") == "a\n\tb");
}

BOOST_AUTO_TEST_CASE(what_is_no_letter_becomes_the_sign_for_it) {
  const std::string sign = "\xef\xbf\xbd";
  BOOST_TEST(html_text("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x94\xac") == "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x94\xac");
  for (const char* wrong : {"\x01", "\x1b", "\x7f\x80" + 1, "\xff", "\xc0", "\xc2", "\xf5"})
    BOOST_TEST(html_text(wrong) == sign, wrong);
  BOOST_TEST(html_text("\xc0\xaf") == sign + sign);                // overlong
  BOOST_TEST(html_text("\xed\xa0\x80") == sign + sign + sign);     // a half of a pair
  BOOST_TEST(html_text("\xf4\x90\x80\x80").substr(0, 3) == sign);  // beyond the last letter
  BOOST_TEST(html_text("\xe2\x82") == sign + sign);                // cut off
  BOOST_TEST(html_text("\xc2\x9b"
                       "31m") == sign + sign + "31m");  // a control sign of terminals
  BOOST_TEST(html_text(std::string("\0x", 2)) == sign + "x");
}

BOOST_AUTO_TEST_CASE(bytes_as_base64) {
  // The test vectors of RFC 4648, section 10.
  BOOST_TEST(base64("") == "");
  BOOST_TEST(base64("f") == "Zg==");
  BOOST_TEST(base64("fo") == "Zm8=");
  BOOST_TEST(base64("foo") == "Zm9v");
  BOOST_TEST(base64("foob") == "Zm9vYg==");
  BOOST_TEST(base64("fooba") == "Zm9vYmE=");
  BOOST_TEST(base64("foobar") == "Zm9vYmFy");
  BOOST_TEST(base64("\xff\xfe\xfd") == "//79");
}

BOOST_AUTO_TEST_CASE(a_chart_draws_what_there_is) {
  BOOST_TEST(chart_svg({"loss", {{"", {}}}}, {}, -1) == "");
  BOOST_TEST(chart_svg({"loss", {{"", {1}}}}, {}, -1) == "");
  BOOST_TEST(chart_svg({"loss", {{"", {NAN, NAN}}}}, {}, -1) == "");
  const std::string gap = chart_svg({"loss <", {{"", {3, NAN, 2, 1}}}}, {}, 2);
  BOOST_TEST(gap.find("d=\"M74.0 ") != std::string::npos);  // the first value, alone
  BOOST_TEST(gap.find("M387.3 ") != std::string::npos);     // two thirds of the way: the curve begins anew
  BOOST_TEST(gap.find("L544.0 ") != std::string::npos);     // the last
  BOOST_TEST(gap.find("class=\"mark\" x1=\"387.3\"") != std::string::npos);
  BOOST_TEST(gap.find("loss &lt;") != std::string::npos);
  // From 100 down to 1 the axis is logarithmic: 10 is in the middle.
  const std::string decades = chart_svg({"loss", {{"", {100, 10, 1}}}}, {}, -1);
  BOOST_TEST(decades.find("L309.0 143.0") != std::string::npos, decades);
  std::vector<double> many(100000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = 1 / (1.0 + static_cast<double>(i));
  BOOST_TEST(chart_svg({"loss", {{"", many}}}, {}, -1).size() < 40000U);
  BOOST_TEST(chart_svg({"loss", {{"", {2, 1}}}}, {7, 9}, -1).find(">8</text>") != std::string::npos);
}
