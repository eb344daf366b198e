#include "new/source_table.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "lint/online_yaml.h"
#include "lint/schema.h"
#include "lint/script.h"

namespace dbtool {

namespace {

bool writes(const sql::Action& action, const sql::ObjectName& table) {
  using sql::ActionKind;
  const bool changes_rows = action.kind == ActionKind::insert_rows ||
                            action.kind == ActionKind::update_rows ||
                            action.kind == ActionKind::delete_rows || action.kind == ActionKind::merge_rows;
  return changes_rows && action.table == table;
}

/// What the versions make of the table.
struct Made {
  lint::Schema schema;
  std::set<std::string> writers;
};

Made read_versions(const Project& project, const sql::ObjectName& table) {
  Made made;
  for (const Version& version : project.versions) {
    made.schema.begin(version.number);
    // What a method did before it was redefined no longer counts.
    for (const Method& method : version.methods)
      if (method.body) made.writers.erase(method.name);
    const lint::Script script = lint::read_script(version, lint::Direction::upgrade, true);
    for (const lint::Statement& statement : script.statements) {
      for (const sql::Action& action : statement.actions) {
        if (statement.part == lint::Part::script) made.schema.apply(action);
        if (statement.method != nullptr && writes(action, table)) made.writers.insert(statement.method->name);
      }
    }
  }
  return made;
}

void add_columns(SourceTable& source, const Project& project, const lint::TableState* made) {
  for (const DeclaredTable& table : project.tables) {
    if (table.name != source.name) continue;
    for (const DeclaredColumn& column : table.columns)
      source.columns.push_back({column.name, column.type, column.not_null});
    return;
  }
  if (made == nullptr || !made->columns_known) return;
  for (const auto& [name, column] : made->columns)
    source.columns.push_back({name, column.type, column.not_null});
}

void add_users(SourceTable& source, const Project& project) {
  for (const ServiceAccess& service : project.access) {
    for (const TableAccess& access : service.tables) {
      if (access.table == source.name)
        source.users.push_back({service.service, access.mode == MethodMode::write});
    }
  }
}

}  // namespace

SourceTable example_table(const std::string& name) {
  SourceTable table;
  table.name = name;
  table.columns = {{"id", "text", true}, {"data", "jsonb", true}};
  table.key = {"id"};
  return table;
}

SourceTable read_source_table(const Project& project, const std::string& name) {
  SourceTable source;
  source.name = name;
  const sql::ObjectName object{"", name};
  const Made made = read_versions(project, object);
  add_columns(source, project, made.schema.table(object));
  if (source.columns.empty()) {
    std::vector<std::string> names;
    for (const DeclaredTable& table : project.tables) names.push_back(table.name);
    const auto nearest = nearest_word(name, names);
    throw Error(ExitCode::usage, fmt::format("--table {}: the project knows of no such table", name),
                nearest
                    ? fmt::format("did you mean {}?", *nearest)
                    : "declare it in schema/tables.yml, or leave --table out for an example to be changed");
  }
  add_users(source, project);
  source.key = lint::walkable_key(made.schema, object);
  source.key_known = !source.key.empty();
  if (!source.key_known) source.key = {source.columns.front().name};
  source.writers.assign(made.writers.begin(), made.writers.end());
  return source;
}

}  // namespace dbtool
