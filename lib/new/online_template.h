#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "new/source_table.h"

namespace dbtool {

/// How rows that services write meanwhile end right, and so how an online migration is written.
enum class OnlinePattern {
  dual_write,  ///< the services' functions write source and copy
  trigger,     ///< a trigger on the source writes the copy
  move,        ///< a row is in one of two tables, and whoever writes it moves it first
  column,      ///< a new column of the table itself is filled
  functions    ///< not declared: two functions that the script creates, as old directories have them
};

/// "dual-write", "trigger", "move", "column", "functions".
const std::vector<std::string>& online_pattern_names();

/// nullopt for a word that is none of online_pattern_names().
std::optional<OnlinePattern> parse_online_pattern(std::string_view text);

struct OnlineValues {
  int number = 1;           ///< of the first version that is written
  std::string description;  ///< in YAML's quotes, without the closing one
  std::string service;      ///< that owns the functions
  SourceTable source;
  std::string copy;  ///< the table, or the column, that is filled
};

/// The version files of a declared pattern, one a version, in ascending order from `values.number`.
std::vector<std::string> fill_online_template(OnlinePattern pattern, const OnlineValues& values);

}  // namespace dbtool
