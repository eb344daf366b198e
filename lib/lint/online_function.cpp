#include "lint/online_function.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;
using sql::child;
using sql::node_of;

/// Sets part, number and direction by the name; false: not of an online migration.
bool read_name(OnlineFunction& function) {
  constexpr std::array<std::string_view, 2> beginnings{"online_migration_v", "online_downgrade_v"};
  for (const std::string_view beginning : beginnings) {
    if (!function.name.starts_with(beginning)) continue;
    const std::string_view rest = std::string_view(function.name).substr(beginning.size());
    const std::size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
    function.downgrade = beginning == beginnings[1];
    function.number = rest.substr(0, end);
    function.part = end < rest.size() && rest[end] == '_' ? rest.substr(end + 1) : rest.substr(end);
    return end > 0;
  }
  return false;
}

void read_parameters(const json& parameters, OnlineFunction& function) {
  for (const json& item : parameters) {
    const json* parameter = node_of(item, "FunctionParameter");
    if (parameter == nullptr) continue;
    const std::string mode = sql::member(*parameter, "mode");
    if (mode == "FUNC_PARAM_TABLE" || mode == "FUNC_PARAM_OUT") continue;
    function.inputs.push_back(sql::member(*parameter, "name"));
    const json& names = parameter->at("argType").at("names");
    const json* last = node_of(names.back(), "String");
    function.types.push_back(last == nullptr ? "" : sql::member(*last, "sval"));
  }
}

void read_body(const json& options, OnlineFunction& function) {
  for (const json& option : options) {
    const json& element = option.at("DefElem");
    if (sql::member(element, "defname") != "as") continue;
    function.body = element.at("arg").at("List").at("items").at(0).at("String").value("sval", "");
  }
  const Statement& statement = *function.statement;
  const std::size_t at = function.body.empty() ? std::string::npos : statement.text.find(function.body);
  if (at != std::string::npos && statement.run_as == sql::RunAs::statement)
    function.body_offset = statement.offset + at;
}

}  // namespace

std::optional<OnlineFunction> read_online_function(const Statement& statement) {
  if (statement.actions.size() != 1 || statement.actions[0].kind != sql::ActionKind::create_function ||
      !statement.parsed)
    return std::nullopt;
  OnlineFunction function;
  function.statement = &statement;
  function.name = statement.actions[0].other.name;
  const json* node = node_of(*statement.tree, "CreateFunctionStmt");
  if (node == nullptr || !read_name(function)) return std::nullopt;
  try {
    if (const json* parameters = child(*node, "parameters")) read_parameters(*parameters, function);
    if (const json* options = child(*node, "options")) read_body(*options, function);
  } catch (const json::exception&) {
    return std::nullopt;  // a form that is not known here
  }
  return function;
}

std::vector<OnlineFunction> batch_functions(const Script& script) {
  std::vector<OnlineFunction> found;
  for (const Statement& statement : script.statements) {
    if (statement.part != Part::script) continue;
    auto function = read_online_function(statement);
    if (function && function->part == "batch") found.push_back(std::move(*function));
  }
  return found;
}

std::vector<const Statement*> reached_statements(const std::string& function, const Script& script) {
  std::set<std::string> wanted{function};
  std::set<std::string> done;
  std::vector<const Statement*> reached;
  while (!wanted.empty()) {
    const std::string one = *wanted.begin();
    wanted.erase(wanted.begin());
    if (!done.insert(one).second) continue;
    for (const Statement& statement : script.statements) {
      if (statement.part != Part::function || statement.function != one) continue;
      reached.push_back(&statement);
      if (!statement.parsed) continue;
      for (std::string& called : sql::called_functions(*statement.tree)) {
        if (!done.contains(called)) wanted.insert(std::move(called));
      }
    }
  }
  return reached;
}

}  // namespace dbtool::lint
