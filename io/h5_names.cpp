#include <algorithm>
#include <set>

#include "io/h5.hpp"

namespace tessera {

namespace {

constexpr int deepest = 64;

using Identity = std::pair<unsigned long, haddr_t>;

Identity identity(const H5O_info_t& info) { return {info.fileno, info.addr}; }

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* data) {
  static_cast<std::vector<std::string>*>(data)->emplace_back(name);
  return 0;
}

bool is_soft(hid_t group, const std::string& name) {
  H5L_info_t link;
  return H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD;
}

/// Walks through groups by hard links, each group once.
class Walk {
 public:
  Walk(Names& names, std::size_t most) : names_(names), most_(most) {}

  void enter(hid_t group, const std::string& path, int depth) {
    std::vector<std::string> links;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &links) < 0) return;
    for (const std::string& name : links) {
      if (names_.datasets.size() + names_.groups.size() >= most_) return;
      H5O_info_t info;
      if (H5Oget_info_by_name2(group, name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) continue;  // broken
      const std::string here = fmt::format("{}/{}", path, name);
      if (info.type == H5O_TYPE_DATASET) names_.datasets.push_back(here);
      if (info.type != H5O_TYPE_GROUP) continue;
      names_.groups.push_back(here);
      if (is_soft(group, name) || !seen_.insert(identity(info)).second) continue;
      if (depth == deepest) {
        ++names_.left_out;
        continue;
      }
      const H5Id below(H5Gopen2(group, name.c_str(), H5P_DEFAULT), H5Gclose);
      if (below.valid()) enter(below.get(), here, depth + 1);
    }
  }

 private:
  Names& names_;
  std::size_t most_;
  std::set<Identity> seen_;
};

}  // namespace

Names names_in(hid_t file_id, std::size_t most) {
  Names names;
  const H5Id root(H5Gopen2(file_id, "/", H5P_DEFAULT), H5Gclose);
  if (root.valid()) Walk(names, most).enter(root.get(), "", 1);
  return names;
}

}  // namespace tessera
