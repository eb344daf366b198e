#include "lint/grants.h"

#include <array>
#include <utility>

#include "sql/block.h"

namespace dbtool::lint {

using sql::Action;
using sql::ActionKind;

namespace {

constexpr std::array<const char*, 7> all_rights = {"select",   "insert",     "update", "delete",
                                                   "truncate", "references", "trigger"};

std::set<std::string> rights_of(const Action& action) {
  std::set<std::string> rights(action.columns.begin(), action.columns.end());
  if (rights.empty() || rights.contains("all")) rights.insert(all_rights.begin(), all_rights.end());
  return rights;
}

bool is_dynamic(const std::string& name) {
  return name.find(sql::dynamic_name) != std::string::npos;
}

}  // namespace

std::string service_of_role(const std::string& role) {
  const std::string mark = std::string(prefix_mark) + "_";
  return role.starts_with(mark) ? role.substr(mark.size()) : std::string();
}

std::string role_text(const std::string& role) {
  if (!role.starts_with(prefix_mark)) return role;
  return "$db_user_prefix$" + role.substr(prefix_mark.size());
}

void Grants::apply(const Script& script) {
  for (const auto& [table, roles] : dropped_) ever_.erase(table);
  dropped_.clear();
  for (const Statement& statement : script.statements) {
    if (statement.part == Part::method || statement.part == Part::verify) continue;
    // What is executed may be a grant, or hold one.
    const bool unreadable = !statement.parsed && statement.run_as != sql::RunAs::statement &&
                            statement.run_as != sql::RunAs::perform;
    if (unreadable && statement.part == Part::script) open_ = true;
    for (const Action& action : statement.actions) {
      if (action.kind == ActionKind::grant)
        grant(action, statement, script.version->number);
      else if (statement.part == Part::script)
        follow(action);
    }
  }
}

void Grants::grant(const Action& action, const Statement& statement, int version) {
  if (action.object_type == "default" || !action.name.empty()) open_ = true;
  if (action.object_type != "table") return;
  for (const sql::ObjectName& table : action.others) {
    if (is_dynamic(table.name)) open_ = true;
    for (const std::string& role : action.roles) {
      if (is_dynamic(role)) open_ = true;
      std::map<std::string, Granted>& roles = tables_[table.key()];
      Granted& granted = roles[role];
      if (action.type == "grant") {
        granted.rights.merge(rights_of(action));
        granted.place = statement.place;
        granted.version = version;
        ever_.insert(table.key());
      } else {
        for (const std::string& right : rights_of(action)) granted.rights.erase(right);
      }
      if (granted.rights.empty()) roles.erase(role);
    }
  }
}

/// Rights go with their table.
void Grants::follow(const Action& action) {
  if (action.kind == ActionKind::drop_table) {
    if (auto node = tables_.extract(action.table.key())) dropped_.insert(std::move(node));
  } else if (action.kind == ActionKind::rename_table) {
    const std::string renamed = sql::ObjectName{action.table.schema, action.new_name}.key();
    if (auto node = tables_.extract(action.table.key())) {
      dropped_[action.table.key()] = node.mapped();
      node.key() = renamed;
      tables_.insert(std::move(node));
      ever_.insert(renamed);
    }
  }
}

const std::map<std::string, Granted>& Grants::on(const std::string& table) const {
  static const std::map<std::string, Granted> none;
  const auto found = tables_.find(table);
  return found == tables_.end() ? none : found->second;
}

const std::map<std::string, Granted>& Grants::before_drop(const std::string& table) const {
  const auto found = dropped_.find(table);
  return found == dropped_.end() ? on(table) : found->second;
}

}  // namespace dbtool::lint
