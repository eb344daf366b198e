#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::sql {

/// A statement of a script that makes or drops a function.
struct FunctionStatement {
  std::string name;
  bool dropped = false;                  ///< false: created or altered
  std::optional<std::string> arguments;  ///< between the parentheses; nullopt: not given
};

/// Functions of schema public that a PL/pgSQL block creates, replaces, alters or drops statically.
std::vector<FunctionStatement> function_statements_of_block(std::string_view block);
std::vector<FunctionStatement> function_statements_of_script(std::string_view script);

}  // namespace dbtool::sql
