#pragma once

#include <cstddef>
#include <string>

namespace dbtool {

/// Line and column of a file, both from 1; a column counts characters.
struct Position {
  int line = 0;
  int column = 0;
};

/// A position in a file of the project; line and column count from 1, 0 means "not known".
struct Place {
  std::string file;  ///< relative to the project directory, as people type it
  int line = 0;
  int column = 0;

  auto operator<=>(const Place&) const = default;
};

/// "file:line:column", without the parts that are not known.
std::string to_text(const Place& place);

/// SQL from a version file or a side file, and where it stands there.
struct SqlText {
  std::string text;  ///< line ends are LF
  Place place;       ///< of the first character of `text`
  /// Columns by which every line of `text` is indented in the file; -1: positions inside are not exact
  /// (folded and quoted scalars) and every offset is reported at `place`.
  int indent = 0;

  /// Where the byte at `offset` of `text` stands in the file.
  Place locate(std::size_t offset) const;
  /// The line of the file that holds the byte at `offset`, as it stands there; empty where positions are not
  /// exact.
  std::string line_at(std::size_t offset) const;
};

}  // namespace dbtool
