#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.h"
#include "rows/scope.h"

namespace dbtool::rows {

/// A value as text that two pictures can compare, whatever the session's settings; nullopt is null.
using Cell = std::optional<std::string>;

/// What a table holds; a partitioned table with all of its partitions.
struct TableContents {
  struct Column {
    std::string name;
    std::string type;  ///< "character varying(20)"
  };
  std::string sql_name;  ///< quoted and qualified
  std::vector<Column> columns;
  std::vector<std::size_t> key;  ///< places of the primary key's columns; empty: there is none
  std::int64_t row_count = 0;
  /// Whether `rows` hold a hash of each value but the key's, since the table has more rows than are kept.
  bool is_hashed = false;
  std::vector<std::vector<Cell>> rows;  ///< a cell a column
};

struct SequenceState {
  std::int64_t increment = 1;
  std::optional<std::int64_t> last_value;  ///< nullopt: never asked
};

/// All that the tables of a scope hold at one moment.
struct Contents {
  std::map<std::string, TableContents> tables;     ///< by name, without `public`
  std::map<std::string, SequenceState> sequences;  ///< likewise
};

struct ContentsRequest {
  Scope scope{};
  std::int64_t most_rows = 10'000;  ///< of a table with more, hashes are kept
};

/// What is kept of a value in a table with too many rows: a hash of 64 bits in hexadecimal digits.
std::string kept_hash(std::string_view value);

/// Takes the picture, in one snapshot. The connection must have no transaction open and see all rows. Two
/// round trips, and some more for each table beyond `most_rows`.
Contents contents(pg::Connection& connection, const ContentsRequest& request);

/// The present values of the row with this primary key; empty when it is not there.
std::vector<Cell> fetch_row(pg::Connection& connection, const TableContents& table,
                            const std::vector<Cell>& key);

}  // namespace dbtool::rows
