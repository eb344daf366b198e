#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sql/action.h"

namespace dbtool::sql {

/// What the server calls a statement of data definition, as event triggers and the answer to it name it:
/// "ALTER TABLE", "CREATE INDEX". `node` is {KIND: {…}}. "" for a statement that is none, and for one on
/// objects that all databases share (roles, databases): event triggers do not hear of those.
std::string command_tag(const nlohmann::json& node);

/// One statement of a script, as those see it who watch the database from outside: subscribers, consumers of
/// its log, event triggers.
struct Command {
  std::string tag{};                  ///< "" for rows written
  std::vector<ObjectName> tables{};   ///< altered, dropped or truncated; not of `create`
  std::vector<ObjectName> created{};  ///< tables that it makes
  bool drops = false;                 ///< an object goes: event `sql_drop`
  bool rewrites = false;              ///< may write a table anew: event `table_rewrite`
  bool writes_rows = false;           ///< of a table that stays
};

/// The statements of a PL/pgSQL block or of plain SQL that define data or write rows, of those that stand in
/// it statically, in the order of the text. Temporary tables are left out.
std::vector<Command> commands_of_block(std::string_view block);
std::vector<Command> commands_of_statements(std::string_view script);

}  // namespace dbtool::sql
