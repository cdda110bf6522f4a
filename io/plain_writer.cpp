#include "io/plain_writer.hpp"

#include "io/attributes.hpp"
#include "io/parallel_file.hpp"

namespace tessera {

PlainWriter::PlainWriter(const Comm& comm, const std::string& path, std::span<const PlainArray> arrays,
                         const NumericAttributes& file_attributes, const TextAttributes& file_text_attributes,
                         Existing existing, std::span<const PlainText> texts) {
  Index data_bytes = 0;
  for (const auto& array : arrays) {
    targets_.push_back({array.dataset, array.type, array.shape});
    data_bytes += element_count(array.shape) * bytes_of(array.type);
  }
  file_ = std::make_unique<ParallelFile>(
      comm, path, data_bytes,
      [&](hid_t id) {
        for (const auto& [name, values] : file_attributes) write_number_attribute(id, name, values);
        for (const auto& [name, text] : file_text_attributes) write_text_attribute(id, name, text);
        for (const auto& [dataset, text] : texts) write_text_dataset(id, dataset, text);
        for (const auto& array : arrays) {
          const H5Id dataset = array.grows ? create_growing_dataset(id, array.dataset, array.type)
                                           : create_empty_dataset(id, array.dataset, array.type, array.shape);
          for (const auto& [name, values] : array.attributes) write_number_attribute(dataset.get(), name, values);
          for (const auto& [name, text] : array.text_attributes) write_text_attribute(dataset.get(), name, text);
        }
      },
      existing);
  for (std::size_t i = 0; i < arrays.size(); ++i) write(i, arrays[i].blocks);
}

PlainWriter::~PlainWriter() = default;

void PlainWriter::write(std::size_t dataset_index, std::span<const LocalBlock> blocks) {
  TESSERA_ASSERT(dataset_index < targets_.size(), dataset_index, targets_.size());
  const Target& target = targets_[dataset_index];
  file_->write(target.dataset, target.type, target.shape, blocks);
}

void PlainWriter::append(std::size_t dataset_index, const void* numbers, Index count) {
  TESSERA_ASSERT(dataset_index < targets_.size(), dataset_index, targets_.size());
  Target& target = targets_[dataset_index];
  target.shape[0] = file_->append(target.dataset, target.type, target.shape[0], numbers, count);
}

void PlainWriter::commit() { file_->commit(); }

}  // namespace tessera
