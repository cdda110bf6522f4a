#include "src/workflow/exports/plain_plan.hpp"

#include <cmath>
#include <complex>
#include <cstdint>

#include "io/distributed_read.hpp"
#include "src/workflow/input/check_finite.hpp"

namespace tessera {
namespace {

/// A slab in the order and type in which it is written, with its place in the target.
struct Piece {
  std::vector<float> values;  ///< two a complex number
  Slab place;
};

void append_part(const BoxFile& file, const ExportSource& source, ObjectPart part, const Slab& slab,
                 std::vector<float>& values) {
  if (part == ObjectPart::phase) {
    std::vector<double> phase;
    file.read("/reconstruction/slices/data", slab.start, slab.count, phase);
    check_finite(source.file, "/reconstruction/slices/data", slab.start, slab.count, phase);
    values.assign(phase.begin(), phase.end());
    return;
  }
  std::vector<std::complex<double>> object;
  file.read("/reconstruction/object/data", slab.start, slab.count, object);
  check_finite(source.file, "/reconstruction/object/data", slab.start, slab.count, object);
  for (const std::complex<double>& t : object) {
    if (part == ObjectPart::magnitude) {
      values.push_back(static_cast<float>(std::abs(t)));
    } else {
      values.push_back(static_cast<float>(t.real()));
      values.push_back(static_cast<float>(t.imag()));
    }
  }
}

/// [slice, y, x] to [y, x, slice].
void put_slices_last(Piece& piece) {
  const auto slices = static_cast<std::size_t>(piece.place.count[0]);
  const std::size_t plane = piece.values.size() / slices;
  std::vector<float> turned(piece.values.size());
  for (std::size_t slice = 0; slice < slices; ++slice)
    for (std::size_t pixel = 0; pixel < plane; ++pixel)
      turned[pixel * slices + slice] = piece.values[slice * plane + pixel];
  piece.values = std::move(turned);
  for (std::vector<Index>* const axes : {&piece.place.start, &piece.place.count})
    *axes = {(*axes)[1], (*axes)[2], (*axes)[0]};
}

Piece read_piece(const BoxFile& file, const ExportSource& source, const ObjectArray& array, const Slab& slab,
                 std::size_t axes) {
  Piece piece{.values = {}, .place = slab};
  append_part(file, source, array.part, slab, piece.values);
  if (array.order == ObjectOrder::slices_last) put_slices_last(piece);
  const std::size_t ones = axes - slab.count.size();
  piece.place.start.insert(piece.place.start.begin(), ones, 0);
  piece.place.count.insert(piece.place.count.begin(), ones, 1);
  return piece;
}

}  // namespace

void PlainPlan::count(const std::string& dataset, Index value) {
  small(dataset, StoredType::u32, {}, std::vector{static_cast<std::uint32_t>(value)});
}

void PlainPlan::add_bytes(const std::string& dataset, StoredType type, std::vector<Index> shape,
                          std::span<const std::byte> bytes) {
  PlainArray array{
      .dataset = dataset, .type = type, .shape = shape, .blocks = {}, .attributes = {}, .text_attributes = {}};
  if (is_root_) {
    buffers_.emplace_back(bytes.begin(), bytes.end());
    array.blocks = {{std::vector<Index>(shape.size(), 0), shape, buffers_.back().data()}};
  }
  arrays_.push_back(std::move(array));
}

void PlainPlan::object(const std::string& dataset, ObjectPart part, ObjectOrder order, Index ones) {
  const ObjectFrame& frame = source_.frame;
  std::vector<Index> shape{source_.slices, frame.ny, frame.nx};
  if (order == ObjectOrder::slices_last) shape = {frame.ny, frame.nx, source_.slices};
  shape.insert(shape.begin(), static_cast<std::size_t>(ones), 1);
  objects_.push_back({arrays_.size(), part, order});
  const StoredType type = part == ObjectPart::transmission ? StoredType::complex64 : StoredType::f32;
  arrays_.push_back({.dataset = dataset,
                     .type = type,
                     .shape = std::move(shape),
                     .blocks = {},
                     .attributes = {},
                     .text_attributes = {}});
}

void PlainPlan::write(const Comm& comm, const std::string& path, Existing existing) const {
  PlainWriter writer(comm, path, arrays_, {}, {}, existing, texts_);
  const std::vector<Slab> slabs = slabs_of({source_.slices, source_.frame.ny, source_.frame.nx}, slab_elements);
  const BoxFile file(source_.file);
  for (const ObjectArray& array : objects_) {
    const std::size_t axes = arrays_[array.index].shape.size();
    for (std::size_t first = 0; first < slabs.size(); first += static_cast<std::size_t>(comm.size())) {
      const std::size_t mine = first + static_cast<std::size_t>(comm.rank());
      Piece piece;
      std::vector<LocalBlock> blocks;
      comm.agree([&] {
        if (mine >= slabs.size()) return;
        piece = read_piece(file, source_, array, slabs[mine], axes);
        blocks = {{piece.place.start, piece.place.count, piece.values.data()}};
      });
      writer.write(array.index, blocks);
    }
  }
  writer.commit();
}

}  // namespace tessera
