#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/object.h"
#include "pg/result.h"

namespace dbtool::catalog {

/// A column of a table, as far as a check compares it.
struct Column {
  std::string_view table, name;
  std::string_view type;  ///< as sql::canonical_type spells it
  bool not_null = false;
  /// Where it was declared; empty for live columns.
  std::string_view file{};
  Position position{};
};

/// Columns in the order of table and name. They are most of what a check compares, tens of thousands of them:
/// so their texts are views into what they were read from, and none of them takes memory of its own.
struct Columns {
  std::vector<Column> list;
  std::deque<std::string> texts;    ///< what some of the views look at; none of these ever moves
  std::vector<pg::Result> answers;  ///< the same

  Columns() = default;
  Columns(Columns&&) = default;
  Columns& operator=(Columns&&) = default;
  Columns(const Columns&) = delete;
  Columns& operator=(const Columns&) = delete;
  ~Columns() = default;

  /// The same text, to last as long as this.
  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
  /// Puts the list in order; costs little where it is in order already.
  void sort();
};

/// What is declared of a schema, or what is there. `objects`: all but the columns, sorted.
struct Schema {
  Catalog objects;
  Columns columns;
};

/// One difference between two lists of columns; pointers are into them.
struct ColumnDifference {
  const Column* expected = nullptr;  ///< nullptr: there is one too many
  const Column* found = nullptr;     ///< nullptr: it is missing
};

/// The columns that are not the same on both sides.
std::vector<ColumnDifference> diff(const std::vector<Column>& expected, const std::vector<Column>& found);

}  // namespace dbtool::catalog
