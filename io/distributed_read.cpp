#include "io/distributed_read.hpp"

#include "io/h5.hpp"

namespace tessera {

namespace {

struct OpenBox {
  H5Id dataset;
  H5Id selection;  ///< the box in the file
  H5Id memory;     ///< the box in memory
  H5Id type;       ///< the type in the file
};

OpenBox open_box(hid_t file_id, const std::string& file, const std::string& dataset, std::span<const Index> start,
                 std::span<const Index> count) {
  OpenBox box;
  box.dataset = open_dataset(file_id, file, dataset);
  box.selection = checked(H5Dget_space(box.dataset.get()), H5Sclose, "H5Dget_space");
  require_filters(box.dataset, fmt::format("{}: {}", file, dataset));
  box.type = checked(H5Dget_type(box.dataset.get()), H5Tclose, "H5Dget_type");
  const auto shape = extents_of(box.selection.get());
  bool inside = shape.size() == start.size() && shape.size() == count.size();
  for (std::size_t axis = 0; inside && axis < shape.size(); ++axis)
    inside = start[axis] >= 0 && count[axis] >= 0 && start[axis] + count[axis] <= shape[axis];
  if (!inside)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} has the shape ({}), which does not hold the box from ({}) of ({}); the file "
                                 "does not belong to this run",
                                 file, dataset, fmt::join(shape, ","), fmt::join(start, ","), fmt::join(count, ",")));
  box.memory = make_space(count);
  if (element_count(count) == 0) {
    check_h5(H5Sselect_none(box.selection.get()), "H5Sselect_none");
  } else if (!shape.empty()) {
    check_h5(H5Sselect_hyperslab(box.selection.get(), H5S_SELECT_SET, as_hsize(start).data(), nullptr,
                                 as_hsize(count).data(), nullptr),
             "H5Sselect_hyperslab");
  }
  return box;
}

template <class T>
void read_into(const OpenBox& box, const std::string& name, StoredType type, Index count, std::vector<T>& values) {
  values.assign(static_cast<std::size_t>(count), T{});
  if (count == 0) return;
  const H5Id memory_type = memory_datatype_like(box.type.get(), type);
  check_h5(
      H5Dread(box.dataset.get(), memory_type.get(), box.memory.get(), box.selection.get(), H5P_DEFAULT, values.data()),
      name + " cannot be read");
}

}  // namespace

BoxFile::BoxFile(const std::string& file) : name_(file), file_(std::make_shared<H5Id>(open_file_read(file))) {}

void BoxFile::read(const std::string& dataset, std::span<const Index> start, std::span<const Index> count,
                   std::vector<double>& values) const {
  const OpenBox box = open_box(file_->get(), name_, dataset, start, count);
  if (!is_numeric(box.type.get()))
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} does not hold real numbers", name_, dataset));
  read_into(box, fmt::format("{}: {}", name_, dataset), StoredType::f64, element_count(count), values);
}

void BoxFile::read(const std::string& dataset, std::span<const Index> start, std::span<const Index> count,
                   std::vector<std::complex<double>>& values) const {
  const OpenBox box = open_box(file_->get(), name_, dataset, start, count);
  if (is_numeric(box.type.get())) {
    std::vector<double> real;
    read_into(box, fmt::format("{}: {}", name_, dataset), StoredType::f64, element_count(count), real);
    values.assign(real.begin(), real.end());
    return;
  }
  if (stored_type_of(box.type.get()) == StoredType::other)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} does not hold complex numbers", name_, dataset));
  read_into(box, fmt::format("{}: {}", name_, dataset), StoredType::complex128, element_count(count), values);
}

}  // namespace tessera
