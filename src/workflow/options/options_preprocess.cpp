#include <cmath>
#include <functional>

#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {
namespace {

/// null, the word `fit`, or [first, second], each within its limit.
template <class Access>
OptionEntry fit_entry(EntryText text, const Limit& first, const Limit& second, double second_factor, Access access) {
  const std::string allowed = fmt::format("null, fit or [FIRST, SECOND], {} and {}", first.text(), second.text());
  return entry(text, allowed,
               [=](const Value& value, RunOptions& options) {
                 FoundOrGiven& target = access(options);
                 target = {};
                 if (value.is_null()) return;
                 const std::vector<Value> items = value.items();
                 target.fit = value.node().scalar == "fit";
                 if (target.fit) return;
                 if (items.size() != 2) value.reject(allowed);
                 target.given = {items[0].number(first), items[1].number(second) * second_factor};
               },
               {{text.key, first, fmt::format("[VALUE, {}]", second.low)},
                {text.key, second, fmt::format("[{}, VALUE]", first.low)}});
}

/// [[y, x], [y, x]], two vectors that do not lie on a line; rejects what is none.
LatticeVectors lattice_vectors(const Value& value, const std::string& allowed) {
  const std::vector<Value> rows = value.items();
  if (rows.size() != 2) value.reject(allowed);
  LatticeVectors vectors{};
  for (std::size_t row = 0; row < 2; ++row) {
    const std::vector<Value> pair = rows[row].items();
    if (pair.size() != 2) value.reject(allowed);
    for (std::size_t i = 0; i < 2; ++i) vectors[2 * row + i] = pair[i].number(limits::lattice_A);
  }
  constexpr double flattest = 1e-3;
  const auto [ay, ax, by, bx] = vectors;
  if (std::abs(ay * bx - ax * by) <= flattest * std::hypot(ay, ax) * std::hypot(by, bx)) value.reject(allowed);
  return vectors;
}

/// `store` is given the vectors, or nothing, and whether the word `fit` stood there, where `fits` allows it.
OptionEntry lattice_entry(EntryText text, bool fits,
                          const std::function<void(RunOptions&, std::optional<LatticeVectors>, bool fit)>& store) {
  const std::string allowed = fmt::format("null{} or [[y, x], [y, x]], each {}, which do not lie on a line",
                                          fits ? ", fit" : "", limits::lattice_A.text());
  return entry(text, allowed,
               [=](const Value& value, RunOptions& options) {
                 if (value.is_null()) return store(options, std::nullopt, false);
                 if (fits && value.node().scalar == "fit") return store(options, std::nullopt, true);
                 store(options, lattice_vectors(value, allowed), false);
               },
               {{text.key, limits::lattice_A, "[[VALUE, 0], [0, 1]]"}});
}

/// One number or a list of them.
template <class Number, class Access>
OptionEntry numbers_entry(EntryText text, const Limit& limit, Access access) {
  return entry(text, fmt::format("one number or a list, each {}", limit.text()),
               [=](const Value& value, RunOptions& options) {
                 auto& target = access(options);
                 target.clear();
                 if (value.is_null() && text.default_text == "null") return;
                 if (!value.is_list()) return assign(value, target.emplace_back(Number{}), limit, 1);
                 for (const Value& item : value.items()) assign(item, target.emplace_back(Number{}), limit, 1);
               },
               {{text.key, limit}, {text.key, limit, "[VALUE]"}});
}

std::vector<OptionEntry> detector_step_entries() {
  return {
      dataset_entry(
          {"preprocess.dark", "", "null", "counts (ky, kx) of a pattern without a beam, which are subtracted"},
          [](auto& o) -> auto& { return o.preprocess.dark; }),
      dataset_entry(
          {"preprocess.flat", "", "null",
           "response (ky, kx) of each pixel, by whose ratio to the median of all it is divided; pixels of zero are "
           "bad"},
          [](auto& o) -> auto& { return o.preprocess.flat; }),
      number_entry(
          {"preprocess.bad_pixels", "", "null",
           "masks hot, dead and noisy pixels: those whose mean or variance lies so many robust standard deviations "
           "beyond all their neighbours'; 8 is a good number; null: only data.mask counts"},
          limits::bad_pixel_sigma, [](auto& o) -> auto& { return o.preprocess.bad_pixels; }),
      bool_entry(
          {"preprocess.fit_counts_per_electron", "", "false",
           "finds data.counts_per_electron from the peaks of no, one, two electrons in the histogram of a sparse "
           "detector"},
          [](auto& o) -> auto& { return o.preprocess.fit_counts_per_electron; }),
      bool_entry(
          {"preprocess.whole_electrons", "", "false",
           "rounds each pixel to whole electrons; data.counts_per_electron is 1 from then on"},
          [](auto& o) -> auto& { return o.preprocess.whole_electrons; }),
  };
}

std::vector<OptionEntry> geometry_entries() {
  return {
      fit_entry(
          {"preprocess.centre_px", "pixels", "null",
           "zero angle [y, x] on the raw detector, which goes to pixel N/2; fit: the centre of the bright-field disc; "
           "null: detector.centre_px, or N/2. In whole pixels, unless patterns are resampled anyway"},
          limits::centre_px, limits::centre_px, 1, [](auto& o) -> auto& { return o.preprocess.centre_px; }),
      bool_entry(
          {"preprocess.descan", "", "false",
           "moves each pattern by whole pixels against the wander of its centre over the scan, a plane fitted to the "
           "centres of mass of all"},
          [](auto& o) -> auto& { return o.preprocess.descan; }),
      dataset_entry(
          {"preprocess.distortion.map", "", "null",
           "displacement (2, ky, kx), (y, x) in pixels, from where a pixel is to where it belongs"},
          [](auto& o) -> auto& { return o.preprocess.distortion.map; }),
      dataset_entry(
          {"preprocess.distortion.reference", "", "null",
           "picture (ky, kx) of discs where they belong, to which preprocess.distortion.distorted is fitted"},
          [](auto& o) -> auto& { return o.preprocess.distortion.reference; }),
      dataset_entry(
          {"preprocess.distortion.distorted", "", "null", "the same discs (ky, kx) as the detector shows them"},
          [](auto& o) -> auto& { return o.preprocess.distortion.distorted; }),
      number_entry(
          {"preprocess.distortion.degree", "", "3", "degree of the polynomial displacement that is fitted"},
          limits::polynomial_degree, [](auto& o) -> auto& { return o.preprocess.distortion.degree; }),
      fit_entry(
          {"preprocess.ellipse", "degrees", "null",
           "makes an elliptical bright-field disc round without changing its area: [long over short axis, angle of the "
           "long axis from x towards y]; fit: found in the mean pattern"},
          limits::ellipse_ratio, limits::angle_deg, units::rad_per_degree,
          [](auto& o) -> auto& { return o.preprocess.ellipse; }),
      number_entry(
          {"preprocess.rotation_deg", "degrees", "0",
           "turns patterns about zero angle, from x towards y; by multiples of 90 no count changes"},
          limits::angle_deg, [](auto& o) -> auto& { return o.preprocess.rotation_rad; }, units::rad_per_degree),
      number_entry(
          {"preprocess.crop_px", "pixels", "null", "shape [ky, kx] about zero angle to which patterns are cut"},
          limits::detector_shape, [](auto& o) -> auto& { return o.preprocess.crop_px; }),
      number_entry(
          {"preprocess.bin", "pixels", "1",
           "sums bin x bin pixels into one, and makes the window of the reconstruction so much smaller; "
           "preprocess.compress: {kind: bin} leaves it"},
          limits::bin, [](auto& o) -> auto& { return o.preprocess.bin; }),
      number_entry(
          {"preprocess.pad_px", "pixels", "null",
           "shape [ky, kx] to which patterns are widened at last, with masked pixels"},
          limits::detector_shape, [](auto& o) -> auto& { return o.preprocess.pad_px; }),
  };
}

std::vector<OptionEntry> compress_entries() {
  return {
      choice_entry<CompressionKind>(
          {"preprocess.compress.kind", "", "none",
           "what is kept in the place of pixels: which pixels electrons hit (loses nothing; for few whole electrons), "
           "or "
           "sums: bin x bin blocks, rings cut into azimuths, smooth overlapping bumps, random weights, the data's "
           "principal components, or detectors of your own; sums that are no counts of whole pixels set loss.kind: "
           "weighted"},
          {{"none", CompressionKind::none},
           {"events", CompressionKind::events},
           {"bin", CompressionKind::bin},
           {"segments", CompressionKind::segments},
           {"smooth", CompressionKind::smooth},
           {"random", CompressionKind::random},
           {"pca", CompressionKind::pca},
           {"given", CompressionKind::given}},
          [](auto& o) -> auto& { return o.preprocess.compress.kind; }),
      number_entry(
          {"preprocess.compress.bin", "pixels", "2", "side of the blocks of kind bin"}, limits::bin,
          [](auto& o) -> auto& { return o.preprocess.compress.bin; }),
      numbers_entry<double>(
          {"preprocess.compress.rings_px", "pixels", "null",
           "outer radii of the rings of kind segments, increasing; pixels beyond the last are not recorded"},
          limits::rings_px, [](auto& o) -> auto& { return o.preprocess.compress.rings_px; }),
      numbers_entry<Index>(
          {"preprocess.compress.azimuths", "", "6", "into how many segments each ring is cut, or all of them"},
          limits::azimuths, [](auto& o) -> auto& { return o.preprocess.compress.azimuths; }),
      number_entry(
          {"preprocess.compress.channels", "", "32", "channels of kind smooth, random and pca"}, limits::channels,
          [](auto& o) -> auto& { return o.preprocess.compress.channels; }),
      dataset_entry(
          {"preprocess.compress.detectors", "", "null",
           "sums of kind given over the pixels that are written: weights (channel, ky, kx), integer labels (ky, kx) of "
           "which i is channel i - 1, or a group with indptr, indices, data and shape"},
          [](auto& o) -> auto& { return o.preprocess.compress.detectors; }),
  };
}

}  // namespace

std::vector<OptionEntry> preprocess_entries() {
  std::vector<OptionEntry> entries = detector_step_entries();
  for (auto* part : {geometry_entries, compress_entries})
    for (OptionEntry& entry : part()) entries.push_back(std::move(entry));
  entries.push_back(lattice_entry(
      {"preprocess.lattice.measured_A", "A", "null",
       "two lattice vectors as an image of the scan shows them at its nominal positions; with the next key they give "
       "scan.affine; fit: found in images of the scan"},
      true, [](RunOptions& o, std::optional<LatticeVectors> vectors, bool fit) {
        o.preprocess.lattice_measured_A = {fit, vectors};
      }));
  entries.push_back(lattice_entry({"preprocess.lattice.reference_A", "A", "null",
                                   "the same vectors as they should be; turned as you like where they are fitted"},
                                  false, [](RunOptions& o, std::optional<LatticeVectors> vectors, bool) {
                                    o.preprocess.lattice_reference_A = vectors;
                                  }));
  entries.push_back(text_entry(
      {"preprocess.output", "", "null",
       "HDF5 file that is written, with a run file of the same name that ends in .yaml, and a folder of pictures that "
       "ends in _steps"},
      "a file", [](auto& o) -> auto& { return o.preprocess.output; }, OptionEntry::Kind::path));
  entries.push_back(bool_entry(
      {"preprocess.pictures", "", "true", "whether each step draws a picture"},
      [](auto& o) -> auto& { return o.preprocess.pictures; }));
  entries.push_back(number_entry(
      {"preprocess.block_MiB", "MiB", "64", "patterns that a rank writes at a time, about; it holds little more"},
      limits::block_MiB, [](auto& o) -> auto& { return o.preprocess.block_MiB; }));
  return entries;
}

}  // namespace tessera::detail
