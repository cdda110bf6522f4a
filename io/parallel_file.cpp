#include "io/parallel_file.hpp"

#include <array>
#include <filesystem>

#include "io/disk_space.hpp"

namespace tessera {

namespace {

constexpr Index largest_write_bytes = Index{1} << 30;
constexpr Index room_for_metadata_bytes = Index{16} << 20;
constexpr hsize_t alignment_threshold = 64 * 1024;
constexpr hsize_t alignment_bytes = 1024 * 1024;  // a usual stripe of parallel file systems

/// Cuts a block along its slowest axes until each piece is below 1 GiB, and appends the pieces.
void split(const LocalBlock& block, Index element_bytes, std::vector<LocalBlock>& pieces) {
  const Index n_elements = element_count(block.count);
  if (n_elements == 0) return;
  std::size_t axis = 0;
  while (axis < block.count.size() && block.count[axis] == 1) ++axis;
  if (n_elements * element_bytes < largest_write_bytes || axis == block.count.size()) {
    pieces.push_back(block);
    return;
  }
  const Index half = block.count[axis] / 2;
  LocalBlock first = block;
  LocalBlock second = block;
  first.count[axis] = half;
  second.count[axis] -= half;
  second.start[axis] += half;
  second.data = static_cast<const char*>(block.data) + n_elements / block.count[axis] * half * element_bytes;
  split(first, element_bytes, pieces);
  split(second, element_bytes, pieces);
}

std::vector<LocalBlock> pieces_of(std::span<const LocalBlock> blocks, std::span<const Index> shape, StoredType type) {
  std::vector<LocalBlock> pieces;
  for (const auto& block : blocks) {
    TESSERA_ASSERT(block.start.size() == shape.size() && block.count.size() == shape.size(), block.start.size(),
                   block.count.size(), shape.size());
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
      TESSERA_ASSERT(
          block.start[axis] >= 0 && block.count[axis] >= 0 && block.start[axis] + block.count[axis] <= shape[axis],
          axis, block.start[axis], block.count[axis], shape[axis]);
    split(block, bytes_of(type), pieces);
  }
  return pieces;
}

/// Writes one piece, or takes part without one.
void write_piece(hid_t dataset, hid_t type, hid_t transfer, std::span<const Index> shape, const LocalBlock* piece) {
  const H5Id file_space = make_space(shape);
  const H5Id memory_space = make_space(piece != nullptr ? std::span<const Index>(piece->count) : shape);
  if (piece == nullptr) {
    H5Sselect_none(file_space.get());
    H5Sselect_none(memory_space.get());
  } else if (!shape.empty()) {
    H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, as_hsize(piece->start).data(), nullptr,
                        as_hsize(piece->count).data(), nullptr);
  }
  const char nothing = 0;
  check_h5(H5Dwrite(dataset, type, memory_space.get(), file_space.get(), transfer,
                    piece != nullptr ? piece->data : &nothing),
           "H5Dwrite", ExitCode::cannot_write);
}

}  // namespace

ParallelFile::ParallelFile(const Comm& comm, std::string path, Index data_bytes,
                           const std::function<void(hid_t)>& describe, Existing existing)
    : comm_(comm),
      path_(std::move(path)),
      temporary_(temporary_name(path_)),
      existing_(existing),
      needed_bytes_(data_bytes + room_for_metadata_bytes) {
  silence_h5();
  comm_.broadcast(temporary_);
  try {
    comm_.agree([&] {
      if (!comm_.is_root()) return;
      require_free_space(path_, needed_bytes_);
      create_temporary(temporary_, path_);
      pending_ = true;
      // HDF5 1.10 does not survive a file it cannot write (it crashes when the program ends): ask before it begins.
      reserve_blocks(temporary_, path_, needed_bytes_);
      create(describe);
      reserve_blocks(temporary_, path_, static_cast<Index>(std::filesystem::file_size(temporary_)));
    });
    comm_.agree([&] { open(); });
  } catch (...) {
    abandon();
    throw;
  }
}

void ParallelFile::create(const std::function<void(hid_t)>& describe) {
  const H5Id access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate");
  check_h5(H5Pset_alignment(access.get(), alignment_threshold, alignment_bytes), "H5Pset_alignment");
  const std::string what = path_ + ": cannot be created";
  H5Id file = checked(H5Fcreate(temporary_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose, what,
                      ExitCode::cannot_create);
  describe(file.get());
  if (!file.close()) throw SystemError(ExitCode::cannot_write, fmt::format("{}: {}", what, h5_reason()));
}

void ParallelFile::open() {
  const H5Id access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate");
  check_h5(H5Pset_fapl_mpio(access.get(), comm_.handle(), MPI_INFO_NULL), "H5Pset_fapl_mpio");
  check_h5(H5Pset_all_coll_metadata_ops(access.get(), true), "H5Pset_all_coll_metadata_ops");
  check_h5(H5Pset_coll_metadata_write(access.get(), true), "H5Pset_coll_metadata_write");
  file_ = checked(H5Fopen(temporary_.c_str(), H5F_ACC_RDWR, access.get()), H5Fclose,
                  path_ + ": cannot be opened for parallel writing; the folder must be visible to every node",
                  ExitCode::cannot_create);
}

std::string ParallelFile::cannot_be_written(const std::string& dataset) const {
  return fmt::format("{}: dataset {} cannot be written", path_, dataset);
}

H5Id ParallelFile::open_dataset(const std::string& dataset) const {
  return checked(H5Dopen2(file_.get(), dataset.c_str(), H5P_DEFAULT), H5Dclose, cannot_be_written(dataset),
                 ExitCode::cannot_write);
}

void ParallelFile::write(const std::string& dataset, StoredType type, std::span<const Index> shape,
                         std::span<const LocalBlock> blocks) {
  std::vector<LocalBlock> pieces;
  comm_.agree([&] {
    // What can be known before is refused before: Open MPI's collective write waits for ever on the other ranks when
    // one rank's part of it fails.
    require_file_size_limit(path_, needed_bytes_);
    pieces = pieces_of(blocks, shape, type);
  });
  const Index n_calls = comm_.max(static_cast<Index>(pieces.size()));
  if (n_calls == 0) return;
  H5Id id, transfer;
  comm_.agree([&] {
    id = open_dataset(dataset);
    transfer = checked(H5Pcreate(H5P_DATASET_XFER), H5Pclose, "H5Pcreate");
    check_h5(H5Pset_dxpl_mpio(transfer.get(), H5FD_MPIO_COLLECTIVE), "H5Pset_dxpl_mpio");
  });
  const H5Id memory_type = memory_datatype(type);
  for (Index call = 0; call < n_calls; ++call) {
    const bool mine = call < static_cast<Index>(pieces.size());
    comm_.agree([&] {
      try {
        write_piece(id.get(), memory_type.get(), transfer.get(), shape,
                    mine ? &pieces[static_cast<std::size_t>(call)] : nullptr);
      } catch (const SystemError& error) {
        throw SystemError(error.code(), fmt::format("{}: {}; free some space or choose another folder",
                                                    cannot_be_written(dataset), error.what()));
      }
    });
  }
}

Index ParallelFile::append(const std::string& dataset, StoredType type, Index length, const void* numbers,
                           Index count) {
  const std::vector<double> counts = comm_.gather_all(static_cast<double>(count));
  Index first = length, whole = length;
  for (std::size_t rank = 0; rank < counts.size(); ++rank) {
    if (rank == static_cast<std::size_t>(comm_.rank())) first = whole;
    whole += static_cast<Index>(counts[rank]);
  }
  if (whole == length) return whole;
  const Index more_bytes = (whole - length) * bytes_of(type);
  needed_bytes_ += more_bytes;
  comm_.agree([&] {
    if (!comm_.is_root()) return;
    require_free_space(path_, more_bytes);
    reserve_blocks(temporary_, path_, needed_bytes_);
  });
  comm_.agree([&] {
    const H5Id id = open_dataset(dataset);
    const auto extent = static_cast<hsize_t>(whole);
    check_h5(H5Dset_extent(id.get(), &extent), cannot_be_written(dataset), ExitCode::cannot_write);
    if (count == 0) return;
    // Each rank by itself: HDF5 1.10 hands Open MPI an invalid type for some collective writes of chunks.
    const H5Id transfer = checked(H5Pcreate(H5P_DATASET_XFER), H5Pclose, "H5Pcreate");
    const LocalBlock mine{{first}, {count}, numbers};
    for (const LocalBlock& piece : pieces_of({&mine, 1}, std::array{whole}, type))
      write_piece(id.get(), memory_datatype(type).get(), transfer.get(), std::array{whole}, &piece);
  });
  return whole;
}

void ParallelFile::commit() {
  comm_.agree([&] {
    check_h5(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL), path_ + ": cannot be flushed", ExitCode::cannot_write);
  });
  comm_.agree([&] {
    if (!file_.close())
      throw SystemError(ExitCode::cannot_write, fmt::format("{}: cannot be closed: {}", path_, h5_reason()));
  });
  comm_.agree([&] {
    if (!comm_.is_root() || publish_file(temporary_, path_, existing_)) return;
    pending_ = false;
    throw SystemError(
        ExitCode::cannot_create,
        fmt::format("{} came to be while this run was going, and is left as it is; what this run found is in {}", path_,
                    temporary_));
  });
  pending_ = false;
}

void ParallelFile::abandon() noexcept {
  file_.release();
  if (pending_) discard_file(temporary_);
  pending_ = false;
}

}  // namespace tessera
