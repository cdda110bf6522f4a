#include "io/sources/frame_reader.hpp"

#include "io/sources/event_frames.hpp"
#include "io/sources/h5_frames.hpp"
#include "io/sources/picture_frames.hpp"
#include "io/sources/raw_frames.hpp"

namespace tessera {

namespace {

/// Counts from their roots.
class SquaredFrames final : public FrameReader {
 public:
  SquaredFrames(std::unique_ptr<FrameReader> roots, Index pixels) : roots_(std::move(roots)), pixels_(pixels) {}

  void read_box(const Box& box, std::byte* out) override {
    roots_->read_box(box, out);
    auto* const values = reinterpret_cast<float*>(out);
    for (Index i = 0; i < box.count() * pixels_; ++i) values[i] *= values[i];
  }

 private:
  std::unique_ptr<FrameReader> roots_;
  Index pixels_;
};

std::unique_ptr<FrameReader> open_kind(const SourceDescription& source, Index cache_bytes) {
  switch (source.kind) {
    case FrameKind::hdf5:
      return open_h5_frames(source, cache_bytes);
    case FrameKind::raw:
      return open_raw_frames(source);
    case FrameKind::picture:
      return open_picture_frames(source);
    case FrameKind::lists:
      return open_list_frames(source);
    case FrameKind::events:
      return open_event_frames(source);
  }
  throw Error(ExitCode::internal, "open_frames: a kind of frames that nothing reads");
}

}  // namespace

std::unique_ptr<FrameReader> open_frames(const SourceDescription& source, Index cache_bytes) {
  std::unique_ptr<FrameReader> frames = open_kind(source, cache_bytes);
  if (!source.amplitudes) return frames;
  return std::make_unique<SquaredFrames>(std::move(frames), source.pattern_ny() * source.pattern_nx());
}

}  // namespace tessera
