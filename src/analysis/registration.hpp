#pragma once

#include "src/analysis/compare_metrics.hpp"

namespace tessera {

/// The image, shifted by `shift_A`, on the pixels of `onto`: out(r) = image(r - shift), by a sinc of 8 pixels' reach
/// under a Lanczos window; outside the image its edge goes on. Meant for images low-passed below Nyquist. Memory: the
/// result and a strip of rows.
Image resample(const Image& image, const ObjectFrame& onto, const PointYX& shift_A);

/// The pixels of `from` that `resample` onto `onto` looks at for shifts up to `limit_A`; of those outside, the nearest.
Box reached_by(const ObjectFrame& onto, const ObjectFrame& from, double limit_A);

/// The shift [A] of `moving`, at most `limit_A` in y and x, that correlates best with `fixed` once offset and ramp are
/// gone: whole pixels first (on the middle of large images), then parabolas through ever closer neighbours, to about a
/// thousandth of a pixel. Looks at shifts up to `limit_A` and half a pixel of `fixed` more. Memory: one image like
/// `fixed`.
PointYX find_shift(const Image& fixed, const Image& moving, double limit_A);

}  // namespace tessera
