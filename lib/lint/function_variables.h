#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lint/online_function.h"

namespace dbtool::lint {

/// What the arguments and variables of a PL/pgSQL function are declared as, by names in lower case.
struct FunctionVariables {
  std::map<std::string, std::string, std::less<>> types{};  ///< of a row variable its table: "entities"
  /// Declared as `t.c%type`: table, and column.
  std::map<std::string, std::pair<sql::ObjectName, std::string>, std::less<>> columns{};
  /// Records, and the tables that their loops read.
  std::map<std::string, std::set<std::string>, std::less<>> records{};
};

FunctionVariables variables_of(const OnlineFunction& function, const Script& script);

/// A statement with `$n` in place of what is known at run time only.
struct Parametrized {
  std::string sql{};
  std::size_t parameters = 0;
};

/// The type of a table's column; "" where it is not known. The table as SQL takes it.
using ColumnType = std::function<std::string(const std::string& table, const std::string& column)>;

/// Puts `$n`, with the type where it is known, in place of variables and fields of records; names behind a
/// dot, and what the statement itself calls so, are columns. `$n` of `execute … using` stay.
Parametrized parametrized(const Statement& statement, const FunctionVariables& variables,
                          const ColumnType& column_type);

}  // namespace dbtool::lint
