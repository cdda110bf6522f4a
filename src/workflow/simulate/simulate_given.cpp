#include "src/workflow/simulate/simulate_given.hpp"

#include <algorithm>
#include <cmath>

#include "io/dataset.hpp"
#include "io/distributed_read.hpp"
#include "src/base/error.hpp"
#include "src/workflow/input/check_finite.hpp"
#include "src/workflow/input/given_object.hpp"
#include "src/workflow/input/phase_stack.hpp"

namespace tessera {

GivenSpecimen::GivenSpecimen(const DatasetRef& object, const ObjectOptions& options)
    : object_(object), gaps_A_(options.slice_spacing_A) {
  require_object("simulate.object", object);
  const OpenFile file(object.file);
  const DatasetInfo info = file.info(object.dataset);
  has_slice_axis_ = info.shape.size() == 3;
  n_slices_ = has_slice_axis_ ? info.shape[0] : 1;
  is_complex_ = info.type == StoredType::complex64 || info.type == StoredType::complex128;
  frame_ = stored_frame(file, object.dataset);
  placed_ = has_origin(file, object.dataset);
  if (options.even_spacing_A) gaps_A_.assign(static_cast<std::size_t>(n_slices_ - 1), *options.even_spacing_A);
  if (n_slices_ != static_cast<Index>(gaps_A_.size()) + 1) {
    throw InputError(ExitCode::run_file,
                     fmt::format("object.slice_spacing_A holds {} gaps, but simulate.object has {} slices; give one "
                                 "number, or object.slices: {} and a list of {} gaps",
                                 gaps_A_.size(), n_slices_, n_slices_, n_slices_ - 1));
  }
}

void GivenSpecimen::read(Index slice, const Box& box, std::vector<double>& phase_rad,
                         std::vector<double>& absorption) const {
  std::vector<Index> start{box.y0, box.x0}, count{box.height(), box.width()};
  if (has_slice_axis_) {
    start.insert(start.begin(), slice);
    count.insert(count.begin(), 1);
  }
  const auto read_finite = [&](auto& values) {
    read_box(object_.file, object_.dataset, start, count, values);
    check_finite(object_.file, object_.dataset, start, count, values);
  };
  if (!is_complex_) return read_finite(phase_rad);
  std::vector<std::complex<double>> transmission;
  read_finite(transmission);
  for (const std::complex<double>& t : transmission) {
    phase_rad.push_back(std::arg(t));
    absorption.push_back(-std::log(std::abs(t)));
  }
}

std::vector<std::string> GivenSpecimen::warnings(const Comm&) const {
  if (placed_) return {};
  return {"simulate.object: " + without_origin(object_)};
}

void GivenSpecimen::slices(const FrameBox& where, const UseSlice& use) const {
  // Frames are anchored at the object's origin: they share its pixels.
  const Placement at =
      place(where.frame.origin_A, frame_.origin_A, {.ny = 0, .nx = 0, .dy_A = frame_.dy_A, .dx_A = frame_.dx_A});
  TESSERA_ASSERT(std::max(std::abs(at.fy), std::abs(at.fx)) < 0.01, at.fy, at.fx);
  const Box wanted = shift(where.box, at.corner);  // in the object's own pixels
  const Box common = intersect(wanted, frame_.box());
  const auto spread = [&](const std::vector<double>& part, std::vector<double>& whole) {
    whole.assign(static_cast<std::size_t>(wanted.count()), 0.0);
    for (Index y = 0; y < common.height(); ++y) {
      const auto from = part.begin() + y * common.width();
      std::copy(from, from + common.width(),
                whole.begin() + (y + common.y0 - wanted.y0) * wanted.width() + common.x0 - wanted.x0);
    }
  };
  std::vector<double> phase_rad, absorption;
  for (Index slice = 0; slice < n_slices_; ++slice) {
    std::vector<double> read_phase_rad, read_absorption;
    if (!common.empty()) read(slice, common, read_phase_rad, read_absorption);
    spread(read_phase_rad, phase_rad);
    if (is_complex_) spread(read_absorption, absorption);
    use(slice, {phase_rad, absorption});
  }
}

}  // namespace tessera
