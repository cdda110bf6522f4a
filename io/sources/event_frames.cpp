#include "io/sources/event_frames.hpp"

#include <algorithm>
#include <limits>

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

class EventFrameReader final : public FrameReader {
 public:
  explicit EventFrameReader(const SourceDescription& source)
      : source_(source),
        name_(source.name),
        pixels_(source.layout.info.shape.end()[-2] * source.layout.info.shape.back()),
        file_(open_file_read(source.parts[0].file)),
        dataset_(open_dataset(file_.get(), source.parts[0].file, source.parts[0].dataset)) {
    // By position, in the order of the file.
    for (std::size_t i = 0; i < source.list_positions.size(); ++i)
      by_position_.emplace_back(source.list_positions[i], static_cast<Index>(i));
    std::ranges::sort(by_position_);
  }

  void read_box(const Box& box, std::byte* out) override {
    const Index bytes = source_.layout.pattern_bytes();
    std::fill_n(out, box.width() * bytes, std::byte{0});
    if (source_.list_positions.empty()) {
      const Index each = source_.parts[0].count / source_.layout.n_patterns();
      const Lists lists(dataset_, name_, box.x0 * each, box.width() * each);
      for (Index i = 0; i < box.width() * each; ++i) add(lists[i], box.x0 + i / each, out + i / each * bytes);
      return;
    }
    auto next = std::ranges::lower_bound(by_position_, std::pair(box.x0, Index{0}));
    for (; next != by_position_.end() && next->first < box.x1; ++next)
      add(Lists(dataset_, name_, next->second, 1)[0], next->first, out + (next->first - box.x0) * bytes);
  }

 private:
  void add(std::span<const std::uint32_t> pixels, Index position, std::byte* frame) const {
    if (source_.layout.memory_type == StoredType::u8)
      add_as(pixels, position, reinterpret_cast<std::uint8_t*>(frame));
    else
      add_as(pixels, position, reinterpret_cast<std::uint16_t*>(frame));
  }

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
            fmt::format("{}: position {}, pixel {} counts more than {} electrons; give data.raw.type: uint16", name_,
                        position, pixel, int{frame[pixel]}));
      ++frame[pixel];
    }
  }

  const SourceDescription& source_;
  std::string name_;
  Index pixels_;
  std::vector<std::pair<Index, Index>> by_position_;  ///< position and list
  H5Id file_, dataset_;
};

}  // namespace

std::unique_ptr<FrameReader> open_event_frames(const SourceDescription& source) {
  return std::make_unique<EventFrameReader>(source);
}

}  // namespace tessera
