#pragma once

#include <span>
#include <type_traits>
#include <vector>

#include "src/arrays/device.hpp"
#include "src/arrays/view.hpp"
#include "src/base/error.hpp"

namespace tessera {

/// Zeroes values on `device`.
template <class T>
void set_zero(DeviceKind device, View3<T> values) {
  zero_bytes(device, values.data, static_cast<std::size_t>(values.count()) * sizeof(T));
}

/// Owns zero-initialised memory on one device. Data cross between devices by `upload` and `download` only.
template <class T>
class Array {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Array() = default;
  Array(DeviceKind device, Index count)
      : device_(device), count_(count), buffer_(device, static_cast<std::size_t>(count) * sizeof(T)) {}
  Array(Array&&) noexcept = default;
  Array& operator=(Array&&) noexcept = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  DeviceKind device() const { return device_; }
  Index count() const { return count_; }
  std::size_t bytes() const { return static_cast<std::size_t>(count_) * sizeof(T); }
  T* data() { return static_cast<T*>(buffer_.data()); }
  const T* data() const { return static_cast<const T*>(buffer_.data()); }

  /// The array seen as [n, ny, nx]; the product must be the count.
  View3<T> view(Index n, Index ny, Index nx) {
    TESSERA_ASSERT(n * ny * nx == count_, n, ny, nx, count_);
    return {data(), n, ny, nx};
  }
  View3<const T> view(Index n, Index ny, Index nx) const {
    TESSERA_ASSERT(n * ny * nx == count_, n, ny, nx, count_);
    return {data(), n, ny, nx};
  }

  void upload(std::span<const T> from, Index first = 0) {
    TESSERA_ASSERT(first + static_cast<Index>(from.size()) <= count_, first, from.size(), count_);
    copy_bytes(device_, data() + first, from.data(), from.size_bytes());
  }
  void download(std::span<T> to, Index first = 0) const {
    TESSERA_ASSERT(first + static_cast<Index>(to.size()) <= count_, first, to.size(), count_);
    copy_bytes(device_, to.data(), data() + first, to.size_bytes());
  }
  std::vector<T> to_vector() const {
    std::vector<T> values(static_cast<std::size_t>(count_));
    download(values);
    return values;
  }
  void set_zero() { tessera::set_zero(device_, View3<T>{data(), 1, 1, count_}); }

 private:
  DeviceKind device_ = DeviceKind::host;
  Index count_ = 0;
  DeviceBuffer buffer_;
};

/// An array on `device` filled from host values.
template <class T>
Array<T> make_array(DeviceKind device, const std::vector<T>& values) {
  Array<T> array(device, static_cast<Index>(values.size()));
  array.upload(values);
  return array;
}

}  // namespace tessera
