#include "lint/schema.h"

#include <algorithm>
#include <utility>

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

void Schema::begin(int version) {
  version_ = version;
  ++script_;
}

const TableState* Schema::table(const ObjectName& name) const {
  const auto found = tables_.find(name.key());
  return found == tables_.end() ? nullptr : found->second.get();
}

const IndexState* Schema::index(const ObjectName& name) const {
  const auto found = indexes_.find(name.key());
  return found == indexes_.end() ? nullptr : &found->second;
}

const ColumnState* Schema::column(const ObjectName& table_name, const std::string& column_name) const {
  const TableState* state = table(table_name);
  return state == nullptr ? nullptr : state->column(column_name);
}

std::vector<const IndexState*> Schema::indexes_of(const ObjectName& table_name) const {
  std::vector<const IndexState*> found;
  for (const auto& [key, state] : indexes_) {
    if (state.table == table_name) found.push_back(&state);
  }
  return found;
}

std::vector<const TableState*> Schema::tables() const {
  std::vector<const TableState*> all;
  for (const auto& [key, state] : tables_) all.push_back(state.get());
  return all;
}

std::vector<const TableState*> Schema::tables_unlike(const Schema& other) const {
  std::vector<const TableState*> unlike;
  auto there = other.tables_.begin();
  for (const auto& [key, state] : tables_) {
    while (there != other.tables_.end() && there->first < key) ++there;
    const bool same = there != other.tables_.end() && there->first == key && there->second == state;
    if (!same) unlike.push_back(state.get());
  }
  return unlike;
}

std::vector<const TableState*> Schema::referencing(const ObjectName& table_name) const {
  std::vector<const TableState*> found;
  for (const auto& [key, state] : tables_) {
    const bool refers =
        std::any_of(state->constraints.begin(), state->constraints.end(), [&](const auto& one) {
          return one.definition.kind == ConstraintKind::foreign_key &&
                 one.definition.referenced == table_name;
        });
    if (refers) found.push_back(state.get());
  }
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
  const auto found = functions_.find(name);
  return found == functions_.end() ? std::nullopt : std::optional<std::string>(found->second);
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
  const auto found = types_.find(name.key());
  return found == types_.end() ? nullptr : &found->second;
}

bool Schema::is_new_type(const ObjectName& name) const {
  const TypeState* state = type(name);
  return state != nullptr && state->made_by == script_;
}

// -- changes ------------------------------------------------------------------------------------------------

TableState& Schema::change(const ObjectName& name) {
  std::shared_ptr<const TableState>& slot = tables_[name.key()];
  auto copy = slot ? std::make_shared<TableState>(*slot) : std::make_shared<TableState>();
  TableState& state = *copy;
  slot = std::move(copy);
  return state;
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
  tables_.erase(action.table.key());
  TableState& state = change(action.table);
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
}

void Schema::add_column(TableState& table, const sql::Column& column) {
  table.columns[column.name] = {column.type, column.not_null};
  for (const sql::Constraint& constraint : column.constraints) add_constraint(table, constraint);
}

void Schema::add_constraint(TableState& table, sql::Constraint constraint) {
  if (!constraint.using_index.empty()) {
    const auto found = indexes_.find(ObjectName{table.name.schema, constraint.using_index}.key());
    if (found != indexes_.end()) {
      constraint.columns = found->second.columns;
      if (constraint.name.empty()) constraint.name = constraint.using_index;
      IndexState renamed = found->second;
      indexes_.erase(found);
      renamed.name.name = constraint.name;
      renamed.of_constraint = true;
      indexes_[renamed.name.key()] = std::move(renamed);
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
    indexes_[index_name.key()] = std::move(state);
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
  std::erase_if(indexes_, [&](const auto& entry) {
    return entry.second.table == table.name && contains(entry.second.columns, column_name);
  });
  std::erase_if(others_, [&](const auto& entry) {
    return entry.second.table == table.name && entry.second.column == column_name;
  });
}

void Schema::drop_table(const ObjectName& name) {
  tables_.erase(name.key());
  std::erase_if(indexes_, [&](const auto& entry) { return entry.second.table == name; });
  std::erase_if(others_, [&](const auto& entry) { return !name.empty() && entry.second.table == name; });
}

void Schema::rename_table(const Action& action) {
  const auto found = tables_.find(action.table.key());
  if (found == tables_.end()) return;
  const ObjectName renamed{action.table.schema, action.new_name};
  TableState state = *found->second;
  tables_.erase(found);
  state.name = renamed;
  tables_[renamed.key()] = std::make_shared<TableState>(std::move(state));
  for (auto& [key, one] : indexes_) {
    if (one.table == action.table) one.table = renamed;
  }
  for (const TableState* other : referencing(action.table)) {
    const ObjectName name = other->name;  // `other` goes with the change
    for (ConstraintState& one : change(name).constraints)
      if (one.definition.referenced == action.table) one.definition.referenced = renamed;
  }
  std::vector<OtherState> moved;
  std::erase_if(others_, [&](const auto& entry) {
    if (!(entry.second.table == action.table)) return false;
    moved.push_back(entry.second);
    return true;
  });
  for (OtherState& one : moved) {
    one.table = renamed;
    const std::string name = one.kind == "trigger" ? one.text.substr(0, one.text.find(" on ")) : one.text;
    if (one.kind == "trigger") one.text = name + " on " + renamed.text();
    others_[one.kind == "trigger" ? "trigger " + renamed.key() + " " + name : one.kind + " " + name] = one;
  }
}

void Schema::rename_column(const Action& action) {
  if (table(action.table) == nullptr) return;
  TableState& state = change(action.table);
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
  for (auto& [key, one] : indexes_) {
    if (!(one.table == action.table)) continue;
    rename(one.columns);
    rename(one.keys);
  }
  for (const TableState* other : referencing(action.table)) {
    const ObjectName name = other->name;  // `other` goes with the change
    for (ConstraintState& one : change(name).constraints)
      if (one.definition.referenced == action.table) rename(one.definition.referenced_columns);
  }
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
  indexes_[state.name.key()] = std::move(state);
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
      if (table(action.other) != nullptr) change(action.other).partition_of = action.table;
      break;
    case ActionKind::detach_partition:
      if (table(action.other) != nullptr) change(action.other).partition_of = {};
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
    auto index = indexes_.extract(ObjectName{action.table.schema, action.name}.key());
    if (!index) return;
    index.mapped().name.name = action.new_name;
    index.key() = index.mapped().name.key();
    indexes_.insert(std::move(index));
  }
  if (action.kind != ActionKind::drop_constraint) return;
  std::erase_if(state.constraints, [&](const auto& one) { return one.definition.name == action.name; });
  indexes_.erase(ObjectName{action.table.schema, action.name}.key());
}

void Schema::alter_other(const Action& action) {
  switch (action.kind) {
    case ActionKind::create_function:
      functions_[action.other.name] = action.type;
      return;
    case ActionKind::create_type:
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
    types_[action.other.key()] = {action.type, action.columns, version_, script_};
    return;
  }
  const auto found = types_.find(action.other.key());
  if (found == types_.end()) return;
  if (action.kind == ActionKind::rename_enum_value) std::erase(found->second.values, action.name);
  found->second.values.push_back(action.new_name);
}

void Schema::change_others(const Action& action) {
  if (action.kind == ActionKind::create_sequence) {
    const std::string key = "sequence " + action.table.key();
    if (action.temporary) return;
    if (action.type == "alter") {
      const auto found = others_.find(key);
      if (found != others_.end() && !action.other.empty()) {
        found->second.table = action.other;
        found->second.column = action.name;
      }
      return;
    }
    others_[key] = {"sequence", action.table.text(), action.other, action.name};
  } else if (action.kind == ActionKind::create_schema) {
    others_["schema " + action.name] = {"schema", action.name, {}, {}};
  } else {
    const std::string key = "trigger " + action.table.key() + " " + action.name;
    if (action.kind == ActionKind::drop_trigger)
      others_.erase(key);
    else
      others_[key] = {"trigger", action.name + " on " + action.table.text(), action.table, {}};
  }
}

void Schema::rename_other(const Action& action) {
  if (action.kind == ActionKind::rename_index) {
    auto node = indexes_.extract(action.other.key());
    if (!node) return;
    node.mapped().name.name = action.new_name;
    node.key() = node.mapped().name.key();
    indexes_.insert(std::move(node));
  } else if (action.kind == ActionKind::set_schema) {
    const auto found = tables_.find(action.table.key());
    if (found == tables_.end()) return;
    TableState state = *found->second;
    tables_.erase(found);
    state.name.schema = action.new_name;
    const ObjectName moved = state.name;
    tables_[moved.key()] = std::make_shared<TableState>(std::move(state));
    for (const IndexState* known : indexes_of(action.table)) {
      auto index = indexes_.extract(known->name.key());
      index.mapped().table = moved;
      index.mapped().name.schema = action.new_name;
      index.key() = index.mapped().name.key();
      indexes_.insert(std::move(index));
    }
  } else if (action.type == "view" || action.type == "materialized view") {
    rename_table(action);
  } else if (action.type == "type" || action.type == "domain") {
    if (auto node = types_.extract(action.other.key())) {
      node.key() = ObjectName{action.other.schema, action.new_name}.key();
      types_.insert(std::move(node));
    }
  } else if (action.type == "function") {
    if (auto node = functions_.extract(action.other.name)) {
      node.key() = action.new_name;
      functions_.insert(std::move(node));
    }
  } else if (action.type == "trigger") {
    auto node = others_.extract("trigger " + action.table.key() + " " + action.name);
    if (!node) return;
    node.key() = "trigger " + action.table.key() + " " + action.new_name;
    node.mapped().text = action.new_name + " on " + action.table.text();
    others_.insert(std::move(node));
  }
}

}  // namespace dbtool::lint
