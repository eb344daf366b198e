#include <algorithm>
#include <utility>

#include "lint/schema.h"
#include "sql/parse.h"

namespace dbtool::lint {

using sql::Action;
using sql::ActionKind;
using sql::ConstraintKind;
using sql::ObjectName;

namespace {

/// The name that the server gives a constraint without one.
std::string server_name(const std::string& table, const sql::Constraint& constraint) {
  std::string columns;
  for (const std::string& column : constraint.columns) columns += "_" + column;
  switch (constraint.kind) {
    case ConstraintKind::primary_key:
      return table + "_pkey";
    case ConstraintKind::unique:
      return table + columns + "_key";
    case ConstraintKind::foreign_key:
      return table + columns + "_fkey";
    case ConstraintKind::exclusion:
      return table + columns + "_excl";
    case ConstraintKind::check:
      break;
  }
  return table + columns + "_check";
}

bool contains(const std::vector<std::string>& list, const std::string& what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

TableState& Schema::change(const ObjectName& name) {
  return tables_.change(name.key());
}

void Schema::apply(const Action& action) {
  switch (action.kind) {
    case ActionKind::create_table:
    case ActionKind::create_table_as:
    case ActionKind::create_view:
      return create_table(action);
    case ActionKind::drop_table:
      return drop_table(action.table);
    case ActionKind::rename_table:
      return rename_table(action);
    case ActionKind::rename_column:
      return rename_column(action);
    case ActionKind::create_index:
      return add_index(action);
    case ActionKind::drop_index:
      erase_index(action.other.key());
      return;
    case ActionKind::add_constraint:
    case ActionKind::validate_constraint:
    case ActionKind::drop_constraint:
    case ActionKind::rename_constraint:
      return alter_constraint(action);
    case ActionKind::add_column:
    case ActionKind::drop_column:
    case ActionKind::alter_column_type:
    case ActionKind::set_not_null:
    case ActionKind::drop_not_null:
    case ActionKind::attach_partition:
    case ActionKind::detach_partition:
    case ActionKind::insert_rows:
    case ActionKind::copy_rows:
    case ActionKind::merge_rows:
      return alter_table(action);
    default:
      return alter_other(action);
  }
}

void Schema::create_table(const Action& action) {
  if (action.table.empty() || (action.if_not_exists && table(action.table) != nullptr)) return;
  tables_.erase(action.table.key());
  TableState& state = change(action.table);
  state.name = action.table;
  state.type = action.kind == ActionKind::create_view ? action.type : "table";
  state.partitioned = action.partitioned;
  state.temporary = action.temporary;
  if (action.type == "partition") {
    state.partition_of = action.parent;
    state.default_partition = action.expression.empty();
  }
  state.made_in = version_;
  state.made_by = script_;
  state.filled = action.kind != ActionKind::create_table;
  state.columns_known =
      action.kind == ActionKind::create_table && action.others.empty() && action.parent.empty();
  for (const sql::Column& column : action.table_columns) add_column(state, column);
  for (const sql::Constraint& constraint : action.constraints) add_constraint(state, constraint);
}

void Schema::add_column(TableState& table, const sql::Column& column) {
  table.columns[column.name] = {column.type, column.not_null};
  for (const sql::Constraint& constraint : column.constraints) add_constraint(table, constraint);
}

void Schema::add_constraint(TableState& table, sql::Constraint constraint) {
  if (!constraint.using_index.empty()) {
    const std::string key = ObjectName{table.name.schema, constraint.using_index}.key();
    if (const IndexState* found = indexes_.find(key)) {
      constraint.columns = found->columns;
      if (constraint.name.empty()) constraint.name = constraint.using_index;
      IndexState renamed = *found;
      erase_index(key);
      renamed.name.name = constraint.name;
      renamed.of_constraint = true;
      put_index(std::move(renamed));
    }
  }
  if (constraint.name.empty()) constraint.name = server_name(table.name.name, constraint);
  const bool has_index = constraint.kind == ConstraintKind::unique ||
                         constraint.kind == ConstraintKind::primary_key ||
                         constraint.kind == ConstraintKind::exclusion;
  const ObjectName index_name{table.name.schema, constraint.name};
  if (has_index && !indexes_.contains(index_name.key())) {
    IndexState state;
    state.name = index_name;
    state.table = table.name;
    state.columns = state.keys = constraint.columns;
    state.unique = constraint.kind != ConstraintKind::exclusion;
    state.method = constraint.kind == ConstraintKind::exclusion ? "of an exclusion" : "btree";
    state.of_constraint = true;
    state.made_in = version_;
    state.made_by = script_;
    put_index(std::move(state));
  }
  if (constraint.kind == ConstraintKind::primary_key) {
    for (const std::string& column : constraint.columns) {
      if (const auto found = table.columns.find(column); found != table.columns.end())
        found->second.not_null = true;
    }
  }
  const bool validated = !constraint.not_valid;
  table.constraints.push_back({std::move(constraint), validated, version_, 0});
}

void Schema::drop_column(TableState& table, const std::string& column_name) {
  table.columns.erase(column_name);
  std::erase_if(table.constraints, [&](const ConstraintState& constraint) {
    return contains(constraint.definition.columns, column_name);
  });
  for (const IndexState* index : indexes_of(table.name)) {
    if (contains(index->columns, column_name)) erase_index(index->name.key());
  }
  others_.erase_if(
      [&](const OtherState& other) { return other.table == table.name && other.column == column_name; });
}

void Schema::drop_table(const ObjectName& name) {
  tables_.erase(name.key());
  for (const IndexState* index : indexes_of(name)) erase_index(index->name.key());
  others_.erase_if([&](const OtherState& other) { return !name.empty() && other.table == name; });
}

void Schema::add_index(const Action& action) {
  IndexState state;
  state.name = {action.table.schema, action.name};
  if (state.name.name.empty()) {
    state.name.name = action.table.name;
    for (const std::string& column : action.columns)
      state.name.name += "_" + (column.empty() ? "expr" : column);
    state.name.name += "_idx";
  }
  if (action.if_not_exists && indexes_.contains(state.name.key())) return;
  state.table = action.table;
  state.columns = action.columns;
  state.unique = action.unique;
  state.partial = !action.expression.empty();
  state.keys = action.keys;
  state.includes = action.includes;
  state.predicate = sql::normalize(action.expression);
  if (!action.type.empty()) state.method = action.type;
  state.made_in = version_;
  state.made_by = script_;
  put_index(std::move(state));
}

void Schema::put_index(IndexState index) {
  const std::string key = index.name.key();
  erase_index(key);
  index_keys_.change(index.table.key()).insert(key);
  if (is_new_index(index)) new_index_keys_.push_back(key);
  indexes_.set(key, std::move(index));
}

void Schema::erase_index(const std::string& key) {
  const IndexState* index = indexes_.find(key);
  if (index == nullptr) return;
  index_keys_.change(index->table.key()).erase(key);
  indexes_.erase(key);
}

void Schema::alter_table(const Action& action) {
  if (table(action.table) == nullptr) return;
  TableState& state = change(action.table);
  const auto column = state.columns.find(action.name);
  const bool known = column != state.columns.end();
  switch (action.kind) {
    case ActionKind::add_column:
      if (action.column && !(action.if_not_exists && known)) add_column(state, *action.column);
      break;
    case ActionKind::drop_column:
      drop_column(state, action.name);
      break;
    case ActionKind::alter_column_type:
      if (known) column->second.type = action.type;
      break;
    case ActionKind::set_not_null:
    case ActionKind::drop_not_null:
      if (known) column->second.not_null = action.kind == ActionKind::set_not_null;
      break;
    case ActionKind::attach_partition:
      if (table(action.other) != nullptr) {
        TableState& partition = change(action.other);
        partition.partition_of = action.table;
        partition.default_partition = action.expression.empty();
      }
      break;
    case ActionKind::detach_partition:
      if (table(action.other) != nullptr) {
        TableState& partition = change(action.other);
        partition.partition_of = {};
        partition.default_partition = false;
      }
      break;
    default:
      state.filled = true;
  }
}

void Schema::alter_constraint(const Action& action) {
  if (table(action.table) == nullptr) return;
  TableState& state = change(action.table);
  if (action.kind == ActionKind::add_constraint) {
    if (action.constraint) add_constraint(state, *action.constraint);
    return;
  }
  for (ConstraintState& one : state.constraints) {
    if (one.definition.name != action.name) continue;
    if (action.kind == ActionKind::validate_constraint) {
      if (!one.validated) one.validated_in = version_;
      one.validated = true;
    }
    if (action.kind == ActionKind::rename_constraint) one.definition.name = action.new_name;
  }
  if (action.kind == ActionKind::rename_constraint) {
    const IndexState* found = index({action.table.schema, action.name});
    if (found == nullptr) return;
    IndexState renamed = *found;
    erase_index(renamed.name.key());
    renamed.name.name = action.new_name;
    put_index(std::move(renamed));
  }
  if (action.kind != ActionKind::drop_constraint) return;
  std::erase_if(state.constraints, [&](const auto& one) { return one.definition.name == action.name; });
  erase_index(ObjectName{action.table.schema, action.name}.key());
}

void Schema::alter_other(const Action& action) {
  switch (action.kind) {
    case ActionKind::create_function:
      if (action.other.schema != "pg_temp") functions_.set(action.other.name, action.type);
      return;
    case ActionKind::create_type:
    case ActionKind::alter_domain:
    case ActionKind::add_enum_value:
    case ActionKind::rename_enum_value:
      return change_types(action);
    case ActionKind::create_trigger:
    case ActionKind::drop_trigger:
    case ActionKind::create_sequence:
    case ActionKind::create_schema:
      return change_others(action);
    case ActionKind::rename_index:
    case ActionKind::rename_object:
    case ActionKind::set_schema:
      return rename_other(action);
    case ActionKind::drop_object:
      break;
    default:
      return;
  }
  if (action.type == "type" || action.type == "domain") types_.erase(action.other.key());
  if (action.type == "function" || action.type == "procedure" || action.type == "routine")
    functions_.erase(action.other.name);
  if (action.type == "view" || action.type == "materialized view") drop_table(action.other);
  if (action.type == "sequence" || action.type == "schema")
    others_.erase(action.type + " " + action.other.key());
}

void Schema::change_types(const Action& action) {
  if (action.kind == ActionKind::create_type) {
    types_.set(action.other.key(),
               {action.type, action.columns, version_, script_, !action.constraints.empty()});
    return;
  }
  if (type(action.other) == nullptr) return;
  TypeState& state = types_.change(action.other.key());
  if (action.kind == ActionKind::alter_domain) {
    state.checked = state.checked || action.constraint.has_value();
    return;
  }
  if (action.kind == ActionKind::rename_enum_value) std::erase(state.values, action.name);
  state.values.push_back(action.new_name);
}

void Schema::change_others(const Action& action) {
  if (action.kind == ActionKind::create_sequence) {
    const std::string key = "sequence " + action.table.key();
    if (action.temporary) return;
    if (action.type == "alter") {
      if (others_.contains(key) && !action.other.empty()) {
        OtherState& sequence = others_.change(key);
        sequence.table = action.other;
        sequence.column = action.name;
      }
      return;
    }
    others_.set(key, {"sequence", action.table.text(), action.other, action.name});
  } else if (action.kind == ActionKind::create_schema) {
    others_.set("schema " + action.name, {"schema", action.name, {}, {}});
  } else {
    const std::string key = "trigger " + action.table.key() + " " + action.name;
    if (action.kind == ActionKind::drop_trigger)
      others_.erase(key);
    else
      others_.set(key, {"trigger", action.name + " on " + action.table.text(), action.table, {}});
  }
}

}  // namespace dbtool::lint
