#include "sql/action_read.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "sql/action_alter.h"
#include "sql/definition.h"
#include "sql/tree.h"

namespace dbtool::sql {

using nlohmann::json;

namespace {

/// A tree without the places where it was read.
json without_locations(const json& tree) {
  if (tree.is_array()) {
    json list = json::array();
    for (const json& item : tree) list.push_back(without_locations(item));
    return list;
  }
  if (!tree.is_object()) return tree;
  json object = json::object();
  for (const auto& [name, value] : tree.items()) {
    if (name != "location") object[name] = without_locations(value);
  }
  return object;
}

/// One key of an index: a plain column's name, or the whole of what stands there.
std::string index_key(const json& element) {
  json key = without_locations(element);
  key.erase("indexcolname");
  if (member(key, "ordering") == "SORTBY_DEFAULT" || member(key, "ordering") == "SORTBY_ASC")
    key.erase("ordering");
  if (member(key, "nulls_ordering") == "SORTBY_NULLS_DEFAULT") key.erase("nulls_ordering");
  const bool is_plain = key.size() == 1 && key.contains("name");
  return is_plain ? member(key, "name") : key.dump();
}

}  // namespace

Actions read_create_index(const json& node, std::string_view text) {
  Action action = on_table(ActionKind::create_index, node.at("relation"));
  action.name = member(node, "idxname");
  action.type = member(node, "accessMethod");
  action.concurrently = node.value("concurrent", false);
  action.unique = node.value("unique", false);
  action.if_not_exists = node.value("if_not_exists", false);
  action.only = !node.at("relation").value("inh", false);
  for (const json& element : node.at("indexParams")) {
    const json& part = element.at("IndexElem");
    action.columns.push_back(part.contains("expr") ? std::string() : member(part, "name"));
    action.keys.push_back(index_key(part));
  }
  action.includes = node.contains("indexIncludingParams");
  if (node.contains("whereClause"))
    action.expression = expression_at(text, first_location(node.at("whereClause"), text.size()));
  return {action};
}

Actions read_create_trigger(const json& node, std::string_view) {
  Action action = on_table(ActionKind::create_trigger, node.at("relation"));
  action.name = member(node, "trigname");
  if (node.contains("constrrel")) action.other = relation_name(node.at("constrrel"));
  return {action};
}

Actions read_reindex(const json& node, std::string_view) {
  Action action = action_of(ActionKind::reindex);
  action.concurrently = has_option(node, "params", "concurrently");
  const std::string kind = member(node, "kind");
  action.type = kind == "REINDEX_OBJECT_INDEX"    ? "index"
                : kind == "REINDEX_OBJECT_TABLE"  ? "table"
                : kind == "REINDEX_OBJECT_SCHEMA" ? "schema"
                : kind == "REINDEX_OBJECT_SYSTEM" ? "system"
                                                  : "database";
  if (node.contains("relation"))
    (action.type == "index" ? action.other : action.table) = relation_name(node.at("relation"));
  action.name = member(node, "name");
  return {action};
}

Actions read_vacuum(const json& node, std::string_view) {
  Action action = action_of(node.value("is_vacuumcmd", false) ? ActionKind::vacuum : ActionKind::analyze);
  action.full = has_option(node, "options", "full");
  Actions actions;
  if (node.contains("rels")) {
    for (const json& item : node.at("rels")) {
      if (!item.at("VacuumRelation").contains("relation")) continue;
      action.table = relation_name(item.at("VacuumRelation").at("relation"));
      actions.push_back(action);
    }
  }
  if (actions.empty()) actions.push_back(action);
  return actions;
}

Actions read_relations(ActionKind kind, const json& node) {
  static const std::map<int, std::string> modes = {
      {1, "access share"}, {2, "row share"},           {3, "row exclusive"}, {4, "share update exclusive"},
      {5, "share"},        {6, "share row exclusive"}, {7, "exclusive"},     {8, "access exclusive"}};
  Actions actions;
  for (const json& relation : node.at("relations")) {
    Action action = on_table(kind, relation);
    action.cascade = member(node, "behavior") == "DROP_CASCADE";
    action.nowait = node.value("nowait", false);
    const auto mode = modes.find(node.value("mode", 0));
    if (mode != modes.end()) action.lock_mode = mode->second;
    actions.push_back(std::move(action));
  }
  return actions;
}

}  // namespace dbtool::sql
