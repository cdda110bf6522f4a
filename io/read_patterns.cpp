#include "io/read_patterns.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "io/chunk_exchange.hpp"
#include "io/pattern_file.hpp"

namespace tessera {

namespace {

constexpr Index largest_read_bytes = Index{256} << 20;

/// This rank reads its own patterns, neighbours in the file together.
void read_directly(const PatternFile& file, Index pattern_bytes, std::span<const Index> indices,
                   std::span<std::byte> out) {
  const Index n = static_cast<Index>(indices.size());
  std::vector<Index> order(indices.size());
  std::iota(order.begin(), order.end(), Index{0});
  const auto index_at = [&](Index i) { return indices[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]; };
  std::sort(order.begin(), order.end(), [&](Index a, Index b) {
    return indices[static_cast<std::size_t>(a)] < indices[static_cast<std::size_t>(b)];
  });
  const Index longest = std::max<Index>(1, largest_read_bytes / pattern_bytes);
  std::vector<std::byte> buffer;
  for (Index first = 0; first < n;) {
    Index length = 1;
    bool in_place = true;
    while (first + length < n && length < longest && index_at(first + length) == index_at(first) + length) {
      in_place = in_place &&
                 order[static_cast<std::size_t>(first + length)] == order[static_cast<std::size_t>(first)] + length;
      ++length;
    }
    std::byte* const target = out.data() + order[static_cast<std::size_t>(first)] * pattern_bytes;
    if (in_place) {
      file.read_run(index_at(first), length, target);
    } else {
      buffer.resize(static_cast<std::size_t>(length * pattern_bytes));
      file.read_run(index_at(first), length, buffer.data());
      for (Index i = 0; i < length; ++i)
        std::memcpy(out.data() + order[static_cast<std::size_t>(first + i)] * pattern_bytes,
                    buffer.data() + i * pattern_bytes, static_cast<std::size_t>(pattern_bytes));
    }
    first += length;
  }
}

}  // namespace

PatternReader::PatternReader(const Comm& comm, std::string file, std::string dataset)
    : comm_(comm), file_(std::move(file)), dataset_(std::move(dataset)), layout_(std::make_unique<PatternLayout>()) {
  // One rank asks the file system: metadata reads by thousands of ranks are what kills start-up.
  comm_.agree([&] {
    if (comm_.is_root()) *layout_ = pattern_layout(file_, dataset_);
  });
  comm_.broadcast(layout_->info.shape);
  comm_.broadcast(layout_->info.chunk);
  comm_.broadcast(layout_->info.type);
  comm_.broadcast(layout_->info.contiguous);
  comm_.broadcast(layout_->memory_type);
}

PatternReader::~PatternReader() = default;

const DatasetInfo& PatternReader::info() const { return layout_->info; }

StoredType PatternReader::memory_type() const { return layout_->memory_type; }

double PatternReader::read_amplification() const { return bytes_asked_ > 0 ? bytes_read_ / bytes_asked_ : 1; }

void PatternReader::read(std::span<const Index> indices, std::span<std::byte> out) {
  const Index pattern_bytes = layout_->pattern_bytes();
  std::unique_ptr<PatternFile> file;
  comm_.agree([&] {
    const Index n = layout_->n_patterns();
    for (const Index index : indices) TESSERA_ASSERT(index >= 0 && index < n, index, n);
    TESSERA_ASSERT(static_cast<Index>(out.size()) == static_cast<Index>(indices.size()) * pattern_bytes, out.size(),
                   indices.size(), pattern_bytes);
    file = std::make_unique<PatternFile>(file_, dataset_, *layout_);
  });
  const double asked = static_cast<double>(indices.size()) * static_cast<double>(pattern_bytes);
  double taken = asked;
  if (layout_->info.chunk.empty()) {
    comm_.agree([&] { read_directly(*file, pattern_bytes, indices, out); });
  } else {
    taken = read_by_chunk(comm_, *file, *layout_, indices, out);
  }
  bytes_asked_ += comm_.sum(asked);
  bytes_read_ += comm_.sum(taken);
}

}  // namespace tessera
