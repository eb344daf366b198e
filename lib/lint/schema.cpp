#include "lint/schema.h"

#include <algorithm>
#include <utility>

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

const ColumnState* TableState::column(const std::string& column_name) const {
  const auto found = columns.find(column_name);
  return found == columns.end() ? nullptr : &found->second;
}

const ConstraintState* TableState::constraint(const std::string& constraint_name) const {
  for (const ConstraintState& one : constraints) {
    if (one.definition.name == constraint_name) return &one;
  }
  return nullptr;
}

Schema Schema::over() const {
  Schema schema;
  schema.version_ = version_;
  schema.script_ = script_;
  schema.tables_ = tables_.over();
  schema.indexes_ = indexes_.over();
  schema.types_ = types_.over();
  schema.functions_ = functions_.over();
  return schema;
}

void Schema::begin(int version) {
  version_ = version;
  ++script_;
}

const TableState* Schema::table(const ObjectName& name) const {
  return tables_.find(name.key());
}

const IndexState* Schema::index(const ObjectName& name) const {
  return indexes_.find(name.key());
}

const ColumnState* Schema::column(const ObjectName& table_name, const std::string& column_name) const {
  const TableState* state = table(table_name);
  return state == nullptr ? nullptr : state->column(column_name);
}

std::vector<const IndexState*> Schema::indexes_of(const ObjectName& table_name) const {
  std::vector<const IndexState*> found;
  indexes_.for_each([&](const std::string&, const IndexState& state) {
    if (state.table == table_name) found.push_back(&state);
  });
  return found;
}

std::vector<const TableState*> Schema::tables() const {
  std::vector<const TableState*> all;
  tables_.for_each([&](const std::string&, const TableState& state) { all.push_back(&state); });
  return all;
}

std::vector<const TableState*> Schema::referencing(const ObjectName& table_name) const {
  std::vector<const TableState*> found;
  tables_.for_each([&](const std::string&, const TableState& state) {
    const bool refers = std::any_of(state.constraints.begin(), state.constraints.end(), [&](const auto& one) {
      return one.definition.kind == ConstraintKind::foreign_key && one.definition.referenced == table_name;
    });
    if (refers) found.push_back(&state);
  });
  return found;
}

bool Schema::is_new(const ObjectName& table_name) const {
  const TableState* state = table(table_name);
  return state != nullptr && state->made_by == script_;
}

bool Schema::is_empty(const ObjectName& table_name) const {
  return is_new(table_name) && !table(table_name)->filled;
}

bool Schema::is_temporary(const ObjectName& table_name) const {
  if (table_name.schema == "pg_temp") return true;
  const TableState* state = table(table_name);
  return state != nullptr && state->temporary;
}

std::optional<std::string> Schema::function_volatility(const std::string& name) const {
  const std::string* found = functions_.find(name);
  return found == nullptr ? std::nullopt : std::optional<std::string>(*found);
}

sql::Volatility Schema::default_volatility(const sql::Column& column) const {
  if (column.default_volatility != sql::Volatility::unknown) return column.default_volatility;
  sql::Volatility worst = sql::Volatility::constant;
  for (const std::string& function : column.default_functions) {
    const auto known = function_volatility(function);
    if (known && *known == "volatile") return sql::Volatility::changes;
    if (!known && sql::volatility_of_function(function) == sql::Volatility::unknown)
      worst = sql::Volatility::unknown;
  }
  return worst;
}

const Schema::TypeState* Schema::type(const ObjectName& name) const {
  return types_.find(name.key());
}

bool Schema::is_new_type(const ObjectName& name) const {
  const TypeState* state = type(name);
  return state != nullptr && state->made_by == script_;
}

// -- changes ------------------------------------------------------------------------------------------------

template <typename Change>
void Schema::change_indexes(const ObjectName& table, const Change& change) {
  std::vector<std::pair<std::string, IndexState>> own;
  indexes_.for_each([&](const std::string& key, const IndexState& state) {
    if (state.table == table) own.emplace_back(key, state);
  });
  for (auto& [key, state] : own) {
    if (change(state))
      indexes_.set(key, std::move(state));
    else
      indexes_.erase(key);
  }
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
      indexes_.erase(action.other.key());
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
  TableState state;
  state.name = action.table;
  state.type = action.kind == ActionKind::create_view ? action.type : "table";
  state.partitioned = action.partitioned;
  state.temporary = action.temporary;
  if (action.type == "partition") state.partition_of = action.parent;
  state.made_in = version_;
  state.made_by = script_;
  state.filled = action.kind != ActionKind::create_table;
  state.columns_known =
      action.kind == ActionKind::create_table && action.others.empty() && action.parent.empty();
  for (const sql::Column& column : action.table_columns) add_column(state, column);
  for (const sql::Constraint& constraint : action.constraints) add_constraint(state, constraint);
  tables_.set(action.table.key(), std::move(state));
}

void Schema::add_column(TableState& table, const sql::Column& column) {
  table.columns[column.name] = {column.type, column.not_null};
  for (const sql::Constraint& constraint : column.constraints) add_constraint(table, constraint);
}

void Schema::add_constraint(TableState& table, sql::Constraint constraint) {
  if (!constraint.using_index.empty()) {
    const std::string key = ObjectName{table.name.schema, constraint.using_index}.key();
    if (const IndexState* found = indexes_.find(key)) {
      IndexState renamed = *found;
      constraint.columns = renamed.columns;
      if (constraint.name.empty()) constraint.name = constraint.using_index;
      indexes_.erase(key);
      renamed.name.name = constraint.name;
      const std::string new_key = renamed.name.key();
      indexes_.set(new_key, std::move(renamed));
    }
  }
  if (constraint.name.empty()) constraint.name = server_name(table.name.name, constraint);
  const bool has_index = constraint.kind == ConstraintKind::unique ||
                         constraint.kind == ConstraintKind::primary_key ||
                         constraint.kind == ConstraintKind::exclusion;
  const ObjectName index_name{table.name.schema, constraint.name};
  if (has_index && !indexes_.contains(index_name.key())) {
    indexes_.set(index_name.key(), {index_name, table.name, constraint.columns,
                                    constraint.kind != ConstraintKind::exclusion, false, version_, script_});
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
  change_indexes(table.name, [&](const IndexState& index) { return !contains(index.columns, column_name); });
}

void Schema::drop_table(const ObjectName& name) {
  tables_.erase(name.key());
  change_indexes(name, [](const IndexState&) { return false; });
}

void Schema::rename_table(const Action& action) {
  const TableState* found = table(action.table);
  if (found == nullptr) return;
  TableState state = *found;
  const ObjectName renamed{action.table.schema, action.new_name};
  tables_.erase(action.table.key());
  state.name = renamed;
  tables_.set(renamed.key(), std::move(state));
  change_indexes(action.table, [&](IndexState& index) {
    index.table = renamed;
    return true;
  });
}

void Schema::rename_column(const Action& action) {
  const TableState* found = table(action.table);
  if (found == nullptr) return;
  TableState state = *found;
  const auto rename = [&](std::vector<std::string>& columns) {
    std::replace(columns.begin(), columns.end(), action.name, action.new_name);
  };
  if (auto node = state.columns.extract(action.name)) {
    node.key() = action.new_name;
    state.columns.insert(std::move(node));
  }
  for (ConstraintState& one : state.constraints) {
    rename(one.definition.columns);
    if (one.definition.not_null_of == action.name) one.definition.not_null_of = action.new_name;
  }
  tables_.set(action.table.key(), std::move(state));
  change_indexes(action.table, [&](IndexState& index) {
    rename(index.columns);
    return true;
  });
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
  state.made_in = version_;
  state.made_by = script_;
  const std::string key = state.name.key();
  indexes_.set(key, std::move(state));
}

void Schema::alter_table(const Action& action) {
  const TableState* found = table(action.table);
  if (found == nullptr) return;
  TableState state = *found;
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
    case ActionKind::detach_partition:
      if (const TableState* other = table(action.other)) {
        TableState partition = *other;
        partition.partition_of = action.kind == ActionKind::attach_partition ? action.table : ObjectName{};
        tables_.set(action.other.key(), std::move(partition));
      }
      break;
    default:
      if (state.filled) return;
      state.filled = true;
  }
  tables_.set(action.table.key(), std::move(state));
}

void Schema::alter_constraint(const Action& action) {
  const TableState* found = table(action.table);
  if (found == nullptr) return;
  TableState state = *found;
  if (action.kind == ActionKind::add_constraint && action.constraint)
    add_constraint(state, *action.constraint);
  for (ConstraintState& one : state.constraints) {
    if (action.kind == ActionKind::add_constraint || one.definition.name != action.name) continue;
    if (action.kind == ActionKind::validate_constraint) {
      if (!one.validated) one.validated_in = version_;
      one.validated = true;
    }
    if (action.kind == ActionKind::rename_constraint) one.definition.name = action.new_name;
  }
  if (action.kind == ActionKind::drop_constraint) {
    std::erase_if(state.constraints, [&](const auto& one) { return one.definition.name == action.name; });
    indexes_.erase(ObjectName{action.table.schema, action.name}.key());
  }
  tables_.set(action.table.key(), std::move(state));
}

void Schema::alter_other(const Action& action) {
  if (action.kind == ActionKind::create_function) {
    functions_.set(action.other.name, action.type);
  } else if (action.kind == ActionKind::create_type) {
    types_.set(action.other.key(), {action.type, action.columns, version_, script_});
  } else if (action.kind == ActionKind::add_enum_value || action.kind == ActionKind::rename_enum_value) {
    const TypeState* found = types_.find(action.other.key());
    if (found == nullptr) return;
    TypeState type = *found;
    if (action.kind == ActionKind::rename_enum_value) std::erase(type.values, action.name);
    type.values.push_back(action.new_name);
    types_.set(action.other.key(), std::move(type));
  } else if (action.kind == ActionKind::drop_object) {
    if (action.type == "type" || action.type == "domain") types_.erase(action.other.key());
    if (action.type == "function") functions_.erase(action.other.name);
    if (action.type == "view" || action.type == "materialized view") drop_table(action.other);
  } else if (action.kind == ActionKind::rename_index) {
    const IndexState* found = indexes_.find(action.other.key());
    if (found == nullptr) return;
    IndexState index = *found;
    indexes_.erase(action.other.key());
    index.name.name = action.new_name;
    const std::string key = index.name.key();
    indexes_.set(key, std::move(index));
  } else if (action.kind == ActionKind::set_schema) {
    const TableState* found = table(action.table);
    if (found == nullptr) return;
    TableState state = *found;
    tables_.erase(action.table.key());
    state.name.schema = action.new_name;
    const std::string key = state.name.key();
    tables_.set(key, std::move(state));
  }
}

}  // namespace dbtool::lint
