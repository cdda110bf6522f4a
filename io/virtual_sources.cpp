#include "io/virtual_sources.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace tessera {

namespace {

namespace fs = std::filesystem;

using GetName = ssize_t (*)(hid_t, std::size_t, char*, std::size_t);

std::string name_at(hid_t creation, std::size_t mapping, GetName get) {
  const ssize_t length = get(creation, mapping, nullptr, 0);
  if (length < 0) throw SystemError(ExitCode::data_wrong, "a source of a virtual dataset has no name");
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  get(creation, mapping, name.data(), name.size());
  name.pop_back();
  return name;
}

void select(const H5Id& space, H5S_seloper_t how, const Part& part) {
  check_h5(H5Sselect_hyperslab(space.get(), how, as_hsize(part.start).data(), as_hsize(part.step).data(),
                               as_hsize(part.count).data(), nullptr),
           "H5Sselect_hyperslab");
}

H5Id selection(const std::vector<Index>& shape, const Part& part) {
  H5Id space = make_space(shape);
  select(space, H5S_SELECT_SET, part);
  return space;
}

/// A selection of everything as a box, for HDF5 combines boxes only.
H5Id as_box(H5Id space) {
  if (H5Sget_select_type(space.get()) != H5S_SEL_ALL) return space;
  return selection(extents_of(space.get()), whole_of(extents_of(space.get())));
}

Part bounds_of(const H5Id& space) {
  const auto axes = static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space.get())));
  std::vector<hsize_t> first(axes), last(axes);
  if (axes == 0 || H5Sget_select_bounds(space.get(), first.data(), last.data()) < 0) return {};
  Part part{.start = {first.begin(), first.end()}, .step = std::vector<Index>(axes, 1), .count = {}};
  for (std::size_t axis = 0; axis < axes; ++axis)
    part.count.push_back(static_cast<Index>(last[axis] - first[axis]) + 1);
  return part;
}

bool wants(const Part& part, std::size_t axis, Index first, Index past) {
  const Index behind = std::max<Index>(0, first - part.start[axis] + part.step[axis] - 1) / part.step[axis];
  return behind < part.count[axis] && part.start[axis] + behind * part.step[axis] < past;
}

}  // namespace

std::string counted_name(const std::string& name, Index number) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char next = name[i] == '%' && i + 1 < name.size() ? name[i + 1] : '\0';
    if (next == 'b')
      text += std::to_string(number);
    else
      text += name[i];
    if (next == 'b' || next == '%') ++i;
  }
  return text;
}

VirtualMap::VirtualMap(const H5Id& dataset, std::string file, std::string name)
    : creation_(checked(H5Dget_create_plist(dataset.get()), H5Pclose, "H5Dget_create_plist")),
      file_(std::move(file)),
      name_(std::move(name)) {
  const H5Id space = checked(H5Dget_space(dataset.get()), H5Sclose, "H5Dget_space");
  shape_ = extents_of(space.get());
  const H5Id access = checked(H5Dget_access_plist(dataset.get()), H5Pclose, "H5Dget_access_plist");
  std::vector<char> prefix(4096, 0);
  if (H5Pget_virtual_prefix(access.get(), prefix.data(), prefix.size() - 1) > 0) prefix_ = prefix.data();
}

/// In HDF5's order: the prefixes of the environment and of the file, the folder of the file, the working directory.
std::string VirtualMap::find_file(const std::string& named) const {
  if (named == ".") return file_;
  const fs::path path(named);
  std::vector<fs::path> places;
  if (path.is_absolute()) places.push_back(path);
  const fs::path relative = path.is_absolute() ? path.filename() : path;
  if (const char* list = std::getenv("HDF5_VDS_PREFIX")) {
    std::istringstream prefixes(list);
    for (std::string prefix; std::getline(prefixes, prefix, ':');) places.push_back(fs::path(prefix) / relative);
  }
  if (!prefix_.empty()) places.push_back(fs::path(prefix_) / relative);
  std::error_code error;
  places.push_back(fs::path(file_).parent_path() / relative);
  places.push_back(relative);
  places.push_back(fs::canonical(file_, error).parent_path() / relative);
  const auto found = std::ranges::find_if(places, [&](const fs::path& place) { return fs::exists(place, error); });
  return found == places.end() ? "" : found->string();
}

VirtualMap::Source VirtualMap::source_at(std::size_t mapping) const {
  return {.named = name_at(creation_.get(), mapping, H5Pget_virtual_filename),
          .file = {},
          .dataset = name_at(creation_.get(), mapping, H5Pget_virtual_dsetname),
          .part = {}};
}

/// A mapping that grows along one axis: block i of it comes from the file of number i, or all from one.
void VirtualMap::each_block(const H5Id& place, const Part& part, const Source& source,
                            const std::function<void(const Source&)>& use) const {
  const std::size_t axes = shape_.size();
  std::vector<hsize_t> start(axes), step(axes), count(axes), block(axes);
  check_h5(H5Sget_regular_hyperslab(place.get(), start.data(), step.data(), count.data(), block.data()),
           "H5Sget_regular_hyperslab");
  const auto axis = static_cast<std::size_t>(std::ranges::find(count, H5S_UNLIMITED) - count.begin());
  const bool counts = counted_name(source.named, 0) != counted_name(source.named, 1) ||
                      counted_name(source.dataset, 0) != counted_name(source.dataset, 1);
  for (Index i = 0; axis < axes; ++i) {
    const Index first = static_cast<Index>(start[axis] + static_cast<hsize_t>(i) * step[axis]);
    if (first >= shape_[axis]) return;
    const Index past = block[axis] == H5S_UNLIMITED ? shape_[axis] : first + static_cast<Index>(block[axis]);
    Source one{
        .named = counted_name(source.named, i), .file = {}, .dataset = counted_name(source.dataset, i), .part = {}};
    one.file = find_file(one.named);
    if (wants(part, axis, first, past)) use(one);
    if (!counts) return;
  }
}

double VirtualMap::each_source(const Part& part, const std::function<void(const Source&)>& use) const {
  std::size_t n = 0;
  check_h5(H5Pget_virtual_count(creation_.get(), &n), "H5Pget_virtual_count");
  const H5Id wanted = selection(shape_, part);
  double covered = 0;
  bool grows = false;
  for (std::size_t i = 0; i < n; ++i) {
    const H5Id place =
        as_box(checked(H5Pget_virtual_vspace(creation_.get(), i), H5Sclose, file_ + ": " + name_ + " has no map"));
    Source source = source_at(i);
    if (H5Sget_select_npoints(place.get()) == static_cast<hssize_t>(H5S_UNLIMITED)) {
      grows = true;
      each_block(place, part, source, use);
      continue;
    }
    const H5Id common = checked(H5Scopy(place.get()), H5Sclose, "H5Scopy");
    select(common, H5S_SELECT_AND, part);
    const hssize_t points = H5Sget_select_npoints(common.get());
    if (points <= 0) continue;
    covered += static_cast<double>(points);
    const H5Id from = checked(H5Pget_virtual_srcspace(creation_.get(), i), H5Sclose, "H5Pget_virtual_srcspace");
    const H5Id share(H5Sselect_project_intersection(place.get(), from.get(), wanted.get()), H5Sclose);
    if (share.valid()) source.part = bounds_of(share);
    source.file = find_file(source.named);
    use(source);
  }
  const auto all = static_cast<double>(H5Sget_select_npoints(wanted.get()));
  return grows ? 1 : covered / all;
}

}  // namespace tessera
