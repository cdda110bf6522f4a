// Files of detectors and of other programs, with what lies beside them: found, inspected and loaded as a run would.
#include <mpi.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>

#include "src/workflow/examine/inspect.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/made_file.hpp"

using namespace tessera;

namespace {

namespace fs = std::filesystem;
using Shapes = std::vector<std::vector<hsize_t>>;

/// The folder of one input; it goes with it.
class Folder {
 public:
  Folder() : path_("/dev/shm/tessera_fuzz_" + std::to_string(getpid())) {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  std::string at(const std::string& name) const { return path_ + "/" + name; }
  /// `longer` zeros follow, which take no room.
  void write(const std::string& name, const std::string& content, std::uintmax_t longer = 0) const {
    std::ofstream(at(name), std::ios::binary) << content;
    if (longer > 0) fs::resize_file(at(name), content.size() + longer);
  }

 private:
  std::string path_;
};

/// Inspected, or loaded with a run file that gives all, or only what no metadata tell.
void use(FuzzedDataProvider& bytes, const std::string& file) {
  static const Comm alone(MPI_COMM_SELF);
  const auto bits = bytes.ConsumeIntegral<std::uint8_t>();
  const auto bit = [&](unsigned i) { return (bits >> i & 1U) != 0; };
  if (bit(0) && bit(1)) return fuzz::survives_closed([&] { describe_file(file); });
  std::string text = "version: 1\noutput: {directory: out}\n";
  if (bit(2)) text += "beam: {energy_keV: 80, semiangle_mrad: 10}\nscan: {step_A: 1}\ndetector: {pixel_invA: 0.1}\n";
  text += "data: {file: \"" + file + "\"";
  if (bit(3)) text += ", scan_shape: [2, 2]";
  if (bit(3) && bit(4)) text += ", scan_order: snake, line_frames: 3, first_frame: 1";
  if (bit(5)) text += ", format: raw";
  if (bit(5) || bit(6)) text += ", raw: {shape: [8, 8], type: uint16, offset_bytes: 3, gap_bytes: 5}";
  if (bit(7)) text += ", values: amplitudes";
  text += "}\n";
  fuzz::survives_closed([&] {
    const FoundInFile found = look_at_data(text, "/fuzz/run.yaml", {});
    const RunOptions options = parse_run_options(text, "/fuzz/run.yaml", {}, Command::reconstruct, found);
    const Experiment experiment = load_experiment(alone, options);
    std::vector<Index> mine(experiment.positions_A.size());
    std::iota(mine.begin(), mine.end(), Index{0});
    load_patterns(alone, options, experiment, raw_pixels(alone, options, experiment), mine, DeviceKind::host);
  });
}

/// A file that is given, and one that belongs to it.
void plain_files(FuzzedDataProvider& bytes) {
  struct Pair {
    const char *given, *beside;
  };
  constexpr std::array<Pair, 8> pairs{{{"scan_x2_y2.raw", "scan.xml"},
                                       {"scan.xml", "scan.raw"},
                                       {"scan.mib", "scan.hdr"},
                                       {"scan.npy", "scan.json"},
                                       {"scan.json", "scan.npy"},
                                       {"scan.tif", "scan.txt"},
                                       {"a_{n}.npy", "a_1.npy"},
                                       {"a_*.tif", "a_2.tif"}}};
  constexpr std::array<std::uintmax_t, 6> lengths{0, 0, 512, 4096, 4 * 130 * 128 * 4, 40000};
  const Pair& pair = bytes.PickValueInArray(pairs);
  const std::uintmax_t longer = bytes.PickValueInArray(lengths), other_longer = bytes.PickValueInArray(lengths);
  const auto first = bytes.ConsumeIntegral<std::uint16_t>();
  const Folder folder;
  const std::string content = bytes.ConsumeBytesAsString(first);
  const bool several = std::string(pair.given).starts_with("a_");
  folder.write(several ? "a_0" + fs::path(pair.given).extension().string() : pair.given, content, longer);
  const auto second = bytes.ConsumeIntegral<std::uint16_t>();
  folder.write(pair.beside, several && second == 0 ? content : bytes.ConsumeBytesAsString(second),
               several && second == 0 ? longer : other_longer);
  use(bytes, folder.at(pair.given));
}

/// What one program's files hold: datasets with the shapes that they have there, marks and attributes.
struct Layout {
  struct Dataset {
    const char* place;
    Shapes likely = {{}, {1}};
  };
  struct Attribute {
    const char *place, *name;
  };
  struct Mark {
    const char *place, *name, *text;
  };
  std::vector<Dataset> datasets;
  std::vector<Mark> marks = {};
  std::vector<Attribute> attributes = {};
};

const std::vector<Layout>& layouts() {
  const Shapes raster{{2, 3, 8, 8}}, list{{6, 8, 8}}, half{{3, 8, 8}, {3, 1, 8, 8}}, frame{{8, 8}}, xy{{6, 2}, {6, 3}};
  static const std::vector<Layout> all{
      {.datasets = {{"/r/a/data", raster},
                    {"/r/a/dim0", {{2}}},
                    {"/r/a/dim1", {{2}, {3}}},
                    {"/r/a/dim2", {{2}, {8}}},
                    {"/r/a/dim3", {{2}, {8}}},
                    {"/r/metadatabundle/calibration/Q_pixel_size"},
                    {"/r/metadatabundle/calibration/Q_pixel_units"},
                    {"/r/metadatabundle/calibration/R_pixel_size"}},
       .marks = {{"/", "emd_group_type", "file"}, {"/r/a", "emd_group_type", "array"}, {"/r/a/dim3", "units", "A^-1"}}},
      {.datasets = {{"/4DSTEM_experiment/data/datacubes/a/data", raster},
                    {"/4DSTEM_experiment/data/datacubes/a/dim4", {{2}}},
                    {"/4DSTEM_experiment/metadata/calibration/R_pixel_size"}}},
      {.datasets = {{"/entry/data/data_000001", half},
                    {"/entry/data/data_000002", half},
                    {"/entry/data/data", list},
                    {"/entry/instrument/detector/x_pixel_size"},
                    {"/entry/instrument/detector/y_pixel_size"},
                    {"/entry/instrument/detector/detector_distance"},
                    {"/entry/instrument/detector/beam_center_x"},
                    {"/entry/instrument/detector/detectorSpecific/pixel_mask", frame}}},
      {.datasets = {{"/entry_1/data_1/data", list},
                    {"/entry_1/data_1/translation", xy},
                    {"/entry_1/instrument_1/source_1/wavelength"},
                    {"/entry_1/instrument_1/source_1/energy"},
                    {"/entry_1/instrument_1/detector_1/x_pixel_size"},
                    {"/entry_1/instrument_1/detector_1/y_pixel_size"},
                    {"/entry_1/instrument_1/detector_1/distance"},
                    {"/entry_1/instrument_1/detector_1/mask", frame}}},
      {.datasets = {{"/chunks/0/data", half},
                    {"/chunks/0/positions", {{3, 2}}},
                    {"/chunks/1/data", half},
                    {"/chunks/1/positions", {{3, 2}}},
                    {"/meta/energy"},
                    {"/meta/psize"},
                    {"/meta/distance"},
                    {"/meta/weight2d", frame}}},
      {.datasets = {{"/dp", list}, {"/ppX", {{6}, {6, 1}}}, {"/ppY", {{6}, {1, 6}}}}},
      {.datasets = {{"/exchange/data", {{1, 6, 8, 8}, {6, 8, 8}}},
                    {"/metadata/probe_pos_px", {{6, 2}}},
                    {"/metadata/energy_ev"},
                    {"/metadata/psize_cm"}}},
      {.datasets = {{"/Experiments/a/data", raster},
                    {"/Experiments/a/axis-3/it"},
                    {"/Experiments/a/metadata/Acquisition_instrument/TEM/it"}},
       .marks = {{"/Experiments/a/axis-3", "units", "1/nm"}},
       .attributes = {{"/Experiments/a/axis-3", "scale"},
                      {"/Experiments/a/metadata/Acquisition_instrument/TEM", "beam_energy"}}},
      {.datasets = {{"/events/pixel", {{6}, {40}}},
                    {"/events/count", {{6}, {2, 3}}},
                    {"/events/largest"},
                    {"/positions_A", {{6, 2}}},
                    {"/mask", frame}},
       .attributes = {{"/events/pixel", "ky"}, {"/events/pixel", "kx"}}}};
  return all;
}

void layout_of_datasets(FuzzedDataProvider& bytes) {
  const Layout& layout = layouts()[bytes.ConsumeIntegralInRange<std::size_t>(0, layouts().size() - 1)];
  fuzz::MadeFile file("layout");
  for (const Layout::Dataset& dataset : layout.datasets) file.add(bytes, dataset.place, dataset.likely);
  for (const Layout::Mark& mark : layout.marks)
    if (bytes.ConsumeIntegralInRange(0, 15) != 0) file.text(mark.place, mark.name, mark.text);
  for (const Layout::Attribute& one : layout.attributes) file.attribute(bytes, one.place, one.name);
  file.finish();
  use(bytes, file.path());
}

/// stempy's lists of electrons.
void lists_of_events(FuzzedDataProvider& bytes) {
  fuzz::MadeFile file("events");
  file.add_lists(bytes, "/electron_events/frames");
  file.add(bytes, "/electron_events/scan_positions", {{6}});
  for (const char* name : {"Nx", "Ny"}) {
    file.attribute(bytes, "/electron_events/frames", name);
    file.attribute(bytes, "/electron_events/scan_positions", name);
  }
  file.attribute(bytes, "/", "version");
  file.finish();
  use(bytes, file.path());
}

/// Nion Swift's HDF5: the JSON is an attribute.
void dataset_with_properties(FuzzedDataProvider& bytes) {
  fuzz::MadeFile file("nion");
  file.add(bytes, "/data/a", {{2, 3, 8, 8}});
  const auto length = bytes.ConsumeIntegral<std::uint16_t>();
  file.text("/data/a", "properties", bytes.ConsumeBytesAsString(length));
  file.finish();
  use(bytes, file.path());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  const auto kind = bytes.ConsumeIntegralInRange<std::uint8_t>(0, 7);
  if (kind < 4)
    plain_files(bytes);
  else if (kind < 6)
    layout_of_datasets(bytes);
  else if (kind == 6)
    lists_of_events(bytes);
  else
    dataset_with_properties(bytes);
  return 0;
}
