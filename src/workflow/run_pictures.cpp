#include "src/workflow/run_pictures.hpp"

#include "io/pictures.hpp"
#include "src/model/compare_metrics.hpp"

namespace tessera {

namespace {

/// Block means of one plane over all ranks, on root (collective). Cost: one reduction of at most 2048 x 2048 numbers.
Image block_means(const Comm& comm, const ObjectFrame& frame, Index block, const Box& owned, const double* values) {
  Image image{.frame = frame, .values = {}};
  image.frame.ny = frame.ny / block;
  image.frame.nx = frame.nx / block;
  image.frame.dy_A = frame.dy_A * static_cast<double>(block);
  image.frame.dx_A = frame.dx_A * static_cast<double>(block);
  image.values.assign(static_cast<std::size_t>(image.frame.ny * image.frame.nx), 0.0);
  const double share = 1 / static_cast<double>(block * block);
  for (Index y = owned.y0; y < owned.y1; ++y)
    for (Index x = owned.x0; x < owned.x1; ++x)
      if (y / block < image.frame.ny && x / block < image.frame.nx)
        image.values[y / block * image.frame.nx + x / block] +=
            share * values[(y - owned.y0) * owned.width() + x - owned.x0];
  comm.sum(image.values);
  return image;
}

/// The part people look at: the scanned field, if it is more than a few pixels, without its ramp.
PictureImage presentable(Image image, const std::vector<PointYX>& positions_A) {
  try {
    image = crop(image, scanned_box(positions_A, image.frame, 0));
  } catch (const InputError&) {
    // A scan of a few pixels is shown with all that its windows reach.
  }
  remove_plane(image);
  return {image.frame.ny, image.frame.nx, std::move(image.values)};
}

}  // namespace

void write_phase_pictures(const Comm& comm, const Experiment& experiment, const Box& owned,
                          const std::vector<double>& phase, Index slices, const std::string& directory) {
  constexpr Index longest_side = 2048;
  constexpr Index most_slices = 16;
  const ObjectFrame& frame = experiment.frame;
  const Index block = (std::max(frame.ny, frame.nx) + longest_side - 1) / longest_side;
  std::vector<PictureImage> planes;
  std::vector<std::string> titles;
  Image sum;
  for (Index s = 0; s < slices; ++s) {
    const Image plane = block_means(comm, frame, block, owned, phase.data() + s * owned.count());
    if (s == 0) sum = Image{plane.frame, std::vector<double>(plane.values.size(), 0.0)};
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += plane.values[i];
    if (s >= most_slices || !comm.is_root()) continue;
    planes.push_back(presentable(plane, experiment.positions_A));
    titles.push_back(fmt::format("slice {}", s));
  }
  comm.agree([&] {
    if (!comm.is_root()) return;
    const double dy_A = sum.frame.dy_A, dx_A = sum.frame.dx_A;
    write_phase_picture(directory + "/phase.png", presentable(sum, experiment.positions_A), dy_A, dx_A,
                        slices > 1 ? fmt::format("phase, sum of {} slices", slices) : "phase");
    if (slices > 1) write_montage(directory + "/slices.png", planes, titles, dy_A, dx_A);
  });
}

void write_probe_and_loss(const Comm& comm, const ComplexImage& probe, const Grid& window,
                          const std::vector<double>& loss, const std::string& directory) {
  comm.agree([&] {
    if (!comm.is_root()) return;
    std::vector<ComplexImage> modes;
    std::vector<double> powers;
    for (auto first = probe.begin(); first != probe.end(); first += window.count()) {
      modes.emplace_back(first, first + window.count());
      double power = 0;
      for (const auto& value : modes.back()) power += std::norm(value);
      powers.push_back(power);
    }
    write_probe_picture(directory + "/probe.png", modes, window.ny, window.nx, window.dy_A, window.dx_A, powers);
    if (loss.size() > 1) write_curve_picture(directory + "/loss.png", loss, "iteration", "loss");
  });
}

}  // namespace tessera
