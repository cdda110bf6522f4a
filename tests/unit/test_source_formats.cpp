// ranks: 1
// Headers and metadata of other programs: what they say, and what is refused of those that are damaged or lie.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "io/sources/file_names.hpp"
#include "io/sources/formats.hpp"
#include "io/sources/look.hpp"
#include "io/sources/mib.hpp"
#include "io/sources/npy.hpp"
#include "io/sources/small_files.hpp"
#include "io/sources/unit_words.hpp"
#include "src/workflow/options/options_table.hpp"
#include "tests/support/option_text.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

/// What a call is refused with; "accepted" where it is not.
template <class Call>
std::string refused(const Call& call) {
  try {
    call();
  } catch (const InputError& error) {
    BOOST_TEST(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "accepted";
}

std::string npy(const std::string& dictionary, std::size_t length = 118) {
  std::string header = dictionary;
  header.resize(length, ' ');
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(length % 256) + static_cast<char>(length / 256) +
         header;
}

std::string mib(const std::string& fields, std::size_t bytes = 384) {
  std::string header = fields;
  header.resize(bytes, '\0');
  return header;
}

struct Bad {
  std::string bytes, words;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.words; }

const std::vector<Bad> bad_npy{
    {"PK", "is no NumPy file"},
    {std::string("\x93NUMPY\x01\x00\xff\xff{", 11) + "  ", "its NumPy header of 65535 bytes is cut short"},
    {std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13), "is cut short"},
    {npy("{'fortran_order': False, 'shape': (3, 8, 8), }"), "its NumPy header has no descr"},
    {npy("{'descr': '<u2', 'fortran_order': False}"), "its NumPy header has no shape"},
    {npy("{'descr': '|O', 'fortran_order': False, 'shape': (3, 8, 8), }"), "elements of the NumPy type |O"},
    {npy("{'descr': '<c8', 'fortran_order': False, 'shape': (3, 8, 8), }"), "elements of the NumPy type <c8"},
    {npy("{'descr': '<f2', 'fortran_order': False, 'shape': (3, 8, 8), }"), "elements of the NumPy type <f2"},
    {npy("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (3, 8, 8), }"), "elements of the NumPy type"},
    {npy("{'descr': '<u2', 'fortran_order': False, 'shape': (3, -8, 8), }"), "has the shape"},
    {npy("{'descr': '<u2', 'fortran_order': False, 'shape': (4611686018427387904, 8, 8), }"), "too many elements"},
    {npy("{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999999999999, 8), }"), "has the shape"}};

const std::vector<Bad> bad_mib{{mib("MQ2,000001,00384,01,0256,0256,U16,1x1,01,"), "no header of a Merlin detector"},
                               {mib("MQ1,000001,00384"), "no header of a Merlin detector"},
                               {mib("MQ1,000001,-0384,01,0256,0256,U16,1x1,01,"), "has -0384 as field 2"},
                               {mib("MQ1,000001,00384,01,0000,0256,U16,1x1,01,"), "has 0000 as field 4"},
                               {mib("MQ1,000001,00384,01,0256,9999999,U16,1x1,01,"), "has 9999999 as field 5"},
                               {mib("MQ1,000001,00384,01,0256,nan,U16,1x1,01,"), "has nan as field 5"},
                               {mib("MQ1,000001,00384,01,0256,0256,U64,1x1,01,"), "holds pixels of type U64"},
                               {mib("MQ1,000001,00384,01,0256,0256,R64,1x1,01,"), "pip install libertem"}};

const std::vector<Bad> bad_xml{
    {"<root><a></root>", "is no XML: mismatched tag in line 1"},
    {"", "is no XML"},
    {"<root>" + std::string(3000, '<'), "is no XML"},
    {[] {
       std::string deep;
       for (int i = 0; i < 100; ++i) deep += "<a>";
       for (int i = 0; i < 100; ++i) deep += "</a>";
       return deep;
     }(),
     "lie more than 64 deep"},
    {"<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><r><x>&undefined;</x></r>",
     "is no XML"}};

}  // namespace

BOOST_AUTO_TEST_CASE(a_numpy_header_says_where_its_array_is) {
  const NpyHeader header = npy_header(npy("{'descr': '>i4', 'fortran_order': True, 'shape': (3, 8, 9), }"), "a.npy");
  BOOST_TEST(header.element.kind == 'i');
  BOOST_TEST(header.element.bytes == 4);
  BOOST_TEST(header.element.big_endian);
  BOOST_TEST(header.fortran_order);
  BOOST_TEST((header.shape == std::vector<Index>{3, 8, 9}));
  BOOST_TEST(header.offset_bytes == 128);
  BOOST_TEST(npy_header(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (4,), }"), "a").shape.size() == 1U);
}

BOOST_DATA_TEST_CASE(a_numpy_header_that_lies_is_refused, data::make(bad_npy), bad) {
  const std::string what = refused([&] { npy_header(bad.bytes, "a.npy"); });
  BOOST_TEST(has(what, "a.npy: "), what);
  BOOST_TEST(has(what, bad.words), what);
}

BOOST_AUTO_TEST_CASE(a_merlin_header_says_size_and_type) {
  const MibHeader header = mib_header(mib("MQ1,000001,00768,04,0515,0512,U32,2x2G,0F,", 768), "a.mib");
  BOOST_TEST(header.header_bytes == 768);
  BOOST_TEST(header.nx == 515);
  BOOST_TEST(header.ny == 512);
  BOOST_TEST(header.element.bytes == 4);
  BOOST_TEST(header.element.big_endian);
}

BOOST_DATA_TEST_CASE(a_merlin_header_that_lies_is_refused, data::make(bad_mib), bad) {
  const std::string what = refused([&] { mib_header(bad.bytes, "a.mib"); });
  BOOST_TEST(has(what, "a.mib: "), what);
  BOOST_TEST(has(what, bad.words), what);
}

BOOST_AUTO_TEST_CASE(xml_is_a_list_of_paths) {
  const auto elements = xml_elements("<r><a b='1'><c> 2 </c></a><d/></r>", "a.xml");
  BOOST_REQUIRE(elements.size() == 4U);
  BOOST_TEST(elements[0].path == "a/c");
  BOOST_TEST(elements[0].outer_attributes.at("b") == "1");
  BOOST_TEST(*as_number(elements[0].text) == 2);
  BOOST_TEST(elements[2].path == "d");
}

BOOST_DATA_TEST_CASE(xml_that_is_none_is_refused, data::make(bad_xml), bad) {
  const std::string what = refused([&] { xml_elements(bad.bytes, "a.xml"); });
  BOOST_TEST(has(what, bad.words), what);
}

BOOST_AUTO_TEST_CASE(metadata_that_make_no_sense_fill_nothing) {
  for (const char* text :
       {"", "[1, 2", "3", "[]", "{\"dimensional_calibrations\": 5}", "{\"dimensional_calibrations\": [1, 2, 3]}",
        "{\"dimensional_calibrations\": [{}, {\"scale\": \"a\"}, {\"scale\": 1e999, \"units\": \"nm\"}]}",
        "{\"high_tension\": -5}", "{\"high_tension\": \"much\"}"}) {
    SourceFacts facts;
    add_nion_facts(text, "a.json", facts);
    BOOST_TEST(facts.facts.empty(), text);
  }
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  SourceFacts facts;
  add_nion_facts(deep, "a.json", facts);
  BOOST_TEST(facts.facts.empty());
  facts.add(Quantity::energy_keV, {std::nan("")}, "a");
  facts.add(Quantity::energy_keV, {0}, "a");
  facts.add(Quantity::scan_step_A, {1, -1}, "a");
  BOOST_TEST(facts.facts.empty());
  facts.add(Quantity::C10_A, {-5}, "a");
  facts.add(Quantity::C10_A, {7}, "b");  // the first is believed
  BOOST_TEST(facts.find(Quantity::C10_A)->values[0] == -5);
}

BOOST_AUTO_TEST_CASE(units_are_words_of_many_programs) {
  const auto tolerance = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(*length_unit_A("[n_m]") == 10, tolerance);
  BOOST_TEST(*length_unit_A("m") == 1e10, tolerance);
  BOOST_TEST(!length_unit_A("M").has_value());
  BOOST_TEST(!length_unit_A("pixels").has_value());
  BOOST_TEST(pixel_unit("A^-1")->factor == 1, tolerance);
  BOOST_TEST(pixel_unit("1/nm")->factor == 0.1, tolerance);
  BOOST_TEST((pixel_unit("rad")->quantity == Quantity::pixel_mrad));
  BOOST_TEST(!pixel_unit("nm").has_value());
  BOOST_TEST(!pixel_unit("").has_value());
}

BOOST_AUTO_TEST_CASE(numbers_in_names_are_numbers) {
  BOOST_TEST(natural_less("f2.npy", "f10.npy"));
  BOOST_TEST(natural_less("f002.npy", "f10.npy"));
  BOOST_TEST(!natural_less("f10.npy", "f9.npy"));
  BOOST_TEST(natural_less("a", "ab"));
  BOOST_TEST(!natural_less("a", "a"));
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  for (const char* name : {"s_0_0.raw", "s_0_1.raw", "s_2_0.raw", "s_2_1.raw", "other.txt"})
    std::ofstream(folder.file(name)) << 1;
  const NamedFiles raster = named_files(folder.file("s_{y}_{x}.raw"));
  BOOST_TEST((raster.scan == std::vector<Index>{2, 2}));
  BOOST_TEST(raster.files[3] == folder.file("s_2_1.raw"));
  std::ofstream(folder.file("s_3_0.raw")) << 1;
  BOOST_TEST(has(refused([&] { named_files(folder.file("s_{y}_{x}.raw")); }), "the raster has holes"));
  BOOST_TEST(has(refused([&] { named_files(folder.file("s_{y}_0.raw")); }), "{y} and {x} together"));
  BOOST_TEST(has(refused([&] { named_files(folder.file("s_{n}_*.raw")); }), "have the same numbers"));
  BOOST_TEST(has(refused([&] { named_files(folder.file("q*.raw")); }), "there is no file of a pattern"));
}

BOOST_AUTO_TEST_CASE(positions_find_their_frames) {
  const ScanMap rows{.shape = {3, 4}, .first = 2, .line = 5};
  BOOST_TEST(rows.frame_of(4) == 7);
  const ScanMap columns{.shape = {3, 4}, .line = 3, .order = ScanOrder::columns};
  BOOST_TEST(columns.frame_of(1) == 3);
  BOOST_TEST(columns.frame_of(4) == 1);
  const ScanMap snake{.shape = {3, 4}, .line = 4, .order = ScanOrder::snake};
  BOOST_TEST(snake.frame_of(4) == 7);
  BOOST_TEST(snake.frame_of(8) == 8);
}

BOOST_AUTO_TEST_CASE(a_raw_file_holds_what_is_asked_of_it) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string file = folder.file("a.dat");
  std::ofstream(file) << std::string(1000, 'x');
  SourceRequest request{.file = file, .format = "raw", .raw = {.shape = {4, 5, 8, 8}, .type = "uint8"}};
  BOOST_TEST(has(refused([&] { look_at(request); }),
                 "has 1000 bytes, which hold 15 frames of 64 bytes from byte 0 on, but 20"));
  request.raw = {.shape = {8, 8}, .type = "uint8", .offset_bytes = 2000};
  BOOST_TEST(has(refused([&] { look_at(request); }), "which hold 0 frames"));
  request.raw = {.shape = {8, 8}, .type = "uint8", .offset_bytes = 4, .gap_bytes = 16};
  const Source source = look_at(request);
  BOOST_TEST((source.description.shape() == std::vector<Index>{12, 8, 8}));
  BOOST_TEST(source.facts.warnings.size() == 1U);  // some bytes are left over
  request.scan_shape = {4, 4};
  BOOST_TEST(has(refused([&] { look_at(request); }), "has 12 patterns, but a scan of (4, 4) from frame 0 on needs 16"));
  request.scan_shape = {3, 3};
  request.line_frames = 2;
  BOOST_TEST(has(refused([&] { look_at(request); }), "data.line_frames is 2, but a line of the scan has 3 positions"));
  request = {.file = file, .format = "raw", .raw = {.shape = {70000, 8}, .type = "uint8"}};
  BOOST_TEST(has(refused([&] { look_at(request); }), "a pattern of 70000 x 8 pixels cannot be"));
  request = {.file = file, .format = "raw"};
  BOOST_TEST(has(refused([&] { look_at(request); }), "give data.raw.shape"));
  request = {.file = file, .format = "raw", .raw = {.shape = {5, 8, 8}, .type = "uint8"}};
  request.amplitudes = true;
  BOOST_TEST(has(refused([&] { look_at(request); }), "holds integers, which are counts"));
}

BOOST_AUTO_TEST_CASE(a_description_survives_as_text) {
  SourceDescription d{
      .format = "raw", .name = "a\xff.dat", .layout = {}, .map = {.shape = {2, 3}, .first = 1, .line = 4}};
  d.layout.info.shape = {9, 8, 7};
  d.layout.memory_type = StoredType::u16;
  d.kind = FrameKind::raw;
  d.parts = {{.file = "b\xfe", .count = 9}};
  d.transposed = true;
  d.element = {.kind = 'i', .bytes = 2, .big_endian = true};
  d.list_positions = {4, 5};
  const SourceDescription again = source_from_text(source_text(d));
  BOOST_TEST(source_text(again) == source_text(d));
  BOOST_TEST(again.name == d.name);
  BOOST_TEST((again.shape() == std::vector<Index>{2, 3, 7, 8}));
  BOOST_TEST(again.element.kind == 'i');
}

BOOST_AUTO_TEST_CASE(the_run_file_knows_the_formats_that_are_read) {
  const auto& table = option_table();
  const auto entry = std::ranges::find(table, "data.format", &OptionEntry::key);
  BOOST_REQUIRE((entry != table.end()));
  for (const std::string& format : source_formats()) BOOST_TEST(has(entry->allowed, format), format);
  BOOST_TEST(std::ranges::count(entry->allowed, ',') + 1 == static_cast<std::ptrdiff_t>(source_formats().size()));
}

BOOST_AUTO_TEST_CASE(what_is_found_fills_what_is_left_out) {
  const FoundInFile found{.keys = {{"beam.energy_keV", "300", "file: a.xml: high_voltage"},
                                   {"detector.pixel_invA", "0.02", "file: a.xml: pixel"},
                                   {"beam.aberrations.C10_A", "50", "file: a.xml: defocus"},
                                   {"detector.flip_y", "true", "file: EMPAD"},
                                   {"scan.step_A", "0.4", "file: a.xml: step"}}};
  const auto yaml = [&](const std::vector<std::string>& sets) {
    return resolved_yaml("data: {file: a.raw}\nbeam: {semiangle_mrad: 20}\noutput: {directory: o}\n", "/runs/run.yaml",
                         sets, Command::reconstruct, found);
  };
  const std::string all = yaml({});
  BOOST_TEST(has(all, "energy_keV: 300"));
  BOOST_TEST(has(all, "# file: a.xml: high_voltage"));
  BOOST_TEST(has(all, "aberrations: {C10_A: 50}"));
  // A key of the same meaning, a key that is null, and a part of a map that is given.
  const std::string less =
      yaml({"detector.pixel_mrad=1", "detector.flip_y=false", "beam.aberrations.C12_A=3", "scan.step_A=2"});
  BOOST_TEST(has(less, "pixel_invA: null"));
  BOOST_TEST(has(less, "flip_y: false"));
  BOOST_TEST(has(less, "aberrations: {C12_A: 3, C10_A: 50}"));
  BOOST_TEST(has(less, "# --set, file: a.xml: defocus"));
  BOOST_TEST(has(less, "step_A: 2"));
  const RunOptions options =
      parse_run_options("data: {file: a.raw, positions: /p}\nbeam: {semiangle_mrad: 20}\noutput: {directory: o}\n",
                        "/runs/run.yaml", {}, Command::reconstruct, found);
  BOOST_TEST(!options.scan.step_A.has_value());  // positions are given
  BOOST_TEST(*options.beam.energy_eV == 300e3);
  // What could not be looked at is why a key is missing.
  FoundInFile failed;
  failed.failure = "a.raw: cannot be read";
  failed.failure_code = ExitCode::data_missing;
  const std::string text = "data: {file: a.raw}\noutput: {directory: o}\n";
  BOOST_TEST(refused([&] { parse_run_options(text, "/r.yaml", {}, Command::reconstruct, failed); }) ==
             "a.raw: cannot be read");
  BOOST_TEST(has(refused([&] { parse_run_options(text, "/r.yaml", {}, Command::reconstruct, {}); }), "is missing"));
}

}  // namespace tessera::testing
