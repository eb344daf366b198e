#include "docs/history.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "docs/change.h"
#include "lint/script.h"
#include "sql/block.h"

namespace dbtool::docs {

using sql::Action;
using sql::ActionKind;

namespace {

/// Walks the versions and keeps what each table, column and index has become.
class Walk {
 public:
  explicit Walk(History& history) : history_(history) {}

  void read(const Version& version) {
    version_ = version.number;
    history_.schema.begin(version_);
    VersionHistory& told = history_.versions.emplace_back();
    // What a redefined method named before no longer counts.
    for (const Method& method : version.methods)
      if (method.body) history_.methods[method.name] = {};
    const lint::Script script = lint::read_script(version, lint::Direction::upgrade, true);
    for (const lint::Statement& statement : script.statements) {
      if (statement.method != nullptr) add_tables(statement, history_.methods[statement.method->name]);
      if (statement.part != lint::Part::script) continue;
      if (!statement.parsed && statement.run_as != sql::RunAs::unknown) ++told.not_parsed;
      for (const Action& action : statement.actions) run(action, statement, told);
    }
  }

 private:
  static bool writes(const Action& action) {
    return action.kind == ActionKind::insert_rows || action.kind == ActionKind::update_rows ||
           action.kind == ActionKind::delete_rows || action.kind == ActionKind::merge_rows ||
           action.kind == ActionKind::copy_rows || action.kind == ActionKind::truncate;
  }

  static void add_tables(const lint::Statement& statement, MethodTables& tables) {
    for (const Action& action : statement.actions) {
      if (writes(action) && !action.table.empty()) tables.writes.insert(action.table.key());
      for (const sql::ObjectName& other : action.others) tables.reads.insert(other.key());
    }
  }

  void run(const Action& action, const lint::Statement& statement, VersionHistory& told) {
    lint::Schema& schema = history_.schema;
    if (auto change = describe(action, schema)) {
      const bool old = !action.table.empty() && !schema.is_new(action.table);
      const bool makes = change->kind == ChangeKind::table_made || change->kind == ChangeKind::other;
      if (!makes && old) told.works_on_old = true;
      if (change->kind == ChangeKind::index && action.table.empty()) told.works_on_old = true;
      if (std::find(told.changes.begin(), told.changes.end(), *change) == told.changes.end())
        told.changes.push_back(std::move(*change));
    }
    remember(action, statement);
    schema.apply(action);
  }

  /// To be called before the schema knows of the action.
  void remember(const Action& action, const lint::Statement& statement) {
    const lint::Schema& schema = history_.schema;
    const std::string table = action.table.key();
    switch (action.kind) {
      case ActionKind::create_table:
      case ActionKind::create_table_as:
        if (action.if_not_exists && history_.tables.contains(table)) return;
        if (!action.temporary) make_table(action);
        return;
      case ActionKind::drop_table:
        history_.tables.erase(table);
        return;
      case ActionKind::create_index:
        touch(table);
        if (!action.name.empty())
          history_.definitions[sql::ObjectName{action.table.schema, action.name}.key()] = statement.text;
        return;
      case ActionKind::drop_index:
      case ActionKind::rename_index:
        if (const lint::IndexState* index = schema.index(action.other)) touch(index->table.key());
        move_definition(action);
        return;
      case ActionKind::rename_table:
      case ActionKind::set_schema:
        rename_table(action);
        return;
      default:
        if (!alters_table(action.kind)) return;
        touch(table);
        alter_columns(action);
    }
  }

  void make_table(const Action& action) {
    TableHistory& table = history_.tables[action.table.key()] = {version_, 0, {}};
    for (const sql::Column& column : action.table_columns)
      table.columns[column.name] = {version_, value_of(column)};
  }

  /// Records that this version changes the table; not when it has made it.
  void touch(const std::string& name) {
    const auto found = history_.tables.find(name);
    if (found != history_.tables.end() && found->second.made_in != version_)
      found->second.changed_in = version_;
  }

  void move_definition(const Action& action) {
    auto node = history_.definitions.extract(action.other.key());
    if (!node || action.kind == ActionKind::drop_index) return;
    node.key() = sql::ObjectName{action.other.schema, action.new_name}.key();
    history_.definitions.insert(std::move(node));
  }

  void rename_table(const Action& action) {
    touch(action.table.key());
    auto node = history_.tables.extract(action.table.key());
    if (!node) return;
    sql::ObjectName renamed = action.table;
    (action.kind == ActionKind::rename_table ? renamed.name : renamed.schema) = action.new_name;
    node.key() = renamed.key();
    history_.tables.insert(std::move(node));
  }

  void alter_columns(const Action& action) {
    const auto found = history_.tables.find(action.table.key());
    if (found == history_.tables.end()) return;
    auto& columns = found->second.columns;
    if (action.kind == ActionKind::add_column && action.column) {
      if (!(action.if_not_exists && columns.contains(action.column->name)))
        columns[action.column->name] = {version_, value_of(*action.column)};
      return;
    }
    if (action.kind == ActionKind::rename_column) {
      if (auto node = columns.extract(action.name)) {
        node.key() = action.new_name;
        columns.insert(std::move(node));
      }
      return;
    }
    const auto column = columns.find(action.name);
    if (column == columns.end()) return;
    if (action.kind == ActionKind::drop_column) columns.erase(column);
    if (action.kind == ActionKind::set_default) column->second.value = "default " + action.expression;
    if (action.kind == ActionKind::drop_default) column->second.value.clear();
    if (action.kind == ActionKind::add_identity) column->second.value = "identity";
  }

  History& history_;
  int version_ = 0;
};

}  // namespace

History read_history(const Project& project) {
  History history;
  Walk walk(history);
  for (const Version& version : project.versions) walk.read(version);
  return history;
}

}  // namespace dbtool::docs
