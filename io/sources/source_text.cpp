#include <nlohmann/json.hpp>

#include "io/sources/source.hpp"

namespace tessera {

using Json = nlohmann::json;

std::string source_text(const SourceDescription& d) {
  Json parts = Json::array();
  for (const FramePart& part : d.parts) parts.push_back({part.file, part.dataset, part.count});
  const DatasetInfo& info = d.layout.info;
  const Json text = {{"format", d.format},
                     {"name", d.name},
                     {"shape", info.shape},
                     {"chunk", info.chunk},
                     {"type", info.type},
                     {"type_name", info.type_name},
                     {"contiguous", info.contiguous},
                     {"numeric", info.numeric},
                     {"of_channels", d.layout.of_channels},
                     {"memory_type", d.layout.memory_type},
                     {"file_pixel_bytes", d.layout.file_pixel_bytes},
                     {"filter_bytes", d.layout.filter_bytes},
                     {"scan", d.map.shape},
                     {"first", d.map.first},
                     {"line", d.map.line},
                     {"order", d.map.order},
                     {"kind", d.kind},
                     {"parts", parts},
                     {"transposed", d.transposed},
                     {"amplitudes", d.amplitudes},
                     {"list_positions", d.list_positions},
                     {"element", {std::string(1, d.element.kind), d.element.bytes, d.element.big_endian}},
                     {"offset", d.offset_bytes},
                     {"stride", d.stride_bytes}};
  // Names of files need not be UTF-8, which JSON as text would have to be.
  const std::vector<std::uint8_t> bytes = Json::to_msgpack(text);
  return {bytes.begin(), bytes.end()};
}

SourceDescription source_from_text(const std::string& text) {
  const Json json = Json::from_msgpack(text);
  SourceDescription d{.format = json["format"], .name = json["name"], .layout = {}, .map = {}};
  DatasetInfo& info = d.layout.info;
  info = {.shape = json["shape"],
          .type = json["type"],
          .type_name = json["type_name"],
          .numeric = json["numeric"],
          .contiguous = json["contiguous"],
          .chunk = json["chunk"]};
  d.layout.of_channels = json["of_channels"];
  d.layout.memory_type = json["memory_type"];
  d.layout.file_pixel_bytes = json["file_pixel_bytes"];
  d.layout.filter_bytes = json["filter_bytes"];
  d.map = {.shape = json["scan"], .first = json["first"], .line = json["line"], .order = json["order"]};
  d.kind = json["kind"];
  for (const Json& part : json["parts"])
    d.parts.push_back({part[0].get<std::string>(), part[1].get<std::string>(), part[2].get<Index>()});
  d.transposed = json["transposed"];
  d.amplitudes = json["amplitudes"];
  d.list_positions = json["list_positions"].get<std::vector<Index>>();
  const Json& element = json["element"];
  d.element = {.kind = element[0].get<std::string>()[0], .bytes = element[1], .big_endian = element[2]};
  d.offset_bytes = json["offset"];
  d.stride_bytes = json["stride"];
  return d;
}

}  // namespace tessera
