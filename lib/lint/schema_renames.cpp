#include <algorithm>
#include <utility>
#include <vector>

#include "lint/schema.h"

namespace dbtool::lint {

using sql::Action;
using sql::ActionKind;
using sql::ObjectName;

template <class Change>
void Schema::change_indexes_of(const ObjectName& table_name, const Change& change) {
  for (const IndexState* index : indexes_of(table_name)) {
    IndexState changed = *index;
    erase_index(changed.name.key());
    change(changed);
    put_index(std::move(changed));
  }
}

void Schema::rename_table(const Action& action) {
  const TableState* found = table(action.table);
  if (found == nullptr) return;
  const ObjectName renamed{action.table.schema, action.new_name};
  TableState state = *found;
  tables_.erase(action.table.key());
  state.name = renamed;
  tables_.set(renamed.key(), std::move(state));
  change_indexes_of(action.table, [&](IndexState& one) { one.table = renamed; });
  for (const TableState* other : referencing(action.table)) {
    const ObjectName name = other->name;  // `other` goes with the change
    for (ConstraintState& one : change(name).constraints)
      if (one.definition.referenced == action.table) one.definition.referenced = renamed;
  }
  std::vector<OtherState> moved;
  others_.erase_if([&](const OtherState& other) {
    if (!(other.table == action.table)) return false;
    moved.push_back(other);
    return true;
  });
  for (OtherState& one : moved) {
    one.table = renamed;
    const std::string name = one.kind == "trigger" ? one.text.substr(0, one.text.find(" on ")) : one.text;
    if (one.kind == "trigger") one.text = name + " on " + renamed.text();
    others_.set(one.kind == "trigger" ? "trigger " + renamed.key() + " " + name : one.kind + " " + name, one);
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
  change_indexes_of(action.table, [&](IndexState& one) {
    rename(one.columns);
    rename(one.keys);
  });
  for (const TableState* other : referencing(action.table)) {
    const ObjectName name = other->name;  // `other` goes with the change
    for (ConstraintState& one : change(name).constraints)
      if (one.definition.referenced == action.table) rename(one.definition.referenced_columns);
  }
}

void Schema::rename_other(const Action& action) {
  if (action.kind == ActionKind::rename_index) {
    if (index(action.other) == nullptr) return;
    IndexState renamed = *index(action.other);
    erase_index(action.other.key());
    renamed.name.name = action.new_name;
    if (index(renamed.name) == nullptr) put_index(std::move(renamed));
  } else if (action.kind == ActionKind::set_schema) {
    const TableState* found = table(action.table);
    if (found == nullptr) return;
    TableState state = *found;
    tables_.erase(action.table.key());
    state.name.schema = action.new_name;
    const ObjectName moved = state.name;
    tables_.set(moved.key(), std::move(state));
    change_indexes_of(action.table, [&](IndexState& one) {
      one.table = moved;
      one.name.schema = action.new_name;
    });
  } else if (action.type == "view" || action.type == "materialized view") {
    rename_table(action);
  } else if (action.type == "type" || action.type == "domain") {
    types_.rename(action.other.key(), ObjectName{action.other.schema, action.new_name}.key());
  } else if (action.type == "function") {
    functions_.rename(action.other.name, action.new_name);
  } else if (action.type == "trigger") {
    const std::string on_table = "trigger " + action.table.key() + " ";
    if (!others_.contains(on_table + action.name)) return;
    others_.rename(on_table + action.name, on_table + action.new_name);
    others_.change(on_table + action.new_name).text = action.new_name + " on " + action.table.text();
  }
}

}  // namespace dbtool::lint
