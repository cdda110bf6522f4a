#include "fft_plan.hpp"

#include <fftw3.h>

namespace tessera::fake {

namespace {

/// FFTW's two precisions under one name.
struct Single {
  using Plan = fftwf_plan;
  using Number = fftwf_complex;
  static constexpr auto plan = &fftwf_plan_guru64_dft;
  static constexpr auto execute = &fftwf_execute_dft;
  static constexpr auto destroy = &fftwf_destroy_plan;
};
struct Double {
  using Plan = fftw_plan;
  using Number = fftw_complex;
  static constexpr auto plan = &fftw_plan_guru64_dft;
  static constexpr auto execute = &fftw_execute_dft;
  static constexpr auto destroy = &fftw_destroy_plan;
};

/// FFTW's plans of one transform, from its place to the work area.
template <class Fftw>
std::array<std::shared_ptr<void>, 2> transforms(const Shape& shape) {
  std::array<fftw_iodim64, max_rank> dims{};
  std::ptrdiff_t step = 1;
  for (int axis = shape.rank - 1; axis >= 0; --axis) {
    const auto at = static_cast<std::size_t>(axis);
    dims[at] = {shape.length[at], shape.in.step[at], step};
    step *= shape.length[at];
  }
  std::array<std::shared_ptr<void>, 2> plans;
  // An estimate looks at no number, only at whether the two places are one.
  std::array<typename Fftw::Number, 2> places{};
  for (std::size_t k = 0; k < 2; ++k)
    plans[k] = {Fftw::plan(shape.rank, dims.data(), 0, nullptr, &places[0], &places[1],
                           k == 0 ? FFTW_FORWARD : FFTW_BACKWARD, FFTW_ESTIMATE | FFTW_UNALIGNED | FFTW_PRESERVE_INPUT),
                [](void* plan) { Fftw::destroy(static_cast<typename Fftw::Plan>(plan)); }};
  return plans;
}

/// From the data to the work area.
template <class Fftw>
void transform_as(const Plan& plan, const std::byte* in, int direction) {
  const auto* const from = reinterpret_cast<const typename Fftw::Number*>(in);
  auto* const to = reinterpret_cast<typename Fftw::Number*>(plan.area);
  const auto fftw = static_cast<typename Fftw::Plan>(plan.fftw[direction == CUFFT_FORWARD ? 0 : 1].get());
  for (std::ptrdiff_t i = 0; i < plan.shape.batch; ++i)
    Fftw::execute(fftw, const_cast<typename Fftw::Number*>(from + i * plan.shape.in.distance),
                  to + i * static_cast<std::ptrdiff_t>(plan.shape.points()));
}

/// From the work area to where the result belongs.
template <class Fftw>
void deliver_as(const Plan& plan, std::byte* out) {
  const auto* from = reinterpret_cast<const typename Fftw::Number*>(plan.area);
  auto* const to = reinterpret_cast<typename Fftw::Number*>(out);
  const Shape& shape = plan.shape;
  const auto& step = shape.out.step;
  for (std::ptrdiff_t i = 0; i < shape.batch; ++i)
    for (std::ptrdiff_t a = 0; a < shape.length[0]; ++a)
      for (std::ptrdiff_t b = 0; b < shape.length[1]; ++b)
        for (std::ptrdiff_t c = 0; c < shape.length[2]; ++c, ++from) {
          auto& target = to[i * shape.out.distance + a * step[0] + b * step[1] + c * step[2]];
          target[0] = (*from)[0];
          target[1] = (*from)[1];
        }
}

}  // namespace

std::size_t Shape::points() const {
  std::ptrdiff_t points = 1;
  for (const std::ptrdiff_t each : length) points *= each;
  return static_cast<std::size_t>(points);
}

std::size_t Shape::span(const Layout& layout) const {
  std::ptrdiff_t last = (batch - 1) * layout.distance;
  for (std::size_t axis = 0; axis < length.size(); ++axis) last += (length[axis] - 1) * layout.step[axis];
  return static_cast<std::size_t>(last) + 1;
}

void Plan::prepare() { fftw = type == CUFFT_C2C ? transforms<Single>(shape) : transforms<Double>(shape); }

void Plan::transform(const std::byte* in, int direction) const {
  type == CUFFT_C2C ? transform_as<Single>(*this, in, direction) : transform_as<Double>(*this, in, direction);
}

void Plan::deliver(std::byte* out) const {
  type == CUFFT_C2C ? deliver_as<Single>(*this, out) : deliver_as<Double>(*this, out);
}

}  // namespace tessera::fake
