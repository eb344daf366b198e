#include <nlohmann/json.hpp>

#include <algorithm>

#include "sql/block.h"
#include "sql/parse.h"
#include "sql/tree.h"

namespace dbtool::sql {

namespace {

using nlohmann::json;

void add_relation(const json& statement, std::vector<std::string>& tables) {
  const json* relation = child(statement, "relation");
  if (relation == nullptr) return;
  const std::string name = member(*relation, "relname");
  if (std::find(tables.begin(), tables.end(), name) == tables.end()) tables.push_back(name);
}

bool updates_on_conflict(const json& insert) {
  const json* clause = child(insert, "onConflictClause");
  return clause != nullptr && member(*clause, "action") == "ONCONFLICT_UPDATE";
}

// However deep: in `with`, in subqueries.
void collect(const json& node, std::vector<std::string>& tables) {
  if (node.is_array()) {
    for (const json& item : node) collect(item, tables);
  } else if (node.is_object()) {
    for (const auto& [kind, content] : node.items()) {
      if (kind == "UpdateStmt" || kind == "DeleteStmt" || kind == "MergeStmt" ||
          (kind == "InsertStmt" && updates_on_conflict(content))) {
        add_relation(content, tables);
      }
      collect(content, tables);
    }
  }
}

/// The body of a `create function` statement of that name; empty: it is another statement.
std::string body_of(const json& statement, std::string_view function) {
  const json* create = node_of(statement, "CreateFunctionStmt");
  if (create == nullptr) return {};
  const json* name = child(*create, "funcname");
  if (name == nullptr || name->empty() || name->back().at("String").value("sval", "") != function) return {};
  const json* options = child(*create, "options");
  if (options == nullptr) return {};
  for (const json& option : *options) {
    const json& element = option.at("DefElem");
    if (member(element, "defname") == "as")
      return element.at("arg").at("List").at("items").front().at("String").value("sval", "");
  }
  return {};
}

}  // namespace

std::vector<std::string> changed_tables_of_statements(std::string_view script) {
  std::vector<std::string> tables;
  collect(parse_tree(std::string(script)), tables);
  return tables;
}

std::vector<std::string> changed_tables_of_function(std::string_view block, std::string_view function) {
  std::vector<std::string> tables;
  for (const SplitStatement& statement : statements_of_block(without_prefix_variable(block))) {
    for (const json& parsed : parse_tree(statement.text)) {
      const std::string body = body_of(parsed.value("stmt", json::object()), function);
      for (const SplitStatement& inner : statements_of_block(body)) collect(parse_tree(inner.text), tables);
    }
  }
  return tables;
}

}  // namespace dbtool::sql
