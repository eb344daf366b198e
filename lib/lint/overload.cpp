#include "lint/overload.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sql/parse.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

/// "" : not told.
std::string type_of(const json& argument) {
  if (const json* cast = sql::node_of(argument, "TypeCast")) return sql::type_text(cast->at("typeName"));
  const json* constant = sql::node_of(argument, "A_Const");
  if (constant == nullptr) return "";
  if (constant->contains("ival")) return "integer";
  if (constant->contains("fval")) return "numeric";
  return constant->contains("boolval") ? "boolean" : "";
}

bool is_number(const std::string& type) {
  return type == "smallint" || type == "integer" || type == "bigint" || type == "numeric" || type == "real" ||
         type == "double precision";
}

bool is_text(const std::string& type) {
  return type == "text" || type == "name" || type.starts_with("character");
}

/// Types of other kinds have casts of their own that are not known here.
bool may_become(const std::string& from, const std::string& to) {
  if (from.empty() || from == to) return true;
  const bool plain = is_number(from) || is_text(from) || from == "boolean";
  const bool to_plain = is_number(to) || is_text(to) || to == "boolean";
  return !plain || !to_plain || (is_number(from) && is_number(to)) || (is_text(from) && is_text(to));
}

}  // namespace

Overload overload_of(const sql::Action& action) {
  Overload overload;
  overload.known = action.arguments.has_value();
  if (!overload.known) return overload;
  for (const sql::Argument& argument : *action.arguments) {
    overload.types.push_back(argument.type);
    overload.variadic = overload.variadic || argument.mode == "variadic";
    if (!argument.has_default && argument.mode != "variadic") ++overload.required;
  }
  // `drop function` does not tell of defaults.
  if (action.kind == sql::ActionKind::drop_object) overload.required = 0;
  return overload;
}

Overload overload_of_arguments(std::string_view args) {
  sql::Action action;
  action.kind = sql::ActionKind::create_function;
  if (auto arguments = sql::parse_arguments(args)) {
    std::erase_if(*arguments,
                  [](const sql::Argument& one) { return one.mode == "out" || one.mode == "table"; });
    action.arguments = std::move(arguments);
  }
  return overload_of(action);
}

CallShape shape_of(const json& call) {
  CallShape shape;
  if (call.contains("agg_star")) return {false, {}};
  const json* arguments = sql::child(call, "args");
  for (const json& argument : arguments == nullptr ? json::array() : *arguments) {
    if (argument.contains("NamedArgExpr")) return {false, {}};
    shape.types.push_back(type_of(argument));
  }
  return shape;
}

bool may_call(const CallShape& call, const Overload& overload) {
  if (!call.known || !overload.known) return true;
  const std::size_t count = call.types.size();
  if (count < overload.required || (count > overload.types.size() && !overload.variadic)) return false;
  const std::size_t plain = std::min(count, overload.types.size() - (overload.variadic ? 1 : 0));
  for (std::size_t i = 0; i < plain; ++i) {
    if (!may_become(call.types[i], overload.types[i])) return false;
  }
  return true;
}

}  // namespace dbtool::lint
