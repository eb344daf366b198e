#include "sql/action.h"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "sql/action_alter.h"
#include "sql/definition.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;
using Actions = std::vector<Action>;

Action action_of(ActionKind kind) {
  Action action;
  action.kind = kind;
  return action;
}

Action on_table(ActionKind kind, const json& relation) {
  Action action = action_of(kind);
  action.table = relation_name(relation);
  return action;
}

bool has_option(const json& node, const char* list, std::string_view name) {
  if (!node.contains(list)) return false;
  for (const json& option : node.at(list)) {
    if (option.contains("DefElem") && member(option.at("DefElem"), "defname") == name) return true;
  }
  return false;
}

/// Every table named below a node, in any depth.
void collect_tables(const json& node, std::vector<ObjectName>& tables) {
  std::vector<const json*> open{&node};
  while (!open.empty()) {
    const json& one = *open.back();
    open.pop_back();
    if (!one.is_structured()) continue;
    if (one.is_object() && one.contains("RangeVar")) {
      const ObjectName name = relation_name(one);
      if (std::find(tables.begin(), tables.end(), name) == tables.end()) tables.push_back(name);
    }
    for (const json& child : one) open.push_back(&child);
  }
}

// -- tables -------------------------------------------------------------------------------------------------

Actions read_create_table(const json& node, std::string_view text) {
  Action action = on_table(ActionKind::create_table, node.at("relation"));
  action.temporary = member(node.at("relation"), "relpersistence") == "t";
  action.if_not_exists = node.value("if_not_exists", false);
  action.partitioned = node.contains("partspec");
  if (node.contains("partbound")) action.type = "partition";
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

// -- what belongs to tables ---------------------------------------------------------------------------------

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

// -- data ---------------------------------------------------------------------------------------------------

void read_common_table_expressions(const json& node, std::string_view text, Actions& actions);

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

/// `with x as (insert …) …` writes too; a plain query is read with the statement around it.
void read_common_table_expressions(const json& node, std::string_view text, Actions& actions) {
  if (!node.contains("withClause")) return;
  for (const json& item : node.at("withClause").at("ctes")) {
    const json& query = item.at("CommonTableExpr").at("ctequery");
    if (query.contains("SelectStmt")) continue;
    for (Action& action : read_actions(query, text)) actions.push_back(std::move(action));
  }
}

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

// -- other objects ------------------------------------------------------------------------------------------

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

using Reader = std::function<Actions(const json&, std::string_view)>;

Reader simple(ActionKind kind, const char* relation = nullptr) {
  return [kind, relation](const json& node, std::string_view) -> Actions {
    if (relation != nullptr && node.contains(relation)) return {on_table(kind, node.at(relation))};
    return {action_of(kind)};
  };
}

Reader data(ActionKind kind) {
  return [kind](const json& node, std::string_view text) { return read_data(kind, node, text); };
}

Reader relations(ActionKind kind) {
  return [kind](const json& node, std::string_view) { return read_relations(kind, node); };
}

/// `explain analyze …`, `declare … cursor for …`, `prepare … as …`: what they run, or will.
Actions read_query(const json& node, std::string_view text) {
  return read_actions(node.at("query"), text);
}

const std::map<std::string, Reader, std::less<>>& readers() {
  static const std::map<std::string, Reader, std::less<>> table = {
      {"AlterTableStmt", read_alter_table},
      {"CreateStmt", read_create_table},
      {"CreateTableAsStmt", read_create_table_as},
      {"ViewStmt", read_view},
      {"RenameStmt", read_rename},
      {"DropStmt", read_drop},
      {"AlterObjectSchemaStmt", read_set_schema},
      {"IndexStmt", read_create_index},
      {"CreateTrigStmt", read_create_trigger},
      {"ReindexStmt", read_reindex},
      {"VacuumStmt", read_vacuum},
      {"ClusterStmt", simple(ActionKind::cluster, "relation")},
      {"RefreshMatViewStmt",
       [](const json& node, std::string_view) {
         Action action = on_table(ActionKind::refresh_view, node.at("relation"));
         action.concurrently = node.value("concurrent", false);
         action.object_type = "materialized view";
         return Actions{action};
       }},
      {"TruncateStmt", relations(ActionKind::truncate)},
      {"LockStmt", relations(ActionKind::lock_table)},
      {"RuleStmt", simple(ActionKind::create_rule, "relation")},
      {"CreatePolicyStmt", simple(ActionKind::create_policy, "table")},
      {"AlterPolicyStmt", simple(ActionKind::create_policy, "table")},
      {"SelectStmt", read_select},
      {"InsertStmt", data(ActionKind::insert_rows)},
      {"UpdateStmt", data(ActionKind::update_rows)},
      {"DeleteStmt", data(ActionKind::delete_rows)},
      {"MergeStmt", data(ActionKind::merge_rows)},
      {"CopyStmt", read_copy},
      {"CreateFunctionStmt", read_create_function},
      {"AlterEnumStmt", read_enum},
      {"CreateEnumStmt", read_create_type},
      {"CreateDomainStmt", read_create_type},
      {"CompositeTypeStmt", read_create_type},
      {"AlterDomainStmt", read_alter_domain},
      {"AlterOwnerStmt", simple(ActionKind::change_owner)},
      {"CreateSeqStmt", read_sequence},
      {"AlterSeqStmt", read_sequence},
      {"CreateExtensionStmt", simple(ActionKind::create_extension)},
      {"CreateSchemaStmt", read_create_schema},
      {"GrantStmt", read_grant},
      {"GrantRoleStmt", read_grant_role},
      {"AlterDefaultPrivilegesStmt", read_default_privileges},
      {"CommentStmt", simple(ActionKind::comment)},
      {"TransactionStmt", read_transaction},
      {"DoStmt", simple(ActionKind::call_function)},
      {"ExplainStmt", read_query},
      {"DeclareCursorStmt", read_query},
      {"PrepareStmt", read_query},
  };
  return table;
}

}  // namespace

std::vector<Action> read_actions(const json& node, std::string_view text) {
  if (!node.is_object() || node.empty()) return {};
  try {
    const auto reader = readers().find(node.begin().key());
    if (reader != readers().end()) return reader->second(node.begin().value(), text);
  } catch (const json::exception&) {
    // A tree of a form that is not known here: what it does is unknown.
  }
  return {action_of(ActionKind::other)};
}

}  // namespace dbtool::sql
