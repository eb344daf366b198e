#pragma once

#include <string>
#include <string_view>

#include "lint/rule.h"

namespace dbtool::lint {

/// An issue about a table: its object, size, work and lock are filled in, `message` is `what` and whom the
/// lock hinders.
Issue issue_on(const sql::ObjectName& table, Work work, std::string_view lock, std::string what);

/// "-- version 31, part one\n…": SQL for this version (`later` 0) or one of the next.
std::string in_version(const Context& context, int later, const std::string& sql);

/// A version file's part that runs statements outside of a transaction.
std::string outside_transaction(const std::string& migration, const std::string& downgrade);

/// `alter table NAME`.
std::string alter(const sql::ObjectName& table);

/// A name for a constraint or index of a column: "tasks_created_not_null".
std::string made_name(const sql::ObjectName& table, const std::string& column, const std::string& ending);

/// `(a, "B")`.
std::string column_list(const std::vector<std::string>& columns);

/// Whether a table keeps null out of a column, by its definition or by a valid check.
bool is_proved_not_null(const Schema& schema, const sql::ObjectName& table, const std::string& column);

/// Fills a new column by key ranges, as an online migration.
std::string fill_online(const sql::ObjectName& table, const std::string& column, const std::string& value);

}  // namespace dbtool::lint
