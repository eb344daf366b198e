#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "load/complaints.h"
#include "model/place.h"

namespace dbtool::load {

struct Entry;

/// One value of a YAML file. Aliases are replaced by what they stand for.
struct Node {
  enum class Kind { null, scalar, sequence, mapping };

  Kind kind = Kind::null;
  bool plain = false;  ///< a scalar without quotes or `|`: may be a number or a boolean
  Position position;
  std::size_t offset = 0;  ///< in Document::text
  std::string text;        ///< of a scalar
  std::vector<Node> items;
  std::vector<Entry> entries;  ///< in the file's order, keys are unique

  /// The entry of a mapping; nullptr when it has none of that key.
  const Entry* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Position position;
  Node value;
};

/// A YAML file, parsed.
struct Document {
  std::string file;  ///< relative to the project directory
  std::string text;  ///< line ends are LF, without byte order mark
  Node root;

  Place place(Position position) const { return {file, position.line, position.column}; }
  /// A scalar as SQL whose positions are exact where the file holds it as it is: `|` blocks and single lines.
  SqlText sql(const Node& scalar) const;
};

/// Line ends as LF, without a byte order mark.
std::string unify_line_ends(std::string_view text);

/// Complains about bytes that are not UTF-8 and about control characters. True when there is none.
bool check_characters(const std::string& file, std::string_view text, Complaints& complaints);

/// Parses the one document of a file. Complains about the first syntax error (nullopt then), and about every
/// duplicate key, key that is no text, tab in the indentation, second document and expanding alias.
std::optional<Document> parse_yaml(const std::string& file, std::string_view contents,
                                   Complaints& complaints);

/// What kind of value a node is, for complaints: "a mapping", "an integer", …
std::string describe(const Node& node);

}  // namespace dbtool::load
