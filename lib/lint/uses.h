#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "lint/overload.h"

namespace dbtool::lint {

/// What a function does with one table.
struct TableUse {
  std::set<std::string> columns{};  ///< that it names
  bool all_columns = false;         ///< `*`, whole rows, `insert` without a list of columns
  bool written = false;
  std::set<std::set<std::string>> conflict_columns{};  ///< of each `on conflict (…)`
};

/// Which objects a body needs, by names without schema public, as far as its text names them.
struct Uses {
  std::map<std::string, TableUse> tables{};
  std::set<std::string> functions{};
  std::map<std::string, std::set<CallShape>> calls{};  ///< of those functions
  std::set<std::string> types{};
  std::set<std::string> constants{};  ///< texts of string constants
  bool locks_rows = false;            ///< `for update` and its like
};

/// Adds what one statement uses. `tree` as in Statement::tree.
void add_uses(const nlohmann::json& tree, Uses& uses);

/// Adds what the expressions of a PL/pgSQL body use: conditions, assignments, `return`, of which no statement
/// tells. Queries in parentheses are parsed, calls are told by a word before a parenthesis.
void add_expression_uses(std::string_view body, Uses& uses);

/// Adds the types, and the tables whose rows they are, of a list of arguments or a return type.
void add_type_uses(std::string_view declaration, Uses& uses);

}  // namespace dbtool::lint
