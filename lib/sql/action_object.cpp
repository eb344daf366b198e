#include "sql/action_read.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "sql/action_alter.h"
#include "sql/definition.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::sql {

using nlohmann::json;

namespace {

std::vector<Argument> input_arguments(const json& function) {
  std::vector<Argument> arguments;
  if (!function.contains("parameters")) return arguments;
  for (const json& item : function.at("parameters")) {
    const json& parameter = item.at("FunctionParameter");
    const std::string mode = member(parameter, "mode");
    if (mode == "FUNC_PARAM_OUT" || mode == "FUNC_PARAM_TABLE") continue;
    Argument argument;
    argument.mode = mode == "FUNC_PARAM_VARIADIC" ? "variadic" : "in";
    argument.name = member(parameter, "name");
    argument.type = type_text(parameter.at("argType"));
    argument.has_default = parameter.contains("defexpr");
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

}  // namespace

Actions read_create_function(const json& node, std::string_view) {
  Action action = action_of(ActionKind::create_function);
  action.other = list_name(node.at("funcname"));
  action.arguments = input_arguments(node);
  action.type = "volatile";
  if (node.contains("options")) {
    for (const json& option : node.at("options")) {
      const json& element = option.at("DefElem");
      if (member(element, "defname") == "volatility" && element.at("arg").contains("String"))
        action.type = element.at("arg").at("String").value("sval", "");
    }
  }
  return {action};
}

Actions read_enum(const json& node, std::string_view) {
  Action action =
      action_of(node.contains("oldVal") ? ActionKind::rename_enum_value : ActionKind::add_enum_value);
  action.other = list_name(node.at("typeName"));
  action.name = member(node, "oldVal");
  action.new_name = member(node, "newVal");
  action.if_not_exists = node.value("skipIfNewValExists", false);
  return {action};
}

Actions read_create_type(const json& node, std::string_view text) {
  Action action = action_of(ActionKind::create_type);
  action.type = node.contains("domainname") ? "domain" : node.contains("vals") ? "enum" : "composite";
  for (const char* list : {"domainname", "typeName", "defnames"}) {
    if (node.contains(list) && node.at(list).is_array()) action.other = list_name(node.at(list));
  }
  if (node.contains("typevar")) action.other = relation_name(node.at("typevar"));
  if (node.contains("vals")) action.columns = list_strings(node.at("vals"));
  if (node.contains("domainname") && node.contains("constraints")) {
    for (const json& constraint : node.at("constraints"))
      action.constraints.push_back(read_constraint(constraint.at("Constraint"), text));
  }
  return {action};
}

Actions read_alter_domain(const json& node, std::string_view text) {
  Action action = action_of(ActionKind::alter_domain);
  action.other = list_name(node.at("typeName"));
  action.object_type = "type";
  action.type = member(node, "subtype");
  action.name = member(node, "name");
  if (node.contains("def") && node.at("def").contains("Constraint"))
    action.constraint = read_constraint(node.at("def").at("Constraint"), text);
  return {action};
}

namespace {

/// Everybody is "public".
std::vector<std::string> role_names(const json& roles) {
  std::vector<std::string> names;
  for (const json& role : roles) {
    if (!role.contains("RoleSpec")) continue;
    const bool is_public = member(role.at("RoleSpec"), "roletype") == "ROLESPEC_PUBLIC";
    names.push_back(is_public ? "public" : member(role.at("RoleSpec"), "rolename"));
  }
  return names;
}

}  // namespace

Actions read_grant(const json& node, std::string_view) {
  Action action = action_of(ActionKind::grant);
  action.type = node.value("is_grant", false) ? "grant" : "revoke";
  action.object_type = object_type_name(member(node, "objtype"));
  action.grant_option = node.value("grant_option", false);
  if (node.contains("objects")) collect_tables(node.at("objects"), action.others);
  if (member(node, "targtype") == "ACL_TARGET_ALL_IN_SCHEMA" && node.contains("objects"))
    action.name = list_part(node.at("objects"), 0);
  if (node.contains("privileges")) {
    for (const json& right : node.at("privileges"))
      action.columns.push_back(member(right.at("AccessPriv"), "priv_name"));
  }
  if (node.contains("grantees")) action.roles = role_names(node.at("grantees"));
  return {action};
}

Actions read_grant_role(const json& node, std::string_view) {
  Action action = action_of(ActionKind::grant);
  action.type = node.value("is_grant", false) ? "grant" : "revoke";
  action.object_type = "role";
  if (node.contains("grantee_roles")) action.roles = role_names(node.at("grantee_roles"));
  return {action};
}

Actions read_default_privileges(const json& node, std::string_view text) {
  if (!node.contains("action")) return {action_of(ActionKind::other)};
  Action action = read_grant(node.at("action"), text).front();
  action.object_type = "default";
  return {action};
}

/// `create | alter sequence … owned by TABLE.COLUMN`
Actions read_sequence(const json& node, std::string_view text) {
  Action action = on_table(ActionKind::create_sequence, node.at("sequence"));
  const std::vector<Token> tokens = tokenize(text.substr(0, std::min<std::size_t>(text.size(), 200)));
  if (!tokens.empty() && tokens.front().is("alter")) action.type = "alter";
  action.object_type = "sequence";
  action.if_not_exists = node.value("if_not_exists", false);
  action.temporary = member(node.at("sequence"), "relpersistence") == "t";
  if (!node.contains("options")) return {action};
  for (const json& option : node.at("options")) {
    const json& element = option.at("DefElem");
    if (member(element, "defname") != "owned_by" || !element.at("arg").contains("List")) continue;
    const json& items = element.at("arg").at("List").at("items");
    if (items.size() < 2) continue;
    action.other = list_name(items, 1);
    action.name = list_part(items, 0);
  }
  return {action};
}

Actions read_create_schema(const json& node, std::string_view) {
  Action action = action_of(ActionKind::create_schema);
  action.name = member(node, "schemaname");
  action.if_not_exists = node.value("if_not_exists", false);
  return {action};
}

Actions read_transaction(const json& node, std::string_view text) {
  Action action = action_of(ActionKind::transaction);
  action.type = member(node, "kind");
  const std::vector<Token> tokens = tokenize(text.substr(0, std::min<std::size_t>(text.size(), 200)));
  if (!tokens.empty()) action.type = tokens.front().lower;
  return {action};
}

}  // namespace dbtool::sql
