#include "catalog/signature.h"

#include "sql/type.h"

namespace dbtool::catalog {
namespace {

std::string argument_text(const sql::Argument& argument) {
  std::string text;
  if (argument.mode != "in" && argument.mode != "table") text += argument.mode + " ";
  if (!argument.name.empty()) text += sql::quote_if_needed(argument.name) + " ";
  return text + argument.type;
}

}  // namespace

std::string function_identity(const std::string& name, const std::vector<sql::Argument>& arguments) {
  std::string types;
  for (const sql::Argument& argument : arguments) {
    if (argument.mode == "out" || argument.mode == "table") continue;
    types += (types.empty() ? "" : ", ") + argument.type;
  }
  return name + "(" + types + ")";
}

std::string arguments_text(const std::vector<sql::Argument>& arguments) {
  std::string text;
  for (const sql::Argument& argument : arguments)
    text += (text.empty() ? "" : ", ") + argument_text(argument);
  return text;
}

std::string returns_text(const sql::ReturnType& returns) {
  if (!returns.columns.empty()) return "table (" + arguments_text(returns.columns) + ")";
  return (returns.is_set ? "setof " : "") + returns.type;
}

}  // namespace dbtool::catalog
