#include "tests/support/compressed_file.hpp"

#include <numeric>

#include "io/plain_writer.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace {

template <class Stored>
PlainArray array(const Comm& comm, const std::string& name, StoredType type, const std::vector<Index>& shape,
                 const std::vector<Stored>& values) {
  PlainArray made{name, type, shape, {}, {}, {}};
  if (comm.is_root()) made.blocks = {{std::vector<Index>(shape.size(), 0), shape, values.data()}};
  return made;
}

}  // namespace

CompressedFile::CompressedFile() {
  for (Index i = 0; i < n * pixels; ++i) counts_.push_back(static_cast<std::uint16_t>(900 * uniform(1, i)));
  for (Index i = 0; i < sets * channels * pixels; ++i) {
    weights_.push_back(uniform(2, i) < 0.4 ? 0 : normal(3, i));
    if (weights_.back() != 0) {
      entries_.push_back(weights_.back());
      indices_.push_back(static_cast<std::uint32_t>(i % pixels));
    }
    if (i % pixels == 0) indptr_.push_back(static_cast<std::uint32_t>(entries_.size() - (weights_[i] != 0 ? 1 : 0)));
  }
  indptr_.push_back(static_cast<std::uint32_t>(entries_.size()));
  for (Index p = 0; p < n; ++p) sets_.push_back(static_cast<std::uint8_t>(p * p % 3 % 2));
  for (Index q = 0; q < pixels; ++q) labels_.push_back(static_cast<std::uint8_t>(q % 4));
  for (Index p = 0; p < n; ++p)
    for (Index i = 0; i < channels; ++i) {
      double signed_sum = 0, segment = 0;
      for (Index q = 0; q < pixels; ++q) {
        signed_sum += weight(sets_[p], i, q) * count(p, q);
        segment += q % 4 == i + 1 ? count(p, q) : 0;
      }
      signed_.push_back(static_cast<float>(signed_sum));
      segments_.push_back(static_cast<float>(segment));
    }
  mask_.assign(pixels, 1);
  mask_[7] = 0;
  write();
}
RunOptions CompressedFile::options(const std::string& patterns, const std::string& detectors, bool with_sets) const {
  RunOptions options;
  options.data.file = path();
  options.data.patterns = patterns;
  options.data.positions = "/positions_A";
  options.detector.pixel_invA = {0.05, 0.05};
  options.detector.virtual_detectors = {path(), detectors};
  if (with_sets) options.detector.virtual_set = "/set";
  options.beam.energy_eV = 8e4;
  options.beam.semiangle_rad = 0.004;
  options.loss.kind = LossKind::weighted;
  return options;
}
void CompressedFile::write() const {
  std::vector<double> positions(2 * n);
  std::iota(positions.begin(), positions.end(), 1.0);
  const std::vector<double> shape{sets, channels, ny, nx}, flat{channels, pixels}, one{channels, ny, nx};
  const std::vector<std::uint32_t> first(indptr_.begin(), indptr_.begin() + channels + 1);
  const auto used = static_cast<std::ptrdiff_t>(first.back());
  const std::vector<std::uint32_t> first_indices(indices_.begin(), indices_.begin() + used);
  const std::vector<double> first_entries(entries_.begin(), entries_.begin() + used);
  const std::vector<double> first_weights(weights_.begin(), weights_.begin() + channels * pixels);
  const std::vector<double> empty(channels * pixels, 0.0);
  std::vector<float> negative(segments_);
  negative[5 * channels + 2] = -1;
  std::vector<PlainArray> arrays{array(comm, "/list", StoredType::u16, {n, ny, nx}, counts_),
                                 array(comm, "/raster", StoredType::u16, {2, 4, ny, nx}, counts_),
                                 array(comm, "/positions_A", StoredType::f64, {n, 2}, positions),
                                 array(comm, "/mask", StoredType::u8, {ny, nx}, mask_),
                                 array(comm, "/set", StoredType::u8, {n}, sets_),
                                 array(comm, "/sets", StoredType::f64, {sets, channels, ny, nx}, weights_),
                                 array(comm, "/dense", StoredType::f64, {channels, ny, nx}, first_weights),
                                 array(comm, "/labels", StoredType::u8, {ny, nx}, labels_),
                                 array(comm, "/nothing", StoredType::f64, {channels, ny, nx}, empty),
                                 array(comm, "/signed", StoredType::f32, {n, channels}, signed_),
                                 array(comm, "/signed_raster", StoredType::f32, {2, 4, channels}, signed_),
                                 array(comm, "/segments", StoredType::f32, {n, channels}, segments_),
                                 array(comm, "/negative", StoredType::f32, {n, channels}, negative)};
  const auto add_sparse = [&](const std::string& group, const std::vector<double>& of, const auto& start,
                              const auto& index, const auto& entry) {
    const auto length = [](const auto& values) { return std::vector<Index>{static_cast<Index>(values.size())}; };
    arrays.push_back(array(comm, group + "/shape", StoredType::f64, length(of), of));
    arrays.push_back(array(comm, group + "/indptr", StoredType::u32, length(start), start));
    arrays.push_back(array(comm, group + "/indices", StoredType::u32, length(index), index));
    arrays.push_back(array(comm, group + "/data", StoredType::f64, length(entry), entry));
  };
  add_sparse("/csr_sets", shape, indptr_, indices_, entries_);
  add_sparse("/csr", one, first, first_indices, first_entries);
  add_sparse("/csr_flat", flat, first, first_indices, first_entries);
  PlainWriter(comm, path(), arrays).commit();
}

}  // namespace tessera::testing
