#include "src/workflow/preprocess/preprocess_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "src/base/cache_blocks.hpp"

namespace tessera {

namespace {

constexpr const char *mask = "/mask", *positions = "/positions_A";

/// Numbers that the type does not hold are looked for apart from what all go through, so that loops become vector code.
template <class Stored>
double store(std::span<const double> values, bool signed_values, Index position, std::byte* to) {
  auto* const out = reinterpret_cast<Stored*>(to);
  const std::size_t n = values.size();
  constexpr auto most = static_cast<double>(std::numeric_limits<Stored>::max());
  const double least = signed_values ? -most : 0;
  int beyond = 0, negative = 0;
  in_cache_blocks(n, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      beyond |= static_cast<int>(values[i] > most) | static_cast<int>(signed_values && values[i] < least);
      negative |= static_cast<int>(values[i] < 0);
    }
    if (beyond == 0)
      for (std::size_t i = first; i < last; ++i) out[i] = static_cast<Stored>(values[i] < least ? 0 : values[i]);
  });
  if (beyond != 0)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("a sum of position {} is {}, more than the {} bits of its type hold; use a smaller "
                                 "preprocess.bin, or preprocess.dark or flat, which make floats of counts",
                                 position, *std::ranges::max_element(values), 8 * sizeof(Stored)));
  double lost = 0;
  if (negative != 0 && !signed_values)
    for (const double value : values) lost -= std::min(0.0, value);
  return lost;
}

std::vector<Index> joined(std::span<const Index> scan, std::span<const Index> inner) {
  std::vector<Index> shape(scan.begin(), scan.end());
  shape.insert(shape.end(), inner.begin(), inner.end());
  return shape;
}

PlainArray array(std::string dataset, StoredType type, std::vector<Index> shape, TextAttributes text = {}) {
  return {.dataset = std::move(dataset),
          .type = type,
          .shape = std::move(shape),
          .blocks = {},
          .attributes = {},
          .text_attributes = std::move(text)};
}

/// Of what is written for each pattern.
std::vector<PlainArray> pattern_arrays(const WrittenForm& form, std::span<const Index> scan) {
  if (!form.events) return {array(form.dataset(), form.type, joined(scan, form.shape), {{"units", "counts"}})};
  const bool few = form.count() <= EventLists::most_short_pixels;
  PlainArray pixels = array(EventLists::pixels, few ? StoredType::u16 : StoredType::u32, {0},
                            {{"meaning", "ky index times kx + kx index of each electron, pattern after pattern"}});
  pixels.grows = true;
  pixels.attributes = {{EventLists::rows, {static_cast<double>(form.shape[0])}},
                       {EventLists::columns, {static_cast<double>(form.shape[1])}}};
  return {pixels,
          array(EventLists::counts, StoredType::u32, {scan.begin(), scan.end()},
                {{"meaning", "electrons of each pattern"}}),
          array(EventLists::largest, StoredType::u32, {1},
                {{"meaning", "the most electrons that a pixel has in a pattern"}})};
}

/// Of the mask, or of the sums that are kept.
std::vector<PlainArray> detector_arrays(const WrittenForm& form, Index ky, Index kx) {
  if (form.sums == nullptr)
    return {array(mask, StoredType::u8, {ky, kx}, {{"meaning", "1 where the detector is valid"}})};
  const Index channels = form.sums->channels;
  if (form.layout == SumsLayout::labels) return {array(form.detectors(), StoredType::u32, {ky, kx})};
  if (form.layout == SumsLayout::dense) return {array(form.detectors(), StoredType::f32, {channels, ky, kx})};
  const auto entries = static_cast<Index>(form.sums->weight.size());
  return {array(form.detectors() + "/indptr", StoredType::u32, {channels + 1}),
          array(form.detectors() + "/indices", StoredType::u32, {entries}),
          array(form.detectors() + "/data", StoredType::f32, {entries}),
          array(form.detectors() + "/shape", StoredType::u32, {3})};
}

}  // namespace

Index WrittenForm::count() const { return element_count(shape); }

std::string WrittenForm::detectors() const {
  if (layout == SumsLayout::sparse) return "/compressed/detector";
  return layout == SumsLayout::labels ? "/compressed/detector/labels" : "/compressed/detector/masks";
}

StoredType stored_type(const PreprocessInput& input, const PreprocessOptions& steps, bool keeps_integers, bool sums) {
  if (!keeps_integers) return StoredType::f32;
  if (sums || steps.whole_electrons) return StoredType::u32;
  if (steps.bin == 1) return input.type;
  return input.type == StoredType::u8 ? StoredType::u16 : StoredType::u32;
}

std::vector<LocalBlock> scan_blocks(const Stretch& part, std::span<const Index> scan, std::span<const Index> inner,
                                    const std::byte* data, Index bytes_each) {
  std::vector<LocalBlock> blocks;
  const Index row = scan.back();
  for (Index at = part.first; at < part.last;) {
    const Index in_row = at % row;
    const Index rows = in_row == 0 && scan.size() == 2 ? (part.last - at) / row : 0;
    const Index count = rows > 0 ? rows * row : std::min(part.last - at, row - in_row);
    std::vector<Index> start{in_row}, extent{rows > 0 ? row : count};
    if (scan.size() == 2) {
      start.insert(start.begin(), at / row);
      extent.insert(extent.begin(), std::max<Index>(1, rows));
    }
    start.resize(start.size() + inner.size(), 0);
    extent.insert(extent.end(), inner.begin(), inner.end());
    blocks.push_back({start, extent, data + (at - part.first) * bytes_each});
    at += count;
  }
  return blocks;
}

PreprocessFile::PreprocessFile(const Comm& comm, const PreprocessOptions& steps, const PreprocessInput& input,
                               const PatternChain& chain, WrittenForm stored, const AboutFile& about)
    : comm_(comm), stored_(std::move(stored)), scan_(input.scan) {
  // Channels of a scan (Ry, Rx) could be taken for patterns where these axes are as long as a pattern's.
  const bool doubtful =
      stored_.sums != nullptr && scan_.size() == 2 && scan_[1] == chain.ny() && stored_.shape[0] == chain.nx();
  if (doubtful) scan_ = {input.count()};
  const Index ky = chain.ny(), kx = chain.nx();
  std::vector<PlainArray> arrays = pattern_arrays(stored_, scan_);
  if (stored_.events) events_.emplace(chain.valid());
  if (!input.positions_A.empty())
    arrays.push_back(array(positions, StoredType::f64, {input.count(), 2}, {{"axes", "y,x"}, {"units", "angstrom"}}));
  for (PlainArray& one : detector_arrays(stored_, ky, kx)) arrays.push_back(std::move(one));
  for (const PlainArray& one : arrays) datasets_.push_back(one.dataset);
  writer_ = std::make_unique<PlainWriter>(comm, steps.output, arrays, NumericAttributes{}, about.attributes,
                                          about.existing, about.texts);
  static_assert(sizeof(PointYX) == 2 * sizeof(double));
  if (!input.positions_A.empty()) write_whole(positions, {input.count(), 2}, input.positions_A.data());
  write_detectors(chain);
}

std::size_t PreprocessFile::index_of(const std::string& dataset) const {
  const auto found = std::ranges::find(datasets_, dataset);
  TESSERA_ASSERT(found != datasets_.end(), dataset);
  return static_cast<std::size_t>(found - datasets_.begin());
}

void PreprocessFile::write_whole(const std::string& dataset, const std::vector<Index>& shape, const void* values) {
  std::vector<LocalBlock> block;
  if (comm_.is_root()) block.push_back({std::vector<Index>(shape.size(), 0), shape, values});
  writer_->write(index_of(dataset), block);
}

void PreprocessFile::write_detectors(const PatternChain& chain) {
  const Index ky = chain.ny(), kx = chain.nx();
  if (stored_.sums == nullptr) {
    const std::vector<std::uint8_t> valid(chain.valid().begin(), chain.valid().end());
    return write_whole(mask, {ky, kx}, valid.data());
  }
  const VirtualDetectors& sums = *stored_.sums;
  const std::string detectors = stored_.detectors();
  if (stored_.layout == SumsLayout::labels) return write_whole(detectors, {ky, kx}, labels_of(sums, ky * kx).data());
  if (stored_.layout == SumsLayout::sparse) {
    const std::vector<std::uint32_t> start(sums.start.begin(), sums.start.end());
    const std::vector<std::uint32_t> pixels(sums.pixel.begin(), sums.pixel.end());
    const std::vector<float> weights(sums.weight.begin(), sums.weight.end());
    const std::array<std::uint32_t, 3> shape = {static_cast<std::uint32_t>(sums.channels),
                                                static_cast<std::uint32_t>(ky), static_cast<std::uint32_t>(kx)};
    write_whole(detectors + "/indptr", {sums.channels + 1}, start.data());
    write_whole(detectors + "/indices", {static_cast<Index>(pixels.size())}, pixels.data());
    write_whole(detectors + "/data", {static_cast<Index>(weights.size())}, weights.data());
    return write_whole(detectors + "/shape", {3}, shape.data());
  }
  std::vector<float> masks(static_cast<std::size_t>(sums.channels * ky * kx), 0.0F);
  for (Index channel = 0; channel < sums.channels; ++channel)
    for (Index k = sums.start[channel]; k < sums.start[channel + 1]; ++k)
      masks[static_cast<std::size_t>(channel * ky * kx + sums.pixel[k])] += static_cast<float>(sums.weight[k]);
  write_whole(detectors, {sums.channels, ky, kx}, masks.data());
}

void PreprocessFile::begin_round(const Stretch& round) {
  round_ = round;
  if (events_) return events_->begin(round.count());
  block_.resize(static_cast<std::size_t>(round.count() * stored_.count() * bytes_of(stored_.type)));
}

double PreprocessFile::put(Index position, std::span<const double> values) {
  if (events_) {
    events_->put(position - round_.first, values,
                 [position] { return fmt::format("pattern {} of those that are used", position); });
    return 0;
  }
  std::vector<double> channels;
  if (stored_.sums != nullptr) {
    channels = record(*stored_.sums, values);
    values = channels;
  }
  const bool signed_values = stored_.weighted();
  std::byte* const to = block_.data() + (position - round_.first) * stored_.count() * bytes_of(stored_.type);
  switch (stored_.type) {
    case StoredType::u8:
      return store<std::uint8_t>(values, signed_values, position, to);
    case StoredType::u16:
      return store<std::uint16_t>(values, signed_values, position, to);
    case StoredType::u32:
      return store<std::uint32_t>(values, signed_values, position, to);
    default:
      return store<float>(values, signed_values, position, to);
  }
}

void PreprocessFile::end_round() {
  if (events_) return end_round_of_events();
  const Index bytes = stored_.count() * bytes_of(stored_.type);
  writer_->write(index_of(stored_.dataset()), scan_blocks(round_, scan_, stored_.shape, block_.data(), bytes));
}

void PreprocessFile::end_round_of_events() {
  const bool few = stored_.count() <= EventLists::most_short_pixels;
  std::vector<std::uint32_t> counts, wide;
  std::vector<std::uint16_t> narrow;
  comm_.agree([&] {
    counts = events_->counts();
    if (few)
      narrow = events_->pixels<std::uint16_t>();
    else
      wide = events_->pixels<std::uint32_t>();
  });
  const auto* const bytes = reinterpret_cast<const std::byte*>(counts.data());
  writer_->write(index_of(EventLists::counts), scan_blocks(round_, scan_, {}, bytes, sizeof(std::uint32_t)));
  const void* const pixels = few ? static_cast<const void*>(narrow.data()) : wide.data();
  writer_->append(index_of(EventLists::pixels), pixels, few ? std::ssize(narrow) : std::ssize(wide));
}

void PreprocessFile::commit() {
  if (events_) {
    const auto most = static_cast<std::uint32_t>(comm_.max(static_cast<Index>(events_->largest())));
    write_whole(EventLists::largest, {1}, &most);
  }
  writer_->commit();
}

}  // namespace tessera
