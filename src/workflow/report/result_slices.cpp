#include "src/workflow/report/result_slices.hpp"

#include <algorithm>
#include <array>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "io/pictures.hpp"
#include "src/analysis/presentable.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

constexpr const char* slices_group = "/reconstruction/slices";
constexpr const char* slices_data = "/reconstruction/slices/data";
constexpr const char* positions_data = "/reconstruction/positions/data";

std::array<double, 2> pair_of(const OpenFile& file, const char* name) {
  const auto values = file.attribute(slices_group, name);
  if (!values || values->size() != 2)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} has no {}", file.name(), slices_group, name));
  return {(*values)[0], (*values)[1]};
}

std::vector<PointYX> read_positions(const OpenFile& file) {
  constexpr Index most = 10'000'000;
  const std::vector<Index> shape = file.info(positions_data).shape;
  if (shape.size() != 2 || shape[1] != 2 || shape[0] > most) return {};
  const std::vector<double> values = file.real(positions_data);
  std::vector<PointYX> positions;
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) positions.push_back({values[i], values[i + 1]});
  return positions;
}

/// Means over blocks of the pixels of `box` of one slice.
Image read_slice(const BoxFile& file, const ObjectFrame& frame, const Box& box, Index block, Index slice) {
  constexpr Index band_pixels = 1 << 21;
  const ObjectFrame part = crop(frame, box);
  const Index rows = std::max<Index>(1, band_pixels / std::max<Index>(1, part.nx));
  Image sum = block_means(part, block, Box{0, 0, 0, 0}, nullptr);
  std::vector<double> values;
  for (Index y = 0; y < part.ny; y += rows) {
    const Index height = std::min(rows, part.ny - y);
    file.read(slices_data, std::array{slice, box.y0 + y, box.x0}, std::array{Index{1}, height, part.nx}, values);
    const Image band = block_means(part, block, Box{y, 0, y + height, part.nx}, values.data());
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += band.values[i];
  }
  return sum;
}

Box shown_part(const ObjectFrame& frame, const std::vector<PointYX>& positions) {
  try {
    return scanned_box(positions, frame, 0);
  } catch (const InputError&) {
    return frame.box();  // a scan of a few pixels is shown with all that its windows reach
  }
}

std::vector<Index> choose_slices(Index slices, Index slice_bytes) {
  constexpr Index most_pictures = 32, most_bytes = Index{2} << 30;
  const Index count = std::min({slices, most_pictures, most_bytes / std::max<Index>(1, slice_bytes)});
  std::vector<Index> chosen;
  for (Index i = 0; i < count; ++i) chosen.push_back(count == 1 ? 0 : i * (slices - 1) / (count - 1));
  return chosen;
}

void add_pictures(ResultSummary& summary, const ObjectFrame& frame, const std::vector<PointYX>& positions,
                  const std::string& result) {
  constexpr Index few = 12, longest_side = 512, longest_of_many = 320;
  const Box box = shown_part(frame, positions);
  const ObjectFrame part = crop(frame, box);
  summary.shown = choose_slices(summary.slices, part.ny * part.nx * static_cast<Index>(sizeof(double)));
  const Index block = block_for(part, static_cast<Index>(summary.shown.size()) > few ? longest_of_many : longest_side);
  const BoxFile file(result);
  std::vector<PictureImage> images;
  std::vector<std::string> titles;
  ObjectFrame small;
  for (const Index slice : summary.shown) {
    Image image = read_slice(file, frame, box, block, slice);
    remove_plane(image);
    small = image.frame;
    images.push_back({image.frame.ny, image.frame.nx, std::move(image.values)});
    titles.push_back(fmt::format("slice {}", slice));
  }
  if (!images.empty()) summary.slice_pictures = encoded_phase_pictures(images, titles, small.dy_A, small.dx_A);
}

}  // namespace

ResultSummary summarise_result(const std::string& result, bool with_pictures) {
  const OpenFile file(result);
  const std::vector<Index> shape = file.info(slices_data).shape;
  if (shape.size() != 3) throw InputError(ExitCode::data_wrong, fmt::format("{}: no stack of slices", result));
  const std::array<double, 2> origin = pair_of(file, "origin_A"), pixel = pair_of(file, "pixel_size_A");
  const ObjectFrame frame{
      .origin_A = {origin[0], origin[1]}, .ny = shape[1], .nx = shape[2], .dy_A = pixel[0], .dx_A = pixel[1]};
  const std::vector<PointYX> positions = read_positions(file);
  ResultSummary summary;
  summary.slices = shape[0];
  summary.ny = shape[1];
  summary.nx = shape[2];
  summary.dy_A = pixel[0];
  summary.dx_A = pixel[1];
  summary.positions = static_cast<Index>(positions.size());
  if (!positions.empty()) {
    const auto [low_y, high_y] = std::ranges::minmax(positions, {}, &PointYX::y);
    const auto [low_x, high_x] = std::ranges::minmax(positions, {}, &PointYX::x);
    summary.scanned_y_A = high_y.y - low_y.y;
    summary.scanned_x_A = high_x.x - low_x.x;
  }
  const bool sound = pixel[0] > 0 && pixel[1] > 0 && shape[1] > 0 && shape[2] > 0;
  if (with_pictures && sound && shape[0] > 1) add_pictures(summary, frame, positions, result);
  return summary;
}

}  // namespace tessera
