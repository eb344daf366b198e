#include "lint/effect.h"

#include <array>

#include "sql/parse.h"
#include "sql/type.h"

namespace dbtool::lint {

using sql::Action;
using sql::ActionKind;
using sql::ConstraintKind;

namespace {

constexpr const char* access_exclusive = "access exclusive";
constexpr const char* share_row_exclusive = "share row exclusive";
constexpr const char* share_update_exclusive = "share update exclusive";
constexpr const char* share = "share";
constexpr const char* row_exclusive = "row exclusive";

constexpr std::array<std::string_view, 9> modes = {
    "",    "access share",      "row share", row_exclusive,   share_update_exclusive,
    share, share_row_exclusive, "exclusive", access_exclusive};

Effect locked(const sql::ObjectName& table, const char* mode, Work work = Work::none) {
  Effect effect;
  effect.locks.push_back({table, mode});
  effect.work = work;
  if (work != Work::none) effect.worked_on = table;
  return effect;
}

Effect of_add_column(const Action& action, const Schema& schema) {
  Effect effect = locked(action.table, access_exclusive);
  if (!action.column) return effect;
  const sql::Column& column = *action.column;
  const sql::Volatility volatility = schema.default_volatility(column);
  const bool rewrites = column.serial || column.identity || !column.generated.empty() ||
                        schema.is_checked_domain(column.type) || volatility == sql::Volatility::changes ||
                        volatility == sql::Volatility::unknown;
  for (const sql::Constraint& constraint : column.constraints) {
    if (constraint.kind == ConstraintKind::foreign_key)
      effect.locks.push_back({constraint.referenced, share_row_exclusive});
    effect.work = constraint.kind == ConstraintKind::check ? Work::scan : effect.work;
    if (constraint.kind == ConstraintKind::unique || constraint.kind == ConstraintKind::primary_key)
      effect.work = Work::index;
  }
  if (rewrites) effect.work = Work::rewrite;
  if (effect.work != Work::none) effect.worked_on = action.table;
  return effect;
}

Effect of_add_constraint(const Action& action) {
  if (!action.constraint) return locked(action.table, access_exclusive);
  const sql::Constraint& constraint = *action.constraint;
  if (constraint.kind == ConstraintKind::foreign_key) {
    Effect effect = locked(action.table, share_row_exclusive, constraint.not_valid ? Work::none : Work::scan);
    effect.locks.push_back({constraint.referenced, share_row_exclusive});
    return effect;
  }
  if (constraint.kind == ConstraintKind::check)
    return locked(action.table, access_exclusive, constraint.not_valid ? Work::none : Work::scan);
  return locked(action.table, access_exclusive, constraint.using_index.empty() ? Work::index : Work::none);
}

/// `using x` or `using x::type` converts as the type change would without it.
bool is_plain_using(const Action& action) {
  const std::string written = sql::normalize(action.expression);
  const std::string name = sql::normalize(sql::quote_if_needed(action.name));
  if (written.empty() || written == name) return true;
  const std::string cast = "::";
  return written.starts_with(name + cast) &&
         sql::canonical_type(written.substr(name.size() + cast.size())) == action.type;
}

Effect of_type_change(const Action& action, const Schema& schema) {
  const sql::TypeChange change = type_change_of(action, schema);
  const Work work = change == sql::TypeChange::none     ? Work::none
                    : change == sql::TypeChange::checks ? Work::scan
                                                        : Work::rewrite;
  return locked(action.table, access_exclusive, work);
}

Effect of_set_not_null(const Action& action, const Schema& schema) {
  const TableState* table = schema.table(action.table);
  if (table != nullptr) {
    for (const ConstraintState& one : table->constraints) {
      if (one.validated && one.definition.not_null_of == action.name)
        return locked(action.table, access_exclusive);
    }
    const ColumnState* column = table->column(action.name);
    if (column != nullptr && column->not_null) return locked(action.table, access_exclusive);
  }
  return locked(action.table, access_exclusive, Work::scan);
}

Effect of_partition(const Action& action, const Schema& schema) {
  const TableState* rest = schema.default_partition_of(action.table);
  if (action.kind == ActionKind::attach_partition) {
    Effect effect = locked(action.table, share_update_exclusive);
    effect.locks.push_back({action.other, access_exclusive});
    // Rows of the default partition could belong into the new one: it is read, too.
    if (rest != nullptr) effect.locks.push_back({rest->name, access_exclusive});
    effect.work = Work::scan;
    effect.worked_on = action.other;
    return effect;
  }
  const bool gentle = action.concurrently || action.type == "finalize";
  Effect effect = locked(action.table, gentle ? share_update_exclusive : access_exclusive);
  effect.locks.push_back({action.other, access_exclusive});
  if (rest != nullptr && !(rest->name == action.other))
    effect.locks.push_back({rest->name, access_exclusive});
  return effect;
}

Effect of_index(const Action& action, const Schema& schema) {
  const sql::ObjectName* table = &action.table;
  if (table->empty() && !action.other.empty()) {
    if (const IndexState* index = schema.index(action.other)) table = &index->table;
  }
  if (table->empty()) return {};
  if (action.kind == ActionKind::drop_index)
    return locked(*table, action.concurrently ? share_update_exclusive : access_exclusive);
  return locked(*table, action.concurrently ? share_update_exclusive : share, Work::index);
}

Effect of_create_table(const Action& action) {
  Effect effect;
  if (action.type == "partition") effect.locks.push_back({action.parent, access_exclusive});
  const auto add = [&](const sql::Constraint& constraint) {
    if (constraint.kind == ConstraintKind::foreign_key && !(constraint.referenced == action.table))
      effect.locks.push_back({constraint.referenced, share_row_exclusive});
  };
  for (const sql::Constraint& constraint : action.constraints) add(constraint);
  for (const sql::Column& column : action.table_columns) {
    for (const sql::Constraint& constraint : column.constraints) add(constraint);
  }
  return effect;
}

Effect of_setting(const Action& action) {
  const bool gentle = action.type == "set statistics" || action.type == "cluster on" ||
                      action.type == "drop cluster" || action.type.ends_with("options");
  return locked(action.table, gentle ? share_update_exclusive : access_exclusive);
}

Effect of_trigger(const Action& action) {
  Effect effect =
      locked(action.table, action.kind == ActionKind::drop_trigger ? access_exclusive : share_row_exclusive);
  if (!action.other.empty()) effect.locks.push_back({action.other, share_row_exclusive});
  return effect;
}

Effect of_whole_table(const Action& action) {
  if (action.table.empty()) return {};
  switch (action.kind) {
    case ActionKind::cluster:
      return locked(action.table, access_exclusive, Work::rewrite);
    case ActionKind::vacuum:
      return action.full ? locked(action.table, access_exclusive, Work::rewrite)
                         : locked(action.table, share_update_exclusive, Work::scan);
    case ActionKind::analyze:
      return locked(action.table, share_update_exclusive);
    case ActionKind::refresh_view:
      return locked(action.table, action.concurrently ? "exclusive" : access_exclusive, Work::rewrite);
    case ActionKind::lock_table:
      return locked(action.table, action.lock_mode.c_str());
    default:
      return locked(action.table, access_exclusive);
  }
}

}  // namespace

int lock_strength(std::string_view mode) {
  for (std::size_t i = 1; i < modes.size(); ++i) {
    if (modes[i] == mode) return static_cast<int>(i);
  }
  return 0;
}

std::string services_cannot(std::string_view mode) {
  const int strength = lock_strength(mode);
  if (strength == lock_strength(access_exclusive)) return "neither read nor write";
  return strength >= lock_strength(share) ? "not write" : "";
}

std::string work_text(Work work) {
  switch (work) {
    case Work::scan:
      return "scans";
    case Work::index:
      return "builds an index";
    case Work::rows:
      return "changes rows";
    case Work::rewrite:
      return "rewrites";
    case Work::none:
      break;
  }
  return "";
}

sql::TypeChange type_change_of(const Action& action, const Schema& schema) {
  if (!is_plain_using(action)) return sql::TypeChange::rewrite;
  const ColumnState* column = schema.column(action.table, action.name);
  return column == nullptr ? sql::TypeChange::unknown : sql::type_change(column->type, action.type);
}

// A new kind is to be thought of in environment/probe_kinds.cpp, too.
Effect effect_of(const Action& action, const Schema& schema) {
  const bool of_relation = action.object_type == "table" || action.object_type == "materialized view" ||
                           action.object_type == "foreign table";
  switch (action.kind) {
    case ActionKind::create_table:
      return of_create_table(action);
    case ActionKind::add_column:
      return of_relation ? of_add_column(action, schema) : Effect{};
    case ActionKind::alter_column_type:
      return of_relation ? of_type_change(action, schema) : Effect{};
    case ActionKind::set_not_null:
      return of_set_not_null(action, schema);
    case ActionKind::add_constraint:
      return of_add_constraint(action);
    case ActionKind::validate_constraint:
      return locked(action.table, share_update_exclusive, Work::scan);
    case ActionKind::attach_partition:
    case ActionKind::detach_partition:
      return of_relation ? of_partition(action, schema) : Effect{};
    case ActionKind::create_index:
    case ActionKind::drop_index:
    case ActionKind::reindex:
      return of_index(action, schema);
    case ActionKind::column_setting:
    case ActionKind::table_setting:
      return of_relation ? of_setting(action) : Effect{};
    case ActionKind::create_trigger:
    case ActionKind::drop_trigger:
    case ActionKind::toggle_trigger:
      return of_trigger(action);
    case ActionKind::set_persistence:
    case ActionKind::set_tablespace:
    case ActionKind::set_access_method:
      return of_relation ? locked(action.table, access_exclusive, Work::rewrite) : Effect{};
    case ActionKind::cluster:
    case ActionKind::vacuum:
    case ActionKind::analyze:
    case ActionKind::refresh_view:
    case ActionKind::lock_table:
    case ActionKind::truncate:
      return of_whole_table(action);
    case ActionKind::drop_table:
    case ActionKind::rename_table:
    case ActionKind::drop_column:
    case ActionKind::rename_column:
    case ActionKind::set_default:
    case ActionKind::drop_default:
    case ActionKind::drop_not_null:
    case ActionKind::add_identity:
    case ActionKind::drop_constraint:
    case ActionKind::rename_constraint:
    case ActionKind::row_security:
    case ActionKind::set_schema:
    case ActionKind::create_rule:
    case ActionKind::create_policy:
    case ActionKind::inherit:
    case ActionKind::change_owner:
      return of_relation && !action.table.empty() ? locked(action.table, access_exclusive) : Effect{};
    case ActionKind::insert_rows:
    case ActionKind::update_rows:
    case ActionKind::delete_rows:
    case ActionKind::merge_rows:
    case ActionKind::copy_rows:
      return locked(action.table, row_exclusive, Work::rows);
    default:
      return {};
  }
}

}  // namespace dbtool::lint
