#include "io/sources/event_frames.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/dataset.hpp"
#include "io/event_lists.hpp"
#include "io/h5.hpp"

namespace tessera {

namespace {

/// Lists as HDF5 gives them, which it must also take back.
class Lists {
 public:
  Lists(const H5Id& dataset, const std::string& name, Index first, Index n)
      : lists_(static_cast<std::size_t>(n)),
        space_(make_space(std::vector<Index>{n})),
        type_(checked(H5Tvlen_create(H5T_NATIVE_UINT32), H5Tclose, "H5Tvlen_create")) {
    const H5Id file_space = checked(H5Dget_space(dataset.get()), H5Sclose, "H5Dget_space");
    const auto start = static_cast<hsize_t>(first), count = static_cast<hsize_t>(n);
    check_h5(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, &start, nullptr, &count, nullptr),
             "H5Sselect_hyperslab");
    check_h5(H5Dread(dataset.get(), type_.get(), space_.get(), file_space.get(), H5P_DEFAULT, lists_.data()),
             fmt::format("{}: the lists from {} of {} cannot be read", name, first, n));
  }
  Lists(const Lists&) = delete;
  Lists& operator=(const Lists&) = delete;
  ~Lists() { H5Dvlen_reclaim(type_.get(), space_.get(), H5P_DEFAULT, lists_.data()); }

  std::span<const std::uint32_t> operator[](Index i) const {
    const hvl_t& list = lists_[static_cast<std::size_t>(i)];
    return {static_cast<const std::uint32_t*>(list.p), list.len};
  }

 private:
  std::vector<hvl_t> lists_;
  H5Id space_, type_;
};

/// Frames [position] of counts, made from lists.
class Frames {
 public:
  explicit Frames(const SourceDescription& source)
      : name_(source.name),
        pixels_(source.layout.info.shape.end()[-2] * source.layout.info.shape.back()),
        bytes_(source.layout.pattern_bytes()),
        wide_(source.layout.memory_type != StoredType::u8) {}

  Index bytes() const { return bytes_; }
  void clear(const Box& box, std::byte* out) const { std::fill_n(out, box.width() * bytes_, std::byte{0}); }
  void add(std::span<const std::uint32_t> pixels, Index position, std::byte* frame) const {
    if (wide_)
      add_as(pixels, position, reinterpret_cast<std::uint16_t*>(frame));
    else
      add_as(pixels, position, reinterpret_cast<std::uint8_t*>(frame));
  }

 private:
  template <class Count>
  void add_as(std::span<const std::uint32_t> pixels, Index position, Count* frame) const {
    for (const std::uint32_t pixel : pixels) {
      if (static_cast<Index>(pixel) >= pixels_)
        throw InputError(
            ExitCode::data_wrong,
            fmt::format("{}: the list of position {} names pixel {}, but a frame has {}; the file is damaged", name_,
                        position, pixel, pixels_));
      if (frame[pixel] == std::numeric_limits<Count>::max() - 1)
        throw InputError(
            ExitCode::data_wrong,
            fmt::format("{}: position {}, pixel {} counts more than {} electrons; {}", name_, position, pixel,
                        int{frame[pixel]}, wide_ ? "store patterns instead" : "give data.raw.type: uint16"));
      ++frame[pixel];
    }
  }

  std::string name_;
  Index pixels_, bytes_;
  bool wide_;
};

class ListFrameReader final : public FrameReader {
 public:
  explicit ListFrameReader(const SourceDescription& source)
      : source_(source),
        frames_(source),
        file_(open_file_read(source.parts[0].file)),
        dataset_(open_dataset(file_.get(), source.parts[0].file, source.parts[0].dataset)) {
    // By position, in the order of the file.
    for (std::size_t i = 0; i < source.list_positions.size(); ++i)
      by_position_.emplace_back(source.list_positions[i], static_cast<Index>(i));
    std::ranges::sort(by_position_);
  }

  void read_box(const Box& box, std::byte* out) override {
    const Index bytes = frames_.bytes();
    const std::string& name = source_.name;
    frames_.clear(box, out);
    if (source_.list_positions.empty()) {
      const Index each = source_.parts[0].count / source_.layout.n_patterns();
      const Lists lists(dataset_, name, box.x0 * each, box.width() * each);
      for (Index i = 0; i < box.width() * each; ++i) frames_.add(lists[i], box.x0 + i / each, out + i / each * bytes);
      return;
    }
    auto next = std::ranges::lower_bound(by_position_, std::pair(box.x0, Index{0}));
    for (; next != by_position_.end() && next->first < box.x1; ++next)
      frames_.add(Lists(dataset_, name, next->second, 1)[0], next->first, out + (next->first - box.x0) * bytes);
  }

 private:
  const SourceDescription& source_;
  Frames frames_;
  std::vector<std::pair<Index, Index>> by_position_;  ///< position and list
  H5Id file_, dataset_;
};

/// Numbers [first, first + n) of a list.
std::vector<std::uint32_t> numbers_of(const H5Id& dataset, const std::string& name, Index first, Index n) {
  std::vector<std::uint32_t> values(static_cast<std::size_t>(n));
  const H5Id space = checked(H5Dget_space(dataset.get()), H5Sclose, "H5Dget_space");
  const auto start = static_cast<hsize_t>(first), count = static_cast<hsize_t>(n);
  check_h5(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, &start, nullptr, &count, nullptr), "H5Sselect_hyperslab");
  const H5Id here = make_space(std::vector<Index>{n});
  check_h5(H5Dread(dataset.get(), H5T_NATIVE_UINT32, here.get(), space.get(), H5P_DEFAULT, values.data()),
           fmt::format("{}: the numbers from {} of {} cannot be read", name, first, n));
  return values;
}

class EventFrameReader final : public FrameReader {
 public:
  explicit EventFrameReader(const SourceDescription& source)
      : name_(source.name),
        frames_(source),
        file_(open_file_read(source.parts[0].file)),
        dataset_(open_dataset(file_.get(), source.parts[0].file, source.parts[0].dataset)),
        start_{0} {
    const OpenFile file(source.parts[0].file);
    start_.reserve(static_cast<std::size_t>(source.layout.n_patterns()) + 1);
    for (const double count : file.real(EventLists::counts)) {
      constexpr double most = 1e15;  // of the sum of all, below 2^53
      if (!(count >= 0 && count <= most) || count != std::floor(count))
        throw InputError(ExitCode::data_wrong, fmt::format("{}: {} holds {}, which no number of electrons can be",
                                                           source.parts[0].file, EventLists::counts, count));
      start_.push_back(std::min(start_.back() + static_cast<Index>(count), static_cast<Index>(most)));
    }
    const Index stored = file.info(EventLists::pixels).shape.front();
    if (start_.back() != stored || std::ssize(start_) != source.layout.n_patterns() + 1)
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{}: {} holds {} electrons, but {} says that there are {}", source.parts[0].file,
                                   EventLists::pixels, stored, EventLists::counts, start_.back()));
  }

  void read_box(const Box& box, std::byte* out) override {
    frames_.clear(box, out);
    Index position = box.x0;
    constexpr Index together = Index{1} << 20;  // so that a file which lies about its size takes no more memory
    for (Index at = start_[box.x0]; at < start_[box.x1]; at += together) {
      const Index end = std::min(at + together, start_[box.x1]);
      const std::vector<std::uint32_t> pixels = numbers_of(dataset_, name_, at, end - at);
      const std::span<const std::uint32_t> all(pixels);
      for (Index from = at; from < end;) {
        while (start_[position + 1] <= from) ++position;
        const Index to = std::min(end, start_[position + 1]);
        frames_.add(all.subspan(static_cast<std::size_t>(from - at), static_cast<std::size_t>(to - from)), position,
                    out + (position - box.x0) * frames_.bytes());
        from = to;
      }
    }
  }

 private:
  std::string name_;
  Frames frames_;
  H5Id file_, dataset_;
  std::vector<Index> start_;  ///< [position] of its first electron, and the end
};

}  // namespace

std::unique_ptr<FrameReader> open_list_frames(const SourceDescription& source) {
  return std::make_unique<ListFrameReader>(source);
}

std::unique_ptr<FrameReader> open_event_frames(const SourceDescription& source) {
  return std::make_unique<EventFrameReader>(source);
}

}  // namespace tessera
