#pragma once

#include <string>

#include "src/workflow/options/run_options.hpp"
#include "src/workflow/simulate/simulate_specimen.hpp"

namespace tessera {

/// A phase [rad] or a complex transmission from an HDF5 dataset [slice, y, x] or [y, x] with the attribute
/// pixel_size_A, on it or on its group, and origin_A (default 0, 0). Each rank reads the boxes it asks for; outside the
/// object is vacuum.
class GivenSpecimen : public Specimen {
 public:
  /// Reads shape and attributes; the gaps are those of `options`, one for all or one each. Throws InputError.
  GivenSpecimen(const DatasetRef& object, const ObjectOptions& options);
  std::vector<double> gaps_A() const override { return gaps_A_; }
  void slices(const FrameBox& where, const UseSlice& use) const override;
  ObjectFrame own_frame() const override { return frame_; }
  std::vector<std::string> warnings(const Comm& comm) const override;

 private:
  void read(Index slice, const Box& box, std::vector<double>& phase_rad, std::vector<double>& absorption) const;

  DatasetRef object_;
  ObjectFrame frame_;
  Index n_slices_ = 1;
  bool has_slice_axis_ = true;
  bool is_complex_ = false;
  bool placed_ = true;  ///< the file says where it lies
  std::vector<double> gaps_A_;
};

}  // namespace tessera
