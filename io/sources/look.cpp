#include "io/sources/look.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "io/event_lists.hpp"
#include "io/sources/file_names.hpp"
#include "io/sources/formats.hpp"
#include "io/sources/h5_frames.hpp"
#include "io/sources/small_files.hpp"
#include "src/base/file_kind.hpp"
#include "src/base/words.hpp"

namespace tessera {

namespace {

namespace fs = std::filesystem;

/// Formats that are not read, by the end of the name, and the line of Python that makes something of them that is.
struct Convertible {
  std::string_view extension;
  std::string_view module;  ///< of RosettaSciIO
};
constexpr std::array<Convertible, 10> convertible{{{".dm3", "digitalmicrograph"},
                                                   {".dm4", "digitalmicrograph"},
                                                   {".tvips", "tvips"},
                                                   {".blo", "blockfile"},
                                                   {".mrc", "mrc"},
                                                   {".mrcz", "mrcz"},
                                                   {".zspy", "zspy"},
                                                   {".ser", "tia"},
                                                   {".emi", "tia"},
                                                   {".app5", "topspin"}}};

/// How a file of another format becomes one that is read; empty: nobody knows.
std::string conversion(const std::string& file) {
  const fs::path path(file);
  const std::string extension = lower_case(path.extension().string());
  const std::string stem = path.stem().string();
  const auto found = std::ranges::find(convertible, extension, &Convertible::extension);
  if (found != convertible.end())
    return fmt::format(
        "convert it: pip install \"rosettasciio[all]\", then python3 -c \"import numpy, rsciio.{} as r; "
        "numpy.save('{}.npy', r.file_reader('{}')[0]['data'])\"",
        found->module, stem, file);
  if (extension == ".ndata")
    return fmt::format(
        "it is a zip archive: python3 -c \"import zipfile; zipfile.ZipFile('{0}').extractall('{1}')\"; then give "
        "{1}/data.npy",
        file, stem);
  if (extension == ".npz")
    return fmt::format(
        "it holds several arrays: python3 -c \"import numpy; a = numpy.load('{}'); numpy.save('{}.npy', "
        "a[a.files[0]])\"",
        file, stem);
  if (extension == ".zarr")
    return fmt::format(
        "convert it: pip install zarr, then python3 -c \"import numpy, zarr; numpy.save('{}.npy', "
        "zarr.open('{}', mode='r')[...])\"",
        stem, file);
  return "";
}

[[noreturn]] void refuse_unknown(const SourceRequest& request) {
  const std::string kind = file_kind(request.file), how = conversion(request.file);
  if (kind.empty())
    throw InputError(ExitCode::data_missing,
                     fmt::format("{}: cannot be read (No such file or directory); correct the path", request.file));
  throw InputError(ExitCode::data_wrong,
                   fmt::format("{}: is {}, not HDF5, and no format of patterns that is read ({}); {}", request.file,
                               kind, fmt::join(source_formats(), ", "),
                               how.empty() ? "convert it, or correct the path; where it is raw numbers, say so with "
                                             "data.format: raw and data.raw"
                                           : how));
}

/// The format by name, content and what lies beside a file.
std::string format_of(const SourceRequest& request) {
  if (request.format != "auto") return request.format;
  const fs::path path(request.file);
  const std::string extension = lower_case(path.extension().string());
  if (!conversion(request.file).empty()) refuse_unknown(request);
  if (names_several_files(request.file)) return "folder";
  const std::string kind = file_kind(request.file);
  if (kind == "an HDF5 file" || kind.empty()) return "hdf5";
  if (kind == "a NumPy file") return "npy";
  if (kind == "a TIFF picture") return "tiff";
  if (extension == ".mib" || extension == ".hdr") return "mib";
  if (extension == ".xml") return "empad";
  if (!is_regular_file(request.file)) refuse_unknown(request);
  if (read_bytes(request.file, 0, 4) == "MQ1,") return "mib";
  if (!request.raw.shape.empty()) return "raw";
  if (extension == ".raw") return is_empad(request.file) ? "empad" : "raw";
  if (extension == ".json") return "nion";
  refuse_unknown(request);
}

/// Nion Swift's JSON stands for the array beside it.
SourceRequest with_array(SourceRequest request) {
  fs::path path = request.file;
  if (lower_case(path.extension().string()) == ".json") request.file = path.replace_extension(".npy").string();
  return request;
}

Source look_at_format(const std::string& format, const SourceRequest& request, PatternAxes axes) {
  if (format == "folder" || names_several_files(request.file)) return look_at_folder(request);
  if (format == "raw") return look_at_raw(request);
  if (format == "empad") return look_at_empad(request);
  if (format == "mib") return look_at_mib(request);
  if (format == "tiff") return look_at_tiff(request);
  if (format == "npy") return look_at_npy(request);
  if (format == "nion" && file_kind(request.file) != "an HDF5 file") return look_at_npy(with_array(request));
  return look_at_h5(request, axes);
}

}  // namespace

const std::vector<std::string>& source_formats() {
  static const std::vector<std::string> formats{"hdf5",   "emd",    "dectris", "cxi",  "ptychoshelves", "ptypy",
                                                "stempy", "events", "adorym",  "hspy", "nion",          "empad",
                                                "mib",    "npy",    "raw",     "tiff", "folder"};
  return formats;
}

Source look_at(const SourceRequest& request, PatternAxes axes) {
  Source source = look_at_format(format_of(request), request, axes);
  SourceDescription& d = source.description;
  if (request.amplitudes == true) {
    const StoredType type = d.layout.info.type;
    if (d.layout.memory_type != StoredType::f32)
      throw InputError(ExitCode::run_file,
                       fmt::format("data.values is amplitudes, but {} holds integers, which are counts", d.name));
    d.amplitudes = type != StoredType::complex64 && type != StoredType::complex128;
  }
  const Index left = d.layout.n_patterns() - d.map.positions();
  if (left > 0 && request.first_frame == 0 && request.line_frames == 0)
    source.facts.warnings.push_back(fmt::format(
        "{} has {} patterns more than the scan of ({}); where they are of the flyback or come first, say so with "
        "data.line_frames or data.first_frame",
        d.name, left, fmt::join(d.map.shape, ", ")));
  return source;
}

std::optional<std::vector<Index>> named_shape(const SourceRequest& request) {
  if (request.dataset.empty() || file_kind(request.file) != "an HDF5 file") return std::nullopt;
  const OpenFile file(request.file);
  if (names_dataset(request, EventLists::pixels) && file.has(EventLists::counts)) return std::nullopt;
  const DatasetInfo info = file.info(request.dataset);
  return info.numeric || info.shape.size() > 1 ? std::optional(info.shape) : std::nullopt;
}

}  // namespace tessera
