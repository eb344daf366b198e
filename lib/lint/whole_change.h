#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lint/rule.h"

namespace dbtool::lint {

/// How a statement changes rows.
enum class Change { update, remove, copy, make_table, merge, call };

/// A change of rows that walks a table from end to end, as far as the statement's text tells: no key, no
/// limit and no list of values says which few rows are meant.
struct WholeChange {
  Change change{};
  sql::ObjectName target{};  ///< whose rows are written; of a call: unknown
  sql::ObjectName walked{};  ///< whose rows are walked; was there before the script
  std::string function{};    ///< of a call: what is called for every row
  bool has_where = false;
};

/// What a statement changes that way, with data-changing `with` queries. Tables that the script itself made,
/// and the server's own catalogs, do not count.
std::vector<WholeChange> whole_changes(const Statement& statement, const Context& context);

/// The largest table that a query (a tree's {"SelectStmt": …}) walks from end to end; nullopt: none.
std::optional<sql::ObjectName> walked_by(const nlohmann::json& query, const Context& context);
/// The same of a parsed statement that is a query.
std::optional<sql::ObjectName> walked_by(const Statement& query, const Context& context);

/// Whether a query (the content of a SelectStmt) makes one row of all that it reads: an aggregate without
/// `group by`.
bool makes_one_row(const nlohmann::json& select);

/// Whether a function is known to write: a method so far, or one that this script makes.
bool is_known_writer(const std::string& function, const Context& context);

}  // namespace dbtool::lint
