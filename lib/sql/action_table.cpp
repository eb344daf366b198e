#include "sql/action_read.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "sql/action_alter.h"
#include "sql/definition.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::sql {

using nlohmann::json;

Actions read_create_table(const json& node, std::string_view text) {
  Action action = on_table(ActionKind::create_table, node.at("relation"));
  action.temporary = member(node.at("relation"), "relpersistence") == "t";
  action.if_not_exists = node.value("if_not_exists", false);
  action.partitioned = node.contains("partspec");
  if (node.contains("partbound")) {
    action.type = "partition";
    if (!node.at("partbound").value("is_default", false)) action.expression = "bound";
  }
  if (node.contains("inhRelations")) action.parent = relation_name(node.at("inhRelations").at(0));
  if (node.contains("tableElts")) {
    for (const json& element : node.at("tableElts")) {
      if (element.contains("ColumnDef"))
        action.table_columns.push_back(read_column(element.at("ColumnDef"), text));
      if (element.contains("Constraint"))
        action.constraints.push_back(read_constraint(element.at("Constraint"), text));
      if (element.contains("TableLikeClause"))
        action.others.push_back(relation_name(element.at("TableLikeClause").at("relation")));
    }
  }
  return {action};
}

Action read_into(const json& into) {
  Action action = on_table(ActionKind::create_table_as, into.at("rel"));
  action.temporary = member(into.at("rel"), "relpersistence") == "t";
  return action;
}

Actions read_create_table_as(const json& node, std::string_view) {
  Action action = read_into(node.at("into"));
  action.if_not_exists = node.value("if_not_exists", false);
  if (member(node, "objtype") == "OBJECT_MATVIEW") {
    action.kind = ActionKind::create_view;
    action.type = action.object_type = "materialized view";
  }
  collect_tables(node.at("query"), action.others);
  return {action};
}

Actions read_view(const json& node, std::string_view) {
  Action action = on_table(ActionKind::create_view, node.at("view"));
  action.type = action.object_type = "view";
  collect_tables(node.at("query"), action.others);
  return {action};
}

Actions read_rename(const json& node, std::string_view) {
  const std::string type = member(node, "renameType");
  Action action = action_of(ActionKind::rename_object);
  if (node.contains("relation")) action.table = relation_name(node.at("relation"));
  if (node.contains("object") && node.at("object").contains("List"))
    action.other = list_name(node.at("object").at("List").at("items"));
  if (node.contains("object") && node.at("object").contains("ObjectWithArgs"))
    action.other = list_name(node.at("object").at("ObjectWithArgs").at("objname"));
  action.type = object_type_name(type);
  action.object_type = type == "OBJECT_COLUMN" ? object_type_name(member(node, "relationType")) : "table";
  action.name = member(node, "subname");
  action.new_name = member(node, "newname");
  action.if_exists = node.value("missing_ok", false);
  if (type == "OBJECT_TABLE") action.kind = ActionKind::rename_table;
  if (type == "OBJECT_TABCONSTRAINT") action.kind = ActionKind::rename_constraint;
  if (type == "OBJECT_COLUMN") action.kind = ActionKind::rename_column;
  if (type == "OBJECT_INDEX") {
    action.kind = ActionKind::rename_index;
    std::swap(action.table, action.other);
    action.object_type = "index";
  }
  if (type == "OBJECT_VIEW" || type == "OBJECT_MATVIEW" || type == "OBJECT_SEQUENCE")
    action.object_type = object_type_name(type);
  return {action};
}

namespace {

/// The name of one dropped object, whatever form it is in.
ObjectName dropped_name(const json& object, std::size_t skip) {
  if (object.contains("List")) return list_name(object.at("List").at("items"), skip);
  if (object.contains("ObjectWithArgs")) return list_name(object.at("ObjectWithArgs").at("objname"));
  if (object.contains("TypeName")) return list_name(object.at("TypeName").at("names"));
  if (object.contains("String")) return {"", object.at("String").value("sval", "")};
  return {};
}

/// `(text, int)` of a dropped function; nullopt: the name alone.
std::optional<std::vector<Argument>> dropped_arguments(const json& object) {
  if (!object.contains("ObjectWithArgs")) return std::nullopt;
  const json& named = object.at("ObjectWithArgs");
  if (named.value("args_unspecified", false)) return std::nullopt;
  std::vector<Argument> arguments;
  if (named.contains("objargs")) {
    for (const json& type : named.at("objargs")) {
      if (!type.contains("TypeName")) return std::nullopt;
      Argument argument;
      argument.mode = "in";
      argument.type = type_text(type.at("TypeName"));
      arguments.push_back(std::move(argument));
    }
  }
  return arguments;
}

}  // namespace

Actions read_drop(const json& node, std::string_view) {
  static const std::map<std::string, ActionKind, std::less<>> kinds = {
      {"OBJECT_TABLE", ActionKind::drop_table},
      {"OBJECT_INDEX", ActionKind::drop_index},
      {"OBJECT_TRIGGER", ActionKind::drop_trigger},
      {"OBJECT_POLICY", ActionKind::create_policy},
      {"OBJECT_RULE", ActionKind::create_rule}};
  const std::string type = member(node, "removeType");
  const auto kind = kinds.find(type);
  Actions actions;
  for (const json& object : node.at("objects")) {
    Action action = action_of(kind == kinds.end() ? ActionKind::drop_object : kind->second);
    action.type = object_type_name(type);
    const bool of_table = action.kind == ActionKind::drop_trigger ||
                          action.kind == ActionKind::create_policy || action.kind == ActionKind::create_rule;
    const ObjectName name = dropped_name(object, of_table ? 1 : 0);
    if (of_table || action.kind == ActionKind::drop_table) action.table = name;
    if (!of_table && action.kind != ActionKind::drop_table) action.other = name;
    if (of_table && object.contains("List")) action.name = list_part(object.at("List").at("items"), 0);
    action.concurrently = node.value("concurrent", false);
    action.arguments = dropped_arguments(object);
    action.if_exists = node.value("missing_ok", false);
    action.cascade = member(node, "behavior") == "DROP_CASCADE";
    if (action.kind == ActionKind::drop_index) action.name = action.other.name;
    actions.push_back(std::move(action));
  }
  return actions;
}

Actions read_set_schema(const json& node, std::string_view) {
  Action action = action_of(ActionKind::set_schema);
  if (node.contains("relation")) action.table = relation_name(node.at("relation"));
  action.object_type = object_type_name(member(node, "objectType"));
  action.new_name = member(node, "newschema");
  return {action};
}

}  // namespace dbtool::sql
