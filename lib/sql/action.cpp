#include "sql/action.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "sql/action_alter.h"
#include "sql/action_read.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

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
