#include "io/xyz.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include "src/base/elements.hpp"
#include "src/base/error.hpp"
#include "src/base/file_kind.hpp"
#include "src/base/words.hpp"

namespace tessera {
namespace {

constexpr std::string_view blanks = " \t\r";

[[noreturn]] void fail(Index line, const std::string& what) {
  throw InputError(ExitCode::data_wrong, fmt::format("line {}: {}", line, what));
}

/// Cuts the next word off `text`; empty at its end.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return text = {};
  text.remove_prefix(begin);
  const std::size_t end = std::min(text.find_first_of(blanks), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

template <class Number>
bool to_number(std::string_view word, Number& value) {
  if (!word.empty() && word.front() == '+') word.remove_prefix(1);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size();
}

double to_finite(std::string_view word, Index line, std::string_view what) {
  double value = 0;
  if (!to_number(word, value) || !std::isfinite(value)) {
    fail(line, fmt::format("{} must be a finite number in angstrom, got '{}'", what, shown(word)));
  }
  return value;
}

/// The value of key=value or key="several words"; false when the key is not there.
bool find_value(std::string_view comment, std::string_view key, std::string_view& value) {
  std::size_t at = 0;
  while ((at = comment.find(key, at)) != std::string_view::npos) {
    const std::size_t after = at + key.size();
    const bool starts = at == 0 || blanks.find(comment[at - 1]) != std::string_view::npos;
    if (starts && after < comment.size() && comment[after] == '=') {
      std::string_view rest = comment.substr(after + 1);
      const bool quoted = !rest.empty() && rest.front() == '"';
      if (quoted) rest.remove_prefix(1);
      value = rest.substr(0, quoted ? rest.find('"') : rest.find_first_of(blanks));
      return true;
    }
    at = after;
  }
  return false;
}

/// ASE and others leave rounding errors off the diagonal.
Cell parse_lattice(std::string_view value) {
  constexpr double rounding_A = 1e-6;
  std::array<double, 9> lattice{};
  for (double& entry : lattice) entry = to_finite(next_word(value), 2, "each of the nine numbers of Lattice");
  if (!next_word(value).empty()) fail(2, "Lattice has more than nine numbers; is its closing quote missing?");
  for (const std::size_t i : {1, 2, 3, 5, 6, 7})
    if (std::abs(lattice[i]) > rounding_A)
      fail(2, fmt::format("Lattice must be orthogonal, along x, y and z; got {} off the diagonal", lattice[i]));
  for (const std::size_t i : {0, 4, 8})
    if (lattice[i] <= 0) fail(2, fmt::format("Lattice lengths must be positive, got {} angstrom", lattice[i]));
  return {.y_A = lattice[4],
          .x_A = lattice[0],
          .z_A = lattice[8],
          .periodic_y = true,
          .periodic_x = true,
          .periodic_z = true};
}

bool parse_flag(std::string_view word) {
  if (word == "T" || word == "True" || word == "1") return true;
  if (word == "F" || word == "False" || word == "0") return false;
  fail(2, fmt::format("pbc must be three of T or F, got '{}'", shown(word)));
}

void parse_properties(std::string_view value, XyzHeader& header) {
  header.species_column = header.position_column = -1;
  int column = 0;
  while (!value.empty()) {
    std::array<std::string_view, 3> field;
    for (std::string_view& part : field) {
      const std::size_t end = std::min(value.find(':'), value.size());
      part = value.substr(0, end);
      value.remove_prefix(std::min(end + 1, value.size()));
    }
    int width = 0;
    if (!to_number(field[2], width) || width < 1) fail(2, "Properties must be a list of name:type:columns");
    if (field[0] == "species") header.species_column = column;
    if (field[0] == "pos" && width == 3) header.position_column = column;
    column += width;
  }
  if (header.species_column < 0 || header.position_column < 0) {
    fail(2, "Properties must hold species:S:1 and pos:R:3");
  }
}

/// Slices hold what lies in the cell: a height outside comes back by periods, or is refused.
double height_in_cell(double z_A, const XyzHeader& header, Index number) {
  constexpr double rounding_A = 1e-6;  // an atom on the cell's border stays on its side
  const Cell& cell = header.cell;
  const double height_A = z_A - header.origin_z_A;
  if (height_A >= -rounding_A && height_A <= cell.z_A + rounding_A) return std::clamp(height_A, 0.0, cell.z_A);
  if (!cell.periodic_z)
    fail(number,
         fmt::format("z is {:.6g} A, outside the cell, {:.6g} to {:.6g} A, which is not periodic along z; move the "
                     "atoms or enlarge the cell",
                     z_A, header.origin_z_A, header.origin_z_A + cell.z_A));
  return height_A - std::floor(height_A / cell.z_A) * cell.z_A;
}

Atom parse_atom(std::string_view line, const XyzHeader& header, Index number) {
  constexpr std::array<std::string_view, 3> names = {"x", "y", "z"};
  Atom atom;
  std::array<double, 3> position{};
  const int last = std::max(header.species_column, header.position_column + 2);
  for (int column = 0; column <= last; ++column) {
    const std::string_view word = next_word(line);
    if (word.empty()) fail(number, fmt::format("expected at least {} columns, got {}", last + 1, column));
    const int axis = column - header.position_column;
    if (column == header.species_column && (atom.Z = atomic_number(word)) == 0) {
      fail(number,
           fmt::format("unknown element '{}' (symbols H to {})", shown(word), element_symbol(largest_atomic_number)));
    }
    if (axis >= 0 && axis < 3) {
      const auto i = static_cast<std::size_t>(axis);
      position[i] = to_finite(word, number, names[i]);
    }
  }
  atom.x_A = position[0];
  atom.y_A = position[1];
  atom.z_A = height_in_cell(position[2], header, number);
  return atom;
}

constexpr std::size_t block_bytes = std::size_t{1} << 20;

/// Lines of a text file, which rank 0 reads and every rank gets.
class SharedLines {
 public:
  SharedLines(const Comm& comm, const std::string& file) : comm_(comm) {
    comm_.agree([&] {
      if (!comm_.is_root()) return;
      if (const std::string kind = file_kind(file); !kind.empty() && kind != "a text file")
        throw InputError(ExitCode::data_wrong, fmt::format("{} is {}, not extended XYZ", file, kind));
      stream_.open(file);
      if (!stream_) throw InputError(ExitCode::data_missing, fmt::format("cannot open '{}'", file));
    });
  }
  /// At most `max_lines` whole lines, about a mebibyte; empty at the end of the file (collective).
  std::string next(Index max_lines) {
    std::string block, line;
    if (comm_.is_root()) {
      for (Index i = 0; i < max_lines && block.size() < block_bytes && std::getline(stream_, line); ++i) {
        block += line + '\n';
      }
    }
    comm_.broadcast(block);
    return block;
  }

 private:
  const Comm& comm_;
  std::ifstream stream_;
};

}  // namespace

XyzHeader parse_xyz_header(std::string_view count_line, std::string_view comment_line) {
  XyzHeader header;
  if (!to_number(next_word(count_line), header.n_atoms) || header.n_atoms < 0) {
    fail(1, "must hold the number of atoms alone (extended XYZ)");
  }
  std::string_view value;
  if (!find_value(comment_line, "Lattice", value)) fail(2, "Lattice=\"...\" is missing (extended XYZ)");
  header.cell = parse_lattice(value);
  if (find_value(comment_line, "pbc", value)) {
    header.cell.periodic_x = parse_flag(next_word(value));
    header.cell.periodic_y = parse_flag(next_word(value));
    header.cell.periodic_z = parse_flag(next_word(value));
  }
  if (find_value(comment_line, "Origin", value)) {
    for (const std::string_view axis : {"x", "y"}) to_finite(next_word(value), 2, fmt::format("Origin along {}", axis));
    header.origin_z_A = to_finite(next_word(value), 2, "Origin along z");
  }
  if (find_value(comment_line, "Properties", value)) parse_properties(value, header);
  return header;
}

std::vector<Atom> parse_xyz_atoms(std::string_view block, const XyzHeader& header, Index first_line) {
  std::vector<Atom> atoms;
  for (Index number = first_line; !block.empty(); ++number) {
    const std::size_t end = std::min(block.find('\n'), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 1, block.size()));
    if (line.find_first_not_of(blanks) != std::string_view::npos) atoms.push_back(parse_atom(line, header, number));
  }
  return atoms;
}

Cell read_xyz(const Comm& comm, const std::string& file, const UseAtoms& use) {
  SharedLines lines(comm, file);
  const auto about_file = [&](const auto& step) {
    try {
      step();
    } catch (const InputError& error) {
      throw InputError(error.code(), fmt::format("{}, {}", file, error.what()));
    }
  };
  const std::string count = lines.next(1), comment = lines.next(1);
  XyzHeader header;
  comm.agree([&] {
    const auto chomp = [](const std::string& line) { return line.substr(0, line.find('\n')); };
    about_file([&] { header = parse_xyz_header(chomp(count), chomp(comment)); });
  });
  Index line = 3, n_read = 0;
  constexpr Index many = std::numeric_limits<Index>::max();
  for (std::string block = lines.next(many); !block.empty(); block = lines.next(many)) {
    comm.agree([&] {
      std::vector<Atom> atoms;
      about_file([&] { atoms = parse_xyz_atoms(block, header, line); });
      n_read += static_cast<Index>(atoms.size());
      use(header.cell, atoms);
    });
    line += std::count(block.begin(), block.end(), '\n');
  }
  if (n_read != header.n_atoms) {
    throw InputError(ExitCode::data_wrong,
                     fmt::format("'{}' announces {} atoms and holds {}", file, header.n_atoms, n_read), true);
  }
  return header.cell;
}

}  // namespace tessera
