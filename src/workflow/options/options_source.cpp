#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {
namespace {

using Kind = OptionEntry::Kind;

/// One of some words, kept as it is; where null is the default, null leaves the target empty.
template <class Access>
OptionEntry word_entry(EntryText text, const std::vector<std::string>& words, Access access) {
  const bool may_be_null = text.default_text == "null";
  return entry(text, (may_be_null ? "null, " : "") + any_of(words), [=](const Value& value, RunOptions& options) {
    access(options) = {};
    if (!may_be_null || !value.is_null()) access(options) = words[value.choice(words)];
  });
}

/// null, or a list of `least` to `most` lengths of axes.
template <class Access>
OptionEntry shape_entry(EntryText text, std::size_t least, std::size_t most, const std::string& allowed,
                        Access access) {
  return entry(text, allowed,
               [=](const Value& value, RunOptions& options) {
                 std::vector<Index>& shape = access(options);
                 shape.clear();
                 if (value.is_null()) return;
                 if (!value.is_list()) value.reject(allowed);
                 for (const Value& item : value.items()) shape.push_back(item.integer(limits::raw_length));
                 if (shape.size() < least || shape.size() > most) value.reject(allowed);
               },
               {{text.key, limits::raw_length, least == 1 ? "[VALUE]" : "[16, VALUE]"}});
}

/// A dataset of data.file, or {file, dataset}; of a NumPy file {file} alone.
template <class Name, class File>
OptionEntry array_entry(EntryText text, Name name, File file) {
  const std::string allowed = "null, a dataset of data.file, {file: FILE, dataset: NAME} or {file: FILE.npy}";
  return entry(
      text, allowed,
      [=](const Value& value, RunOptions& options) {
        name(options).reset();
        file(options).clear();
        if (value.is_null()) return;
        if (!value.is_map()) {
          name(options) = value.text();
          return;
        }
        const YamlNode* of = value.node().member("file");
        const YamlNode* dataset = value.node().member("dataset");
        if (!of || value.node().members.size() != (dataset ? 2 : 1)) value.reject(allowed);
        file(options) = Value(value.key() + ".file", "", *of).text();
        name(options) = dataset ? Value(value.key() + ".dataset", "", *dataset).text() : "";
      },
      {}, Kind::dataset);
}

std::vector<OptionEntry> raw_entries() {
  return {
      shape_entry(
          {"data.raw.shape", "", "null", "of raw numbers: shape of the file's array; of (Ky, Kx) as many as it holds"},
          2, 4, "null, [Ky, Kx], [N, Ky, Kx] or [Ry, Rx, Ky, Kx]", [](auto& o) -> auto& { return o.data.raw.shape; }),
      word_entry(
          {"data.raw.type", "", "null",
           "type of raw numbers; of events also that of the counts made of them, uint8 or uint16"},
          {"uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float32", "float64"},
          [](auto& o) -> auto& { return o.data.raw.type; }),
      number_entry(
          {"data.raw.offset_bytes", "bytes", "0", "of raw numbers: before the first pattern of a file"},
          limits::raw_bytes, [](auto& o) -> auto& { return o.data.raw.offset_bytes; }),
      number_entry(
          {"data.raw.gap_bytes", "bytes", "0", "of raw numbers: between two patterns"}, limits::raw_bytes,
          [](auto& o) -> auto& { return o.data.raw.gap_bytes; }),
      choice_entry<bool>(
          {"data.raw.byte_order", "", "little", "of raw numbers: which byte comes first"},
          {{"little", false}, {"big", true}}, [](auto& o) -> auto& { return o.data.raw.big_endian; }),
  };
}

std::vector<OptionEntry> order_entries() {
  return {
      shape_entry(
          {"data.scan_shape", "", "null",
           "positions of the scan, where the file does not tell or tells wrong; null: as the file has them"},
          1, 2, "null, [Ry, Rx] or [N]", [](auto& o) -> auto& { return o.data.scan_shape; }),
      number_entry(
          {"data.first_frame", "", "0", "frames of the file before that of the first position, which are skipped"},
          limits::index, [](auto& o) -> auto& { return o.data.first_frame; }),
      number_entry(
          {"data.line_frames", "", "0",
           "frames of the file for each line of the scan, those of the flyback at its end included; 0: none are"},
          limits::index, [](auto& o) -> auto& { return o.data.line_frames; }),
      choice_entry<ScanOrder>(
          {"data.scan_order", "", "rows",
           "order of a raster in the file: row by row, column by column, or row by row to and fro"},
          {{"rows", ScanOrder::rows}, {"columns", ScanOrder::columns}, {"snake", ScanOrder::snake}},
          [](auto& o) -> auto& { return o.data.scan_order; }),
      choice_entry<std::optional<bool>>(
          {"data.values", "", "auto",
           "what floats in the file are: counts, or their square roots; auto: by the format"},
          {{"auto", std::nullopt}, {"counts", false}, {"amplitudes", true}},
          [](auto& o) -> auto& { return o.data.amplitudes; }),
  };
}

}  // namespace

std::vector<OptionEntry> source_entries() {
  std::vector<OptionEntry> entries = {
      word_entry(
          {"data.format", "", "auto", "format of data.file; auto: told by its name and content"},
          {"auto", "hdf5", "emd", "dectris", "cxi", "ptychoshelves", "ptypy", "stempy", "events", "adorym", "hspy",
           "nion", "empad", "mib", "npy", "raw", "tiff", "folder"},
          [](auto& o) -> auto& { return o.data.format; }),
      text_entry(
          {"data.patterns", "", "null",
           "dataset (Ry, Rx, Ky, Kx) or (N, Ky, Kx) of an HDF5 file, with zero frequency at pixel N/2; null: found in "
           "the "
           "file"},
          "null or a dataset", [](auto& o) -> auto& { return o.data.patterns; }),
      array_entry(
          {"data.positions", "", "null",
           "positions (y, x) in angstrom: (N, 2), or for patterns (Ry, Rx, Ky, Kx) also (Ry, Rx, 2); those that the "
           "format knows are read as it says; null: a raster from `scan`"},
          [](auto& o) -> auto& { return o.data.positions; }, [](auto& o) -> auto& { return o.data.positions_file; }),
      array_entry(
          {"data.mask", "", "null",
           "(Ky, Kx), non-zero where the detector is valid: integers, booleans, or floats of 0 and 1; one that the "
           "format knows is read as it says; pixels that hold the largest 16- or 32-bit number in every pattern are "
           "left out anyway"},
          [](auto& o) -> auto& { return o.data.mask; }, [](auto& o) -> auto& { return o.data.mask_file; }),
      number_entry(
          {"data.border_px", "pixels", "0", "pixels at each edge of the detector that do not count"}, limits::border_px,
          [](auto& o) -> auto& { return o.data.border_px; }),
  };
  for (auto* part : {raw_entries, order_entries})
    for (OptionEntry& entry : part()) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace tessera::detail
