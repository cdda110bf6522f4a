#include "src/workflow/input/beside_patterns.hpp"

#include "io/dataset.hpp"
#include "io/sources/npy.hpp"
#include "src/base/file_kind.hpp"

namespace tessera {

BesideArray read_beside(const std::string& file, const std::string& dataset) {
  if (file_kind(file) == "a NumPy file") {
    SmallArray array = read_npy(file);
    return {.shape = std::move(array.shape), .values = std::move(array.values), .whole = array.whole, .unit = {}};
  }
  const OpenFile open(file);
  const DatasetInfo info = open.info(dataset);
  return {.shape = info.shape,
          .values = open.real(dataset),
          .whole = info.type_name.find("int") != std::string::npos,
          .unit = open.text_attribute(dataset, "units")};
}

}  // namespace tessera
