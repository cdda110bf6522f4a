#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <vector>

#include "io/plain_writer.hpp"
#include "src/workflow/exports/export_source.hpp"

namespace tessera {

/// What of the object becomes a large array of another program's file.
enum class ObjectPart { transmission, magnitude, phase };
/// The order of its axes: [slice, y, x], or [y, x, slice].
enum class ObjectOrder { slices_first, slices_last };

struct ObjectArray {
  std::size_t index = 0;  ///< of the dataset
  ObjectPart part = ObjectPart::transmission;
  ObjectOrder order = ObjectOrder::slices_first;
};

/// A plain HDF5 file that is made from a result: texts and small arrays, held here, and arrays of the object's size,
/// which are read, changed and written slab by slab.
class PlainPlan {
 public:
  explicit PlainPlan(const ExportSource& source, bool is_root) : source_(source), is_root_(is_root) {}

  void text(const std::string& dataset, const std::string& words) { texts_.push_back({dataset, words}); }
  void number(const std::string& dataset, double value) { small(dataset, StoredType::f64, {}, std::vector{value}); }
  void count(const std::string& dataset, Index value);
  /// An array that root holds whole; `T` is the type in memory of `type`, or two of them a complex number.
  template <class T>
  void small(const std::string& dataset, StoredType type, std::vector<Index> shape, const std::vector<T>& values);
  /// The object, complex or float in single precision; `ones` axes of length 1 go before.
  void object(const std::string& dataset, ObjectPart part, ObjectOrder order, Index ones = 0);
  /// Attributes of the dataset that was added last.
  void attributes(NumericAttributes attributes) { arrays_.back().attributes = std::move(attributes); }

  /// All ranks take slabs in turn (collective).
  void write(const Comm& comm, const std::string& path, Existing existing) const;

 private:
  void add_bytes(const std::string& dataset, StoredType type, std::vector<Index> shape,
                 std::span<const std::byte> bytes);

  const ExportSource& source_;
  bool is_root_;
  std::vector<PlainText> texts_;
  std::vector<PlainArray> arrays_;
  std::vector<ObjectArray> objects_;
  std::list<std::vector<std::byte>> buffers_;  ///< of the small arrays
};

template <class T>
void PlainPlan::small(const std::string& dataset, StoredType type, std::vector<Index> shape,
                      const std::vector<T>& values) {
  TESSERA_ASSERT(element_count(shape) * bytes_of(type) == static_cast<Index>(values.size() * sizeof(T)), dataset,
                 values.size());
  add_bytes(dataset, type, std::move(shape), std::as_bytes(std::span(values)));
}

}  // namespace tessera
