#include "src/workflow/input/beside_patterns.hpp"

#include "io/dataset.hpp"
#include "io/sources/npy.hpp"
#include "src/base/file_kind.hpp"

namespace tessera {

BesideArray look_beside(const std::string& file, const std::string& dataset) {
  if (file_kind(file) == "a NumPy file") {
    const NpyHeader header = read_npy_header(file);
    return {.file = file, .dataset = {}, .shape = header.shape, .whole = header.element.kind != 'f', .unit = {}};
  }
  const OpenFile open(file);
  const DatasetInfo info = open.info(dataset);
  return {.file = file,
          .dataset = dataset,
          .shape = info.shape,
          .whole = info.type_name.find("int") != std::string::npos,
          .unit = open.text_attribute(dataset, "units")};
}

std::vector<double> read_beside(const BesideArray& array) {
  if (array.dataset.empty() && file_kind(array.file) == "a NumPy file") return read_npy(array.file).values;
  return OpenFile(array.file).real(array.dataset);
}

}  // namespace tessera
