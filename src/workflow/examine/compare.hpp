#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/parallel/comm.hpp"
#include "src/workflow/input/phase_stack.hpp"
#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// How near one image is to its reference.
struct Agreement {
  double correlation = 0;
  double normalised_error = 0;
  double frc_half_bit_A = 0;
  std::vector<RingCorrelation> rings;  ///< the curve that this is read from
};

/// How near a result is to a reference: over the scanned field less 1 angstrom at each edge, both low-passed at 2/3 of
/// the coarser Nyquist frequency, registered on the sums within 1 angstrom, without offset and ramp.
struct Comparison {
  Agreement sum;
  std::vector<Agreement> slices;         ///< empty when one of them has no slices
  std::optional<double> position_rms_A;  ///< of positions up to a common shift; needs as many in both
  PointYX shift_A;                       ///< of the reference
  double cutoff_invA = 0;                ///< up to which frequency both are compared
  Index ny = 0;                          ///< pixels of the field compared
  Index nx = 0;
  double share = 1;                   ///< of the result's scanned field that is compared
  std::vector<std::string> warnings;  ///< what makes the numbers doubtful
};

/// Where fields overlap in part only, the common part is compared, and a warning says so; none is an InputError, as are
/// values that are not finite, and an image without contrast. Slices are compared one to one; when one side has more,
/// neighbours are summed in equal groups. Throws InputError. Memory: 24 bytes a pixel of the field, or at times 16
/// and 5.3 a pixel of a whole plane, and a strip of 64 MiB, whatever the number of slices.
Comparison compare(const PhaseStack& result, const PhaseStack& reference);

/// `tessera compare RESULT REFERENCE`: rank 0 reads both, and prints a table or, with --json, one JSON object.
int run_compare(const Comm& comm, const CommandLine& line);

}  // namespace tessera
