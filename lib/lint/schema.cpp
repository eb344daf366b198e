#include "lint/schema.h"

#include <algorithm>
#include <utility>

#include "sql/parse.h"

namespace dbtool::lint {

using sql::ConstraintKind;
using sql::ObjectName;

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
  new_index_keys_.clear();
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
  const std::set<std::string>* keys = index_keys_.find(table_name.key());
  if (keys == nullptr) return found;
  for (const std::string& key : *keys) found.push_back(indexes_.find(key));
  return found;
}

std::vector<const IndexState*> Schema::new_indexes() const {
  const std::set<std::string> keys(new_index_keys_.begin(), new_index_keys_.end());
  std::vector<const IndexState*> found;
  for (const std::string& key : keys) {
    const IndexState* index = indexes_.find(key);
    if (index != nullptr && is_new_index(*index)) found.push_back(index);
  }
  return found;
}

std::vector<const TableState*> Schema::tables() const {
  std::vector<const TableState*> all;
  for (const auto& [key, state] : tables_) all.push_back(&state);
  return all;
}

const TableState* Schema::default_partition_of(const ObjectName& table_name) const {
  for (const auto& [key, state] : tables_) {
    if (state.default_partition && state.partition_of == table_name) return &state;
  }
  return nullptr;
}

std::vector<const TableState*> Schema::tables_unlike(const Schema& other) const {
  std::vector<const TableState*> unlike;
  tables_.for_each_unlike(other.tables_, [&](const auto& entry) { unlike.push_back(&entry.second); });
  return unlike;
}

std::vector<const TableState*> Schema::referencing(const ObjectName& table_name) const {
  std::vector<const TableState*> found;
  for (const auto& [key, state] : tables_) {
    const bool refers = std::any_of(state.constraints.begin(), state.constraints.end(), [&](const auto& one) {
      return one.definition.kind == ConstraintKind::foreign_key && one.definition.referenced == table_name;
    });
    if (refers) found.push_back(&state);
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

bool Schema::is_checked_domain(const std::string& type_text) const {
  const std::size_t dot = type_text.find('.');
  const bool plain = dot == std::string::npos;
  const TypeState* state =
      type({plain ? "" : type_text.substr(0, dot), plain ? type_text : type_text.substr(dot + 1)});
  return state != nullptr && state->checked;
}

bool Schema::is_temporary(const ObjectName& table_name) const {
  if (table_name.schema == "pg_temp") return true;
  const TableState* state = table(table_name);
  return state != nullptr && state->temporary;
}

std::optional<std::string> Schema::function_volatility(const std::string& name) const {
  const std::string* found = functions_.find(name);
  return found == nullptr ? std::nullopt : std::optional(*found);
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

}  // namespace dbtool::lint
