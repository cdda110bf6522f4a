#pragma once

namespace tessera {

/// In which order the positions of a raster were recorded: row by row, column by column, or row by row to and fro.
enum class ScanOrder { rows, columns, snake };

}  // namespace tessera
