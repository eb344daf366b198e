#include "sql/action_read.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "sql/definition.h"
#include "sql/tree.h"

namespace dbtool::sql {

using nlohmann::json;

namespace {

void read_common_table_expressions(const json& node, std::string_view text, Actions& actions);

}  // namespace

Actions read_data(ActionKind kind, const json& node, std::string_view text) {
  Action action = action_of(kind);
  if (kind != ActionKind::select_rows) action.table = relation_name(node.at("relation"));
  action.has_where = node.contains("whereClause") || node.contains("joinCondition");
  if (kind == ActionKind::insert_rows && node.contains("selectStmt"))
    action.has_rows_from = !node.at("selectStmt").at("SelectStmt").contains("valuesLists");
  for (const auto& [name, value] : node.items()) {
    if (name != "relation") collect_tables(value, action.others);
  }
  Actions actions;
  read_common_table_expressions(node, text, actions);
  actions.push_back(std::move(action));
  return actions;
}

namespace {

/// `with x as (insert …) …` writes too; a plain query is read with the statement around it.
void read_common_table_expressions(const json& node, std::string_view text, Actions& actions) {
  if (!node.contains("withClause")) return;
  for (const json& item : node.at("withClause").at("ctes")) {
    const json& query = item.at("CommonTableExpr").at("ctequery");
    if (query.contains("SelectStmt")) continue;
    for (Action& action : read_actions(query, text)) actions.push_back(std::move(action));
  }
}

}  // namespace

Actions read_select(const json& node, std::string_view text) {
  Actions actions = read_data(ActionKind::select_rows, node, text);
  if (node.contains("intoClause")) {
    Action into = read_into(node.at("intoClause"));
    into.others = actions.back().others;
    std::erase(into.others, into.table);
    actions.back() = std::move(into);
  }
  return actions;
}

Actions read_copy(const json& node, std::string_view) {
  if (!node.contains("relation")) return {action_of(ActionKind::select_rows)};
  Action action = on_table(ActionKind::copy_rows, node.at("relation"));
  if (node.value("is_from", false)) return {action};
  action.kind = ActionKind::select_rows;
  action.others = {action.table};
  action.table = {};
  return {action};
}

}  // namespace dbtool::sql
