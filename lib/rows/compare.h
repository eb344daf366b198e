#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/finding.h"
#include "rows/contents.h"

namespace dbtool::rows {

struct CompareRequest {
  /// Columns and tables that only one side has are passed over: otherwise they are differences.
  bool only_common = false;
  int most_examples = 3;  ///< for each table and kind of difference
};

/// A row, or what changed in one.
struct RowExample {
  struct Value {
    std::string column;
    Cell before;  ///< of a row that came: null
    Cell after;   ///< of a row that is lost: null
    /// Of a table whose values were too many to keep, the value before is not known.
    bool is_before_known = true;
  };
  /// Columns of the primary key with their values; empty where rows have none.
  std::vector<std::pair<std::string, Cell>> key;
  /// Of a changed row the columns that changed, else all of them. Empty for a row of which only a hash was
  /// kept.
  std::vector<Value> values;
};

/// How what a table holds differs. Rows are the same by their primary key where both sides have the same one;
/// where not, a row is all that it holds, and a changed one counts as lost and come.
struct TableDifference {
  std::string table;
  bool is_gone = false;
  bool is_new = false;
  std::vector<std::string> gone_columns, new_columns;
  std::int64_t rows_before = 0, rows_after = 0;
  std::int64_t lost = 0, added = 0, changed = 0;
  std::vector<std::pair<std::string, std::int64_t>> changed_columns;  ///< in how many rows
  std::vector<RowExample> lost_rows, added_rows, changed_rows;        ///< examples
};

/// A sequence that would give numbers anew which it has given before. One that is gone is none: so is then
/// the column that it numbered.
struct SequenceDifference {
  std::string sequence;
  std::int64_t before = 0;
  std::optional<std::int64_t> after;  ///< nullopt: as if never asked
};

struct Comparison {
  std::vector<TableDifference> tables;  ///< those that differ
  std::vector<SequenceDifference> sequences;

  bool is_equal() const { return tables.empty() && sequences.empty(); }
};

/// What became of `before`. `now`, when given, is a connection to the database of `after`, from which
/// examples of tables with hashes are fetched.
Comparison compare(const Contents& before, const Contents& after, const CompareRequest& request = {},
                   pg::Connection* now = nullptr);

/// One finding for each kind of difference of a table: rules rows-lost, rows-added, rows-changed (one a
/// column, named by `fact`), contents-table-gone, contents-table-new, contents-column-gone,
/// contents-column-new, sequence-reset. `object` is "table tasks" or "sequence tasks_id_seq"; `expected` and
/// `found` are those of the example row, `message` is a sentence about it. All are errors.
std::vector<Finding> findings(const Comparison& comparison);

}  // namespace dbtool::rows
