#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/online.h"
#include "model/version.h"
#include "pg/connection.h"

namespace dbtool::online {

using ledger::KeyValue;

struct KeyColumn {
  std::string name;
  std::string type;  ///< as format_type prints it
};

/// The unique index by which a table is walked.
struct Key {
  std::string table;  ///< quoted and qualified
  unsigned oid = 0;   ///< of the table
  std::vector<KeyColumn> columns;

  /// `"a", "b"`, each behind `alias.` (written as it is) unless that is empty.
  std::string columns_text(std::string_view alias = {}) const;
  /// `"a"::text, "b"::text`: the values as KeyValue holds them.
  std::string values_text() const;
};

/// Finds the index that `declaration.key` names. Throws Error (failed) that says what is missing: a valid,
/// immediate, non-partial unique btree index of these columns in this order, plain, not null, ascending, with
/// the default operator class and the column's own collation.
Key read_key(pg::Connection& connection, const OnlineDeclaration& declaration);

/// Keys above `low` (excluded) and up to `high` (included); an open end is nullopt.
struct KeyRange {
  std::optional<KeyValue> low;
  std::optional<KeyValue> high;
};

/// The statement with every `$range$` and `$range:alias$` replaced by the condition on the key, its ends as
/// bound parameters.
pg::Statement bind_range(std::string_view sql, const Key& key, const KeyRange& range);

/// The statement with `true` for every range, for those who read it without a table.
std::string without_ranges(std::string_view sql);

/// "(task_id) = (abc)", for people.
std::string to_text(const Key& key, const KeyValue& value);

}  // namespace dbtool::online
