// ranks: 1 2 3
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <complex>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "io/h5.hpp"
#include "io/plain_writer.hpp"
#include "io/read_patterns.hpp"
#include "io/result_file.hpp"
#include "io/text_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using namespace tessera;
using tessera::testing::TemporaryFolder;

/// While it lives, this process cannot write beyond `bytes` of any file, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

/// Rows first .. last - 1 of `n` belong to this rank; some ranks may have none.
std::pair<Index, Index> share(const Comm& comm, Index n) {
  return {n * comm.rank() / comm.size(), n * (comm.rank() + 1) / comm.size()};
}

/// The code with which `action` fails; the same on all ranks, with the text.
ExitCode failure_code(const Comm& comm, const std::function<void()>& action, const std::string& part) {
  ExitCode code = ExitCode::done;
  try {
    action();
  } catch (const Error& error) {
    code = error.code();
    BOOST_TEST(error.agreed());
    BOOST_TEST(std::string(error.what()).find(part) != std::string::npos, error.what());
  }
  BOOST_TEST(comm.max(static_cast<double>(code)) == static_cast<double>(code));
  return code;
}

OutputArray object_array(const std::vector<std::complex<float>>& mine, Index first, Index last) {
  OutputArray array{"object", StoredType::complex64, {}, "", "transmission", {}, {{"origin_A", {-1.5, 2.5}}}};
  array.axes = {{"slice", "", 0, 1, 1}, {"y", "angstrom", -1.5, 0.2, 7}, {"x", "angstrom", 2.5, 0.25, 5}};
  if (last > first) array.blocks.push_back({{0, first, 0}, {1, last - first, 5}, mine.data()});
  return array;
}

/// Value of pixel (ky, kx) of pattern p in the test files.
std::uint16_t count_at(Index p, Index pixel) { return static_cast<std::uint16_t>((p * 131 + pixel * 7) % 60000); }

/// Patterns of big-endian 16-bit counts; contiguous when `chunk` is empty, otherwise chunked and deflated.
void write_patterns(const std::string& file, const std::vector<Index>& shape, const std::vector<Index>& chunk) {
  const H5Id id = checked(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "create");
  const H5Id creation = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "H5Pcreate");
  if (!chunk.empty()) {
    H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), as_hsize(chunk).data());
    H5Pset_deflate(creation.get(), 4);
  }
  const H5Id dataset = checked(H5Dcreate2(id.get(), "patterns", H5T_STD_U16BE, make_space(shape).get(), H5P_DEFAULT,
                                          creation.get(), H5P_DEFAULT),
                               H5Dclose, "create");
  const Index pixels = shape[shape.size() - 2] * shape.back();
  std::vector<std::uint16_t> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = count_at(static_cast<Index>(i) / pixels, static_cast<Index>(i) % pixels);
  check_h5(H5Dwrite(dataset.get(), H5T_NATIVE_UINT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "H5Dwrite");
}

/// Every rank reads a scattered, permuted share; returns the read amplification.
double read_and_check(const Comm& comm, const std::string& file) {
  PatternReader reader(comm, file, "/patterns");
  BOOST_TEST((reader.memory_type() == StoredType::u16));
  BOOST_TEST(reader.bytes_per_pixel() == 2);
  const auto& shape = reader.source().layout.info.shape;
  const Index pixels = shape[shape.size() - 2] * shape.back();
  const Index n = element_count(shape) / pixels;
  std::vector<Index> indices;
  for (Index i = n - 1; i >= 0; --i)
    if ((i / 3) % comm.size() == comm.rank() && i != 4) indices.push_back(i);
  if (indices.size() > 2) std::swap(indices[0], indices[2]);
  std::vector<std::uint16_t> counts(indices.size() * static_cast<std::size_t>(pixels));
  reader.read(indices, [&](std::span<const Index> slots, std::span<const std::byte> patterns) {
    const std::size_t bytes = static_cast<std::size_t>(pixels) * sizeof(std::uint16_t);
    for (std::size_t i = 0; i < slots.size(); ++i)
      std::memcpy(counts.data() + slots[i] * pixels, patterns.data() + i * bytes, bytes);
  });
  Index wrong = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    wrong += counts[i] != count_at(indices[i / static_cast<std::size_t>(pixels)], static_cast<Index>(i) % pixels);
  BOOST_TEST(wrong == 0);
  return reader.cost().amplification();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_result_comes_back) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string path = folder.file("result.emd");
  const auto [first, last] = share(comm, 7);
  std::vector<std::complex<float>> mine;
  for (Index i = first * 5; i < last * 5; ++i) mine.emplace_back(static_cast<float>(i), -static_cast<float>(i) / 2);
  const std::vector<double> loss{3, 2, 1};
  std::vector<OutputArray> arrays{object_array(mine, first, last)};
  arrays.push_back({"loss", StoredType::f64, {{"iteration", "", 0, 1, 3}}, "", "loss", {}, {}});
  if (comm.rank() == comm.size() - 1) arrays[1].blocks.push_back({{0}, {3}, loss.data()});
  arrays.push_back({"gaps", StoredType::f32, {{"gap", "", 0, 1, 0}}, "angstrom", "nothing", {}, {}});
  OutputHeader header;
  header.metadata = {{"energy_eV", 8e4}};
  header.provenance_json = "{}";
  write_result(comm, path, header, arrays);

  const auto whole = read_complex(path, "/reconstruction/object/data");
  BOOST_TEST(whole.size() == 35);
  for (std::size_t i = 0; i < whole.size(); ++i)
    BOOST_TEST(std::abs(whole[i] - std::complex<double>(static_cast<double>(i), -static_cast<double>(i) / 2)) == 0);
  BOOST_TEST(read_real(path, "/reconstruction/loss/data") == loss, boost::test_tools::per_element());
  BOOST_TEST(read_real(path, "/reconstruction/object/dim0").size() == 2);
  BOOST_TEST(read_real(path, "/reconstruction/metadatabundle/reconstruction/energy_eV").at(0) == 8e4);
  const auto origin = read_attribute(path, "/reconstruction/object", "origin_A");
  BOOST_TEST((origin == std::vector<double>{-1.5, 2.5}));
  BOOST_TEST(!read_attribute(path, "/reconstruction/object", "signal").has_value());
  const OpenFile file(path);
  BOOST_TEST(file.text("/reconstruction/process/provenance/data").value_or("none") == "{}");
  BOOST_TEST(!file.text("/reconstruction/loss/data").has_value());
  BOOST_TEST(!file.text("/absent").has_value());
  std::vector<std::complex<double>> box;
  read_box(path, "/reconstruction/object/data", std::vector<Index>{0, 2, 1}, std::vector<Index>{1, 2, 3}, box);
  BOOST_TEST(box.size() == 6);
  BOOST_TEST(box[3].real() == 16);
  BOOST_TEST(!std::filesystem::exists(temporary_name(path)));
  if (const char* keep = std::getenv("TESSERA_KEEP_RESULT"); keep != nullptr && comm.is_root())
    std::filesystem::copy_file(path, keep, std::filesystem::copy_options::overwrite_existing);
  comm.barrier();
}

BOOST_AUTO_TEST_CASE(a_file_that_came_to_be_meanwhile_is_kept_and_so_is_what_was_written) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string path = folder.file("data.h5");
  const std::vector<PlainArray> arrays{{"/data", StoredType::u16, {4}, {}, {}, {}}};
  {
    PlainWriter writer(comm, path, arrays, {}, {}, Existing::keep);
    if (comm.is_root()) std::ofstream(path) << "another's";
    BOOST_CHECK_EXCEPTION(writer.commit(), Error, [](const Error& error) {
      return error.code() == ExitCode::cannot_create &&
             std::string(error.what()).find("came to be while this run was going") != std::string::npos;
    });
  }
  comm.barrier();
  BOOST_TEST(std::filesystem::file_size(path) == 9U);
  if (comm.is_root()) BOOST_TEST(dataset_exists(temporary_name(path), "/data"));
  comm.barrier();
}

BOOST_AUTO_TEST_CASE(a_plain_file_is_filled_in_rounds) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string path = folder.file("data.h5");
  std::vector<PlainArray> arrays{{"/data/patterns", StoredType::u16, {4, 5, 2, 3}, {}, {{"step_A", {0.5, 0.25}}}, {}}};
  {
    PlainWriter writer(comm, path, arrays, {{"energy_eV", {8e4}}}, {{"program", "tessera"}});
    for (Index row = 0; row < 4; ++row) {
      const auto [first, last] = share(comm, 5);
      std::vector<std::uint16_t> counts;
      for (Index i = (row * 5 + first) * 6; i < (row * 5 + last) * 6; ++i)
        counts.push_back(static_cast<std::uint16_t>(i));
      const LocalBlock block{{row, first, 0, 0}, {1, last - first, 2, 3}, counts.data()};
      writer.write(0, std::span(&block, 1));
    }
    BOOST_TEST(!std::filesystem::exists(path));
    writer.commit();
  }
  const auto values = read_real(path, "/data/patterns");
  BOOST_TEST(values.size() == 120);
  for (std::size_t i = 0; i < values.size(); ++i) BOOST_TEST(values[i] == static_cast<double>(i));
  BOOST_TEST(dataset_info(path, "/data/patterns").contiguous);
  BOOST_TEST(read_attribute(path, "/", "energy_eV").value().at(0) == 8e4);
  BOOST_TEST(dataset_exists(path, "/data/patterns"));
  BOOST_TEST(!dataset_exists(path, "/data/nothing"));
}

BOOST_AUTO_TEST_CASE(without_commit_nothing_is_left) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  {
    const std::vector<PlainArray> arrays{{"a", StoredType::f64, {4}, {}, {}, {}}};
    const PlainWriter writer(comm, folder.file("data.h5"), arrays);
  }
  comm.barrier();
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(patterns_in_any_order_and_layout) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string file = folder.file("patterns.h5");
  struct Case {
    std::vector<Index> shape, chunk;
  };
  const std::vector<Case> cases{{{23, 4, 6}, {}},
                                {{5, 7, 4, 6}, {}},
                                {{23, 4, 6}, {5, 4, 6}},
                                {{23, 4, 6}, {1, 3, 4}},
                                {{5, 7, 4, 6}, {2, 3, 4, 6}},
                                {{5, 7, 4, 6}, {1, 7, 2, 6}},
                                {{5, 7, 4, 6}, {5, 7, 4, 6}}};
  for (const auto& [shape, chunk] : cases) {
    comm.barrier();
    if (comm.is_root()) write_patterns(file, shape, chunk);
    comm.barrier();
    const double amplification = read_and_check(comm, file);
    BOOST_TEST(amplification >= 1);
    BOOST_TEST(amplification < 2.1);  // each chunk once, on any number of ranks
  }
}

BOOST_AUTO_TEST_CASE(wrong_input_is_told_on_all_ranks) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string file = folder.file("patterns.h5");
  if (comm.is_root()) {
    write_patterns(file, {4, 2, 2}, {});
    write_text_atomically(folder.file("text.h5"), "not HDF5");
  }
  comm.barrier();
  const auto reading = [&](const std::string& name, const std::string& dataset) {
    return [&, name, dataset] { PatternReader(comm, folder.file(name), dataset); };
  };
  BOOST_TEST(
      (failure_code(comm, reading("patterns.h5", "/pattern"), "the file has /patterns") == ExitCode::data_missing));
  BOOST_TEST((failure_code(comm, reading("patterns.h5", "/a/b"), "/a/b") == ExitCode::data_missing));
  BOOST_TEST((failure_code(comm, reading("none.h5", "/patterns"), "none.h5") == ExitCode::data_missing));
  BOOST_TEST((failure_code(comm, reading("text.h5", "/patterns"), "is a text file, not HDF5") == ExitCode::data_wrong));
}

BOOST_AUTO_TEST_CASE(a_write_refused_after_creation_is_agreed_and_leaves_nothing) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const Index n = Index{1} << 18;
  const auto [first, last] = share(comm, n);
  const std::vector<double> mine(static_cast<std::size_t>(last - first), 1.0);
  const LocalBlock block{{first}, {last - first}, mine.data()};
  const std::vector<PlainArray> arrays{{"a", StoredType::f64, {n}, {}, {}, {}}};
  const auto attempt = [&] {
    PlainWriter writer(comm, folder.file("data.h5"), arrays);
    const FileSizeLimit limit(comm.rank() == comm.size() - 1 ? 4096 : RLIM_INFINITY);
    writer.write(0, std::span(&block, 1));
    writer.commit();
  };
  BOOST_TEST((failure_code(comm, attempt, "data.h5") == ExitCode::cannot_write));
  comm.barrier();
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(refused_output_leaves_nothing) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const auto [first, last] = share(comm, 7);
  const std::vector<std::complex<float>> mine(static_cast<std::size_t>((last - first) * 5));
  const std::vector<OutputArray> arrays{object_array(mine, first, last)};
  const auto writing = [&](const std::string& path) { return [&, path] { write_result(comm, path, {}, arrays); }; };
  BOOST_TEST((failure_code(comm, writing(folder.file("no/result.emd")), "no/result.emd") == ExitCode::cannot_create));

  std::vector<OutputArray> huge = arrays;
  huge[0].axes[1].length = Index{1} << 50;
  huge[0].axes.pop_back();
  huge[0].blocks.clear();
  BOOST_TEST((failure_code(
                  comm, [&] { write_result(comm, folder.file("huge.emd"), {}, huge); }, "bytes are free") ==
              ExitCode::cannot_write));

  {
    const FileSizeLimit limit(4096);
    BOOST_TEST((failure_code(comm, writing(folder.file("full.emd")), "full.emd") == ExitCode::cannot_write));
  }
  comm.barrier();
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}
