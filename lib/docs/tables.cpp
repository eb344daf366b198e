#include <algorithm>
#include <utility>

#include "base/text.h"
#include "docs/parts.h"

namespace dbtool::docs {

namespace {

const char* kind_text(sql::ConstraintKind kind) {
  switch (kind) {
    case sql::ConstraintKind::primary_key:
      return "primary key";
    case sql::ConstraintKind::unique:
      return "unique";
    case sql::ConstraintKind::exclusion:
      return "exclude";
    case sql::ConstraintKind::foreign_key:
      return "foreign key";
    case sql::ConstraintKind::check:
      break;
  }
  return "check";
}

/// A key by its columns as they are called now, whatever they were called in the script.
std::string definition_of(const sql::Constraint& constraint) {
  switch (constraint.kind) {
    case sql::ConstraintKind::primary_key:
    case sql::ConstraintKind::unique:
      return std::string(kind_text(constraint.kind)) + " (" + join(constraint.columns, ", ") + ")";
    default:
      return constraint.text.empty() ? kind_text(constraint.kind) : constraint.text;
  }
}

ForeignKey foreign_key_of(const std::string& table, const sql::Constraint& constraint) {
  return {constraint.name, table, constraint.columns, constraint.referenced.key(),
          constraint.referenced_columns};
}

void add_constraints(TableEntry& entry, const lint::TableState& state) {
  for (const lint::ConstraintState& one : state.constraints) {
    const sql::Constraint& constraint = one.definition;
    if (constraint.kind == sql::ConstraintKind::foreign_key) {
      entry.foreign_keys.push_back(foreign_key_of(entry.name, constraint));
      continue;
    }
    if (constraint.kind == sql::ConstraintKind::primary_key) entry.primary_key = constraint.columns;
    entry.constraints.push_back(
        {constraint.name, definition_of(constraint) + (one.validated ? "" : " not valid"), one.added_in});
  }
}

/// Indexes that no constraint made: those are told by the constraint.
void add_indexes(TableEntry& entry, const lint::TableState& state, const History& history) {
  for (const lint::IndexState* index : history.schema.indexes_of(state.name)) {
    if (state.constraint(index->name.name) != nullptr) continue;
    IndexEntry one{index->name.key(), index->columns, index->unique, "", index->made_in};
    const bool expression = std::find(one.columns.begin(), one.columns.end(), "") != one.columns.end();
    const auto definition = history.definitions.find(index->name.key());
    if ((index->partial || expression) && definition != history.definitions.end())
      one.definition = definition->second;
    entry.indexes.push_back(std::move(one));
  }
}

void add_partitions(TableEntry& entry, const lint::TableState& state, const History& history) {
  for (const lint::TableState* other : history.schema.tables())
    if (other->partition_of == state.name) entry.partitions.push_back(other->name.key());
}

void add_access(TableEntry& entry, const Project& project) {
  for (const ServiceAccess& service : project.access) {
    for (const TableAccess& access : service.tables) {
      if (access.table != entry.name) continue;
      (access.mode == MethodMode::write ? entry.writers : entry.readers).push_back(service.service);
    }
  }
  std::sort(entry.writers.begin(), entry.writers.end());
  std::sort(entry.readers.begin(), entry.readers.end());
}

void add_functions(TableEntry& entry, const History& history) {
  for (const auto& [method, tables] : history.methods) {
    if (tables.writes.contains(entry.name))
      entry.written_by.push_back(method);
    else if (tables.reads.contains(entry.name))
      entry.read_by.push_back(method);
  }
}

TableEntry read_table(const DeclaredTable& declared, const Project& project, const History& history) {
  TableEntry entry;
  entry.name = declared.name;
  const auto known = history.tables.find(declared.name);
  for (const DeclaredColumn& column : declared.columns) {
    ColumnEntry one{column.name, column.type, column.not_null, "", "", 0};
    if (known != history.tables.end()) {
      const auto past = known->second.columns.find(column.name);
      if (past != known->second.columns.end()) {
        one.since = past->second.since;
        one.value = past->second.value;
      }
    }
    entry.columns.push_back(std::move(one));
  }
  if (known != history.tables.end()) {
    entry.made_in = known->second.made_in;
    entry.changed_in = known->second.changed_in;
  }
  if (const lint::TableState* state = history.schema.table({"", declared.name})) {
    add_constraints(entry, *state);
    add_indexes(entry, *state, history);
    add_partitions(entry, *state, history);
  }
  add_access(entry, project);
  add_functions(entry, history);
  for (const TableSize& size : project.sizes)
    if (size.table == entry.name) entry.size = size;
  return entry;
}

}  // namespace

std::vector<TableEntry> read_tables(const Project& project, const History& history) {
  std::vector<TableEntry> tables;
  for (const DeclaredTable& declared : project.tables)
    tables.push_back(read_table(declared, project, history));
  std::sort(tables.begin(), tables.end(),
            [](const TableEntry& a, const TableEntry& b) { return a.name < b.name; });
  for (TableEntry& table : tables) {
    for (const TableEntry& other : tables)
      for (const ForeignKey& key : other.foreign_keys)
        if (key.referenced == table.name) table.referenced_by.push_back(key);
  }
  return tables;
}

}  // namespace dbtool::docs
