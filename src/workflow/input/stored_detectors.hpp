#pragma once

#include <string>

#include "src/model/virtual_detectors.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/options/dataset_ref.hpp"

namespace tessera {

/// Detectors as they lie in a file: `rows` [set x channel] over pixels (ky, kx).
struct StoredDetectors {
  VirtualDetectors rows;
  Index sets = 1;
  Index ny = 0, nx = 0;  ///< 0 and minus the number of pixels: how they lie is not known
};

/// Root's part: dense weights (channel, ky, kx) or (set, channel, ky, kx), integer labels (ky, kx) of which i is
/// channel i - 1, or a group with indptr, indices, data and shape as scipy's csr_matrix. `key` names the option in
/// errors (InputError where it is none of these).
StoredDetectors read_stored_detectors(const std::string& key, const DatasetRef& at);

/// The same of one set over patterns of ny x nx pixels, no more channels than pixels; a dataset that is not that is
/// refused before it is read, a sparse matrix after.
StoredDetectors read_one_set(const std::string& key, const DatasetRef& at, Index ny, Index nx);

/// Root's detectors to every rank (collective).
void broadcast(const Comm& comm, VirtualDetectors& detectors);

}  // namespace tessera
