#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lint/rule.h"

namespace dbtool::lint {

/// A function that a script makes for an online migration by functions.
struct OnlineFunction {
  const Statement* statement = nullptr;  ///< `create function …`
  std::string name{};
  std::string part{};                 ///< what follows `online_migration_v<N>_`: "batch", "is_complete", …
  std::string number{};               ///< <N> as written
  bool downgrade = false;             ///< `online_downgrade_…`
  std::vector<std::string> inputs{};  ///< names of the input arguments; "" where there is none
  std::vector<std::string> types{};   ///< of the input arguments, as written: "int4", "jsonb"
  std::string body{};
  std::optional<std::size_t> body_offset{};  ///< of the body in the source's text; nullopt: not exact
};

/// Reads `create function online_…`; nullopt: another statement.
std::optional<OnlineFunction> read_online_function(const Statement& statement);

/// All of a script that are named like batch functions of its own version and direction: `part` "batch".
std::vector<OnlineFunction> batch_functions(const Script& script);

/// The statements of a function and of the functions that it calls, as far as the script makes them.
std::vector<const Statement*> reached_statements(const std::string& function, const Script& script);

}  // namespace dbtool::lint
