#pragma once

#include <array>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/likelihood.hpp"
#include "src/base/index.hpp"
#include "src/geometry/scan_order.hpp"
#include "src/model/propagator.hpp"
#include "src/model/representation.hpp"
#include "src/model/unknown.hpp"
#include "src/optimisation/regularisers.hpp"
#include "src/optimisation/solver.hpp"
#include "src/workflow/options/preprocess_options.hpp"

namespace tessera {

/// Half-open [start, stop) with a step, as in a Python slice; a stop of null is the end of the axis.
struct Range {
  Index start = 0;
  std::optional<Index> stop;
  Index step = 1;
  friend bool operator==(const Range&, const Range&) = default;
};

/// Half of the positions: of the checkerboard of a raster, otherwise every second one.
enum class ScanHalf { whole, even, odd };

/// Frames of a file that says nothing of itself.
struct RawOptions {
  std::vector<Index> shape;  ///< (Ky, Kx), (N, Ky, Kx) or (Ry, Rx, Ky, Kx); empty: not given
  std::string type;          ///< "uint16" ...; empty: not given
  Index offset_bytes = 0;
  Index gap_bytes = 0;
  bool big_endian = false;
};

struct DataOptions {
  std::string file;  ///< or a folder, or a pattern of names
  std::string format = "auto";
  std::string patterns;  ///< dataset [Ry, Rx, Ky, Kx] or [N, Ky, Kx]; empty: found in the file
  RawOptions raw;
  std::vector<Index> scan_shape;  ///< (Ry, Rx) or (N); empty: as the file has it
  Index first_frame = 0;          ///< frames before that of the first position
  Index line_frames = 0;          ///< frames of a line, its flyback included; 0: as many as positions
  ScanOrder scan_order = ScanOrder::rows;
  std::optional<bool> amplitudes;        ///< values are roots of counts; none: as the format has it
  std::optional<std::string> positions;  ///< dataset [N, 2] or [Ry, Rx, 2], (y, x) [A]; none: raster from `scan`
  std::string positions_file;            ///< empty: `file`
  std::optional<std::string> mask;       ///< dataset [Ky, Kx], non-zero = valid
  std::string mask_file;                 ///< empty: `file`
  Index border_px = 0;                   ///< pixels at each edge of the detector that do not count
  double counts_per_electron = 1;
  Range ry, rx;                     ///< part of the scan of four-dimensional data
  Range n;                          ///< part of the patterns of three-dimensional data
  ScanHalf half = ScanHalf::whole;  ///< of what the ranges leave
};

/// One of the three calibrations is set; pairs are (y, x).
struct DetectorOptions {
  std::optional<std::array<double, 2>> pixel_rad;
  std::optional<std::array<double, 2>> pixel_invA;
  std::optional<double> bright_field_radius_px;  ///< the radius of the aperture's semi-angle
  std::optional<std::array<double, 2>> centre_px;
  double psf_px = 0;    ///< standard deviation of the point spread
  Index bin = 1;        ///< patterns are summed over so many pixels each way
  double simulate = 1;  ///< side of the waves' grid over the detector's, about
  bool flip_y = false;  ///< applied in this order
  bool flip_x = false;
  bool transpose = false;
  std::optional<DatasetRef> virtual_detectors;  ///< channels as sums over raw pixels; none: pixels are recorded
  std::optional<std::string> virtual_set;       ///< dataset [N] or [Ry, Rx]: which set of them a position uses
};

struct ScanOptions {
  std::optional<std::array<double, 2>> step_A;
  double rotation_rad = 0;
  std::array<double, 4> affine = {1, 0, 0, 1};  ///< row by row, acts on (y, x)
};

struct BeamOptions {
  std::optional<double> energy_eV;  ///< either this or the wavelength
  std::optional<double> wavelength_A;
  std::optional<double> semiangle_rad;
  std::vector<std::pair<std::string, double>> aberrations;  ///< C10_A ... [A], phi12_rad ... [rad]
  std::optional<DatasetRef> initial;
  double source_size_A = 0;   ///< standard deviation of the image of the source on the specimen
  double focal_spread_A = 0;  ///< standard deviation of the defocus
  int modes = 1;
  bool rescale = true;  ///< an initial probe is scaled to the mean electrons per pattern
};

struct ObjectOptions {
  Representation representation = Representation::phase_absorption;
  double absorption_ratio = 0;  ///< absorption over phase, for that representation
  PositiveParts positive;
  int slices = 1;
  int states = 1;                        ///< incoherent
  std::vector<double> slice_spacing_A;   ///< [slices - 1]
  std::optional<double> even_spacing_A;  ///< where one number was given for all gaps
  std::optional<DatasetRef> initial;     ///< none: vacuum
  Index margin_px = 4;
};

struct RefineOptions {
  int from = 0;                                 ///< iteration from which it is an unknown
  int until = std::numeric_limits<int>::max();  ///< iteration from which it no longer is
  UnknownSettings settings;                     ///< in the program's units
};

struct LossOptions {
  LossKind kind = LossKind::poisson;
  double epsilon = 0.1;  ///< [electron] for poisson and amplitude
};

struct PropagationOptions {
  PropagatorKind kind = PropagatorKind::angular_spectrum;
  std::optional<double> band_limit;  ///< of the Nyquist frequency; what null stands for: band_limit()
  double taper = 0;                  ///< width of the edge of the band, as a fraction of the Nyquist frequency
  TransmissionLimit transmission = TransmissionLimit::none;
};

/// What reconstruct uses.
inline double band_limit(const PropagationOptions& propagation) {
  return propagation.band_limit.value_or(propagation.transmission == TransmissionLimit::patch ? 2.0 / 3 : 1);
}

using RegulariserOptions = Regulariser;

struct SolveOptions {
  std::string method = "blmvm";  ///< a type of TAO
  int iterations = 60;
  std::optional<int> max_gradients;
  int history = 5;
  int refresh = 0;               ///< iterations after which scales are made anew; 0: never
  double relative_decrease = 0;  ///< stop below this decrease of the loss per iteration; 0: off
  double expected_loss = 0;      ///< stop at this multiple of the loss expected at this dose; 0: off
  double held_out = 0;           ///< share of the valid pixels kept out of the fit; 0: none
  bool held_out_patterns = false;
  StopRule stop = StopRule::none;
};

enum class Precision { single, double_ };
enum class GpuAwareMpi { automatic, on, off };
enum class Recompute { automatic, never, always };
enum class DeviceChoice { automatic, host, debug, cuda };
enum class HashChoice { full, head, none };
enum class PatternPlace { automatic, gpu, host };

struct RunSection {
  Precision precision = Precision::single;
  DeviceChoice device = DeviceChoice::automatic;
  PatternPlace patterns_on = PatternPlace::automatic;  ///< where they are kept with a GPU
  bool share_gpu = false;                              ///< several ranks may use one GPU
  GpuAwareMpi gpu_aware_mpi = GpuAwareMpi::automatic;
  std::optional<int> batch;                    ///< positions computed together on a GPU; by itself when empty
  Recompute recompute = Recompute::automatic;  ///< whether most waves between slices are made again
  int threads = 1;
  int seed = 0;
  bool profile = false;       ///< kernels are measured
  bool reproducible = false;  ///< the result holds nothing that differs between two runs
  bool strict = false;        ///< warnings before the solve are errors
  std::string calibrated;     ///< which calibration the run file comes from; told, not acted on
};

struct OutputOptions {
  std::string directory;
  bool pictures = true;
  bool report = true;
  HashChoice hash = HashChoice::full;     ///< what of the input files is hashed
  int every = 0;                          ///< an intermediate result every so many iterations; 0: none
  std::vector<std::string> joint_errors;  ///< unknowns whose uncertainty is found with all others free
};

/// What was in the microscope, for the result's second entry.
struct SampleOptions {
  std::string file;  ///< a YAML of an electronic lab notebook that says the same; empty: none
  std::string name, description, preparation_date, start_time;
  std::vector<std::string> atom_types;
  std::optional<bool> is_simulation;
};

struct SimulateScanOptions {
  std::array<Index, 2> shape = {0, 0};  ///< (ny, nx)
  std::array<double, 2> start_A = {0, 0};
  double jitter_A = 0;
  double rotation_rad = 0;  ///< of the true positions against the stored ones
};

enum class DetectorResponse { sample, integrate };

struct SimulateDetectorOptions {
  std::array<Index, 2> shape = {0, 0};  ///< (ky, kx)
  DetectorResponse response = DetectorResponse::sample;
};

struct SimulateOptions {
  std::string atoms;                 ///< extended XYZ file; empty when `object` is given
  std::optional<DatasetRef> object;  ///< a phase [rad] or a complex transmission, [slice, y, x] or [y, x]
  double potential_pixel_A = 0.08;
  double slice_thickness_A = 1;
  SimulateScanOptions scan;
  std::optional<double> window_A;  ///< none: the window that the detector's pixel implies
  SimulateDetectorOptions detector;
  std::optional<double> dose_e_per_A2;  ///< none: without noise
  double position_error_A = 0;          ///< standard deviations of what is wrong with each position ...
  double dose_spread = 0;
  double descan_px = 0;
  std::array<double, 2> tilt_rad = {0, 0};  ///< ... and what is wrong with all, (y, x)
  double background_e = 0;
  int seed = 0;
  std::string output;
};

/// How much of the data `tessera calibrate` looks at.
struct CalibrateOptions {
  Index patterns = 16384;      ///< for images of the whole scan
  Index trial_patterns = 256;  ///< of a short reconstruction
  int gradients = 8;           ///< of the same
};

/// A run file in the units of the program: angstrom, radian, eV, electrons. The option table fills it.
struct RunOptions {
  DataOptions data;
  DetectorOptions detector;
  ScanOptions scan;
  BeamOptions beam;
  ObjectOptions object;
  std::map<std::string, RefineOptions> refine;  ///< the unknowns; those not named stay as they are
  LossOptions loss;
  PropagationOptions propagation;
  std::vector<RegulariserOptions> regularisers;
  SolveOptions solve;
  RunSection run;
  OutputOptions output;
  SampleOptions sample;
  SimulateOptions simulate;
  CalibrateOptions calibrate;
  PreprocessOptions preprocess;
  std::vector<std::pair<std::string, std::string>> petsc;  ///< for PETSc's options database, verbatim
};

}  // namespace tessera
