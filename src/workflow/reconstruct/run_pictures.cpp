#include "src/workflow/reconstruct/run_pictures.hpp"

#include "io/pictures.hpp"

namespace tessera {

namespace {

PictureImage as_picture(Image image) { return {image.frame.ny, image.frame.nx, std::move(image.values)}; }

}  // namespace

Image write_phase_pictures(const Comm& comm, const Experiment& experiment, const Box& owned,
                           const std::function<std::vector<double>(Index)>& phase_of, Index slices,
                           const std::string& directory) {
  constexpr Index longest_side = 2048, longest_side_of_slice = 512;
  constexpr Index most_slices = 16;
  const Index block = block_for(experiment.frame, longest_side);
  std::vector<PictureImage> planes;
  std::vector<std::string> titles;
  Image sum;
  ObjectFrame of_slice;
  for (Index s = 0; s < slices; ++s) {
    Image plane = block_means(experiment.frame, block, owned, phase_of(s).data());
    comm.sum_to_root(plane.values);
    if (!comm.is_root()) continue;
    if (s == 0) sum = Image{plane.frame, std::vector<double>(plane.values.size(), 0.0)};
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += plane.values[i];
    if (s >= most_slices) continue;
    const Image slice = shrunk(presentable(std::move(plane), experiment.positions_A), longest_side_of_slice);
    of_slice = slice.frame;
    planes.push_back(as_picture(slice));
    titles.push_back(fmt::format("slice {}", s));
  }
  Image shown;
  comm.agree([&] {
    if (!comm.is_root()) return;
    shown = presentable(sum, experiment.positions_A);
    const std::string title = slices > 1 ? fmt::format("phase, sum of {} slices", slices) : "phase";
    write_phase_picture(directory + "/phase.png", as_picture(shown), shown.frame.dy_A, shown.frame.dx_A, title);
    if (slices > 1) write_montage(directory + "/slices.png", planes, titles, of_slice.dy_A, of_slice.dx_A);
  });
  return shown;
}

void write_probe(const Comm& comm, const ComplexImage& probe, const Grid& window, const std::string& directory) {
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
  });
}

void write_histories(const Comm& comm, const SolveReport& solve, const std::vector<UnknownHistory>& unknowns,
                     const std::string& directory) {
  comm.agree([&] {
    if (!comm.is_root() || solve.loss.size() < 2) return;
    const int marked = solve.result_iteration + 1 < static_cast<int>(solve.loss.size()) ? solve.result_iteration : -1;
    const auto per_pixel = [](std::vector<double> sums, double pixels) {
      for (double& sum : sums) sum /= pixels;
      return sums;
    };
    CurvePanel loss{"loss", {{"", solve.loss}}};
    if (!solve.held_out_loss.empty())
      loss = {"loss of the data per pixel",
              {{"fitted", per_pixel(solve.fitted_loss, solve.pixels.fitted)},
               {"held out", per_pixel(solve.held_out_loss, solve.pixels.held_out)}}};
    write_curve_picture(directory + "/loss.png", {loss}, "iteration", marked);
    std::vector<CurvePanel> panels;
    panels.reserve(unknowns.size());
    for (const UnknownHistory& unknown : unknowns)
      panels.push_back({unknown.name + (unknown.unit.empty() ? "" : " [" + unknown.unit + "]") + ", rms change",
                        {{"", unknown.rms_change}}});
    if (!panels.empty()) write_curve_picture(directory + "/unknowns.png", panels, "iteration", marked);
  });
}

}  // namespace tessera
