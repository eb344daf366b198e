#include "sql/action_alter.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "sql/definition.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

ActionKind kind_of(const std::string& subtype) {
  static const std::map<std::string, ActionKind, std::less<>> kinds = {
      {"AT_AddColumn", ActionKind::add_column},
      {"AT_DropColumn", ActionKind::drop_column},
      {"AT_AlterColumnType", ActionKind::alter_column_type},
      {"AT_ColumnDefault", ActionKind::set_default},
      {"AT_SetNotNull", ActionKind::set_not_null},
      {"AT_DropNotNull", ActionKind::drop_not_null},
      {"AT_AddIdentity", ActionKind::add_identity},
      {"AT_SetIdentity", ActionKind::column_setting},
      {"AT_DropIdentity", ActionKind::column_setting},
      {"AT_DropExpression", ActionKind::column_setting},
      {"AT_SetStatistics", ActionKind::column_setting},
      {"AT_SetStorage", ActionKind::column_setting},
      {"AT_SetCompression", ActionKind::column_setting},
      {"AT_SetOptions", ActionKind::column_setting},
      {"AT_ResetOptions", ActionKind::column_setting},
      {"AT_AddConstraint", ActionKind::add_constraint},
      {"AT_AlterConstraint", ActionKind::table_setting},
      {"AT_ValidateConstraint", ActionKind::validate_constraint},
      {"AT_DropConstraint", ActionKind::drop_constraint},
      {"AT_AttachPartition", ActionKind::attach_partition},
      {"AT_DetachPartition", ActionKind::detach_partition},
      {"AT_DetachPartitionFinalize", ActionKind::detach_partition},
      {"AT_SetLogged", ActionKind::set_persistence},
      {"AT_SetUnLogged", ActionKind::set_persistence},
      {"AT_SetTableSpace", ActionKind::set_tablespace},
      {"AT_SetAccessMethod", ActionKind::set_access_method},
      {"AT_ChangeOwner", ActionKind::change_owner},
      {"AT_AddInherit", ActionKind::inherit},
      {"AT_DropInherit", ActionKind::inherit},
      {"AT_EnableRowSecurity", ActionKind::row_security},
      {"AT_DisableRowSecurity", ActionKind::row_security},
      {"AT_ForceRowSecurity", ActionKind::row_security},
      {"AT_NoForceRowSecurity", ActionKind::row_security},
  };
  const auto found = kinds.find(subtype);
  if (found != kinds.end()) return found->second;
  const bool of_trigger = subtype.starts_with("AT_Enable") || subtype.starts_with("AT_Disable");
  if (of_trigger && subtype.ends_with("Rule")) return ActionKind::create_rule;
  return of_trigger ? ActionKind::toggle_trigger : ActionKind::table_setting;
}

/// "set statistics" from "AT_SetStatistics".
std::string setting_name(const std::string& subtype) {
  std::string name;
  for (const char c : subtype.substr(std::min<std::size_t>(3, subtype.size()))) {
    if (c >= 'A' && c <= 'Z') {
      name += (name.empty() ? "" : " ") + std::string(1, static_cast<char>(c - 'A' + 'a'));
    } else {
      name += c;
    }
  }
  return name;
}

void read_partition(Action& action, const json& partition, const std::string& subtype) {
  action.other = relation_name(partition.at("name"));
  action.concurrently = partition.value("concurrent", false);
  if (subtype == "AT_DetachPartitionFinalize") action.type = "finalize";
  if (partition.contains("bound") && !partition.at("bound").value("is_default", false))
    action.expression = "bound";
}

void read_definition(Action& action, const json& definition, const std::string& subtype,
                     std::string_view text) {
  if (definition.contains("ColumnDef")) {
    const json& column = definition.at("ColumnDef");
    if (action.kind == ActionKind::add_column) {
      action.column = read_column(column, text);
      action.name = action.column->name;
    } else if (action.kind == ActionKind::alter_column_type && column.contains("typeName")) {
      action.type = full_type_text(column.at("typeName"));
      if (column.contains("raw_default"))
        action.expression = expression_at(text, first_location(column.at("raw_default"), text.size()));
      if (const json* collate = child(column, "collClause")) {
        const json* inner = node_of(*collate, "CollateClause");
        action.new_name = list_name((inner == nullptr ? *collate : *inner).at("collname")).name;
      }
    }
  } else if (definition.contains("Constraint") && action.kind == ActionKind::add_constraint) {
    action.constraint = read_constraint(definition.at("Constraint"), text);
    action.name = action.constraint->name;
  } else if (definition.contains("PartitionCmd")) {
    read_partition(action, definition.at("PartitionCmd"), subtype);
  } else if (action.kind == ActionKind::inherit && definition.contains("RangeVar")) {
    action.other = relation_name(definition);
  } else if (action.kind == ActionKind::set_default) {
    action.expression = expression_at(text, first_location(definition, text.size()));
  }
}

}  // namespace

std::string object_type_name(const std::string& type) {
  if (type == "OBJECT_MATVIEW") return "materialized view";
  if (type == "OBJECT_TABCONSTRAINT") return "constraint";
  if (type == "OBJECT_DOMCONSTRAINT") return "domain constraint";
  std::string name;
  for (const char c : type.substr(std::min(type.size(), std::string_view("OBJECT_").size())))
    name += c == '_' ? ' ' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return name;
}

std::size_t first_location(const json& expression, std::size_t otherwise) {
  std::size_t first = otherwise;
  std::vector<const json*> open{&expression};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    if (node.is_object() && node.contains("location") && node.at("location").is_number_integer()) {
      const int location = node.at("location").get<int>();
      if (location >= 0) first = std::min(first, static_cast<std::size_t>(location));
    }
    for (const json& child : node) open.push_back(&child);
  }
  return first;
}

std::vector<Action> read_alter_table(const json& node, std::string_view text) {
  std::vector<Action> actions;
  for (const json& item : node.at("cmds")) {
    const json& command = item.at("AlterTableCmd");
    const std::string subtype = member(command, "subtype");
    Action action;
    action.kind = kind_of(subtype);
    action.table = relation_name(node.at("relation"));
    action.object_type = object_type_name(member(node, "objtype"));
    action.only = !node.at("relation").value("inh", false);
    action.if_exists = node.value("missing_ok", false) || command.value("missing_ok", false);
    action.if_not_exists = action.kind == ActionKind::add_column && command.value("missing_ok", false);
    action.cascade = member(command, "behavior") == "DROP_CASCADE";
    action.name = member(command, "name");
    if (action.kind == ActionKind::set_persistence)
      action.type = subtype == "AT_SetLogged" ? "logged" : "unlogged";
    if (action.kind == ActionKind::set_tablespace) action.new_name = action.name;
    const bool setting = action.kind == ActionKind::table_setting ||
                         action.kind == ActionKind::column_setting ||
                         action.kind == ActionKind::row_security ||
                         action.kind == ActionKind::toggle_trigger || action.kind == ActionKind::inherit;
    if (setting) action.type = setting_name(subtype);
    if (action.kind == ActionKind::set_default && !command.contains("def"))
      action.kind = ActionKind::drop_default;
    if (command.contains("def")) read_definition(action, command.at("def"), subtype, text);
    actions.push_back(std::move(action));
  }
  return actions;
}

}  // namespace dbtool::sql
