#include <algorithm>
#include <optional>

#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/block.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

bool is_made_at_run_time(const std::string& name) {
  return name.find(sql::dynamic_name) != std::string::npos;
}

/// What `one` holds of a table that `other` lacks. The table itself stands for all that it has.
void add_of_table(const TableState& table, const Schema& other, std::vector<std::string>& found) {
  const std::string name = table.name.text();
  const TableState* there = other.table(table.name);
  if (there == &table || table.temporary || is_made_at_run_time(name)) return;
  if (there == nullptr) {
    found.push_back(table.type + " " + name);
    return;
  }
  for (const auto& [column, state] : table.columns) {
    if (there->columns_known && there->column(column) == nullptr)
      found.push_back("column " + name + "." + sql::quote_if_needed(column));
  }
  for (const ConstraintState& constraint : table.constraints) {
    const std::string& called = constraint.definition.name;
    if (there->columns_known && there->constraint(called) == nullptr)
      found.push_back("constraint " + called + " of " + name);
  }
}

/// Calls `look(key, value)` for what `other` lacks.
template <class Value, class Look>
void for_each_missing(const SharedMap<Value>& one, const SharedMap<Value>& other, const Look& look) {
  one.for_each_unlike(other, [&](const auto& entry) {
    if (!other.contains(entry.first)) look(entry.first, entry.second);
  });
}

/// Objects of `one` that `other` lacks, as people write them; what goes with its table is said with the
/// table.
std::vector<std::string> only_in(const Schema& one, const Schema& other, const Project& project) {
  std::vector<std::string> found;
  for (const TableState* table : one.tables_unlike(other)) add_of_table(*table, other, found);
  for_each_missing(one.indexes(), other.indexes(), [&](const std::string&, const IndexState& index) {
    const TableState* table = other.table(index.table);
    const bool counts = !index.of_constraint && table != nullptr && table->columns_known;
    if (counts && !one.is_temporary(index.table))
      found.push_back("index " + index.name.text() + " on " + index.table.text());
  });
  for_each_missing(one.others(), other.others(), [&](const std::string&, const OtherState& state) {
    const bool with_table = !state.table.empty() && other.table(state.table) == nullptr;
    if (!with_table) found.push_back(state.kind + " " + state.text);
  });
  for_each_missing(one.types(), other.types(),
                   [&](const std::string& name, const auto&) { found.push_back("type " + name); });
  for_each_missing(one.functions(), other.functions(), [&](const std::string& name, const auto&) {
    const bool by_dbtool = project.method_index.contains(name) || name.starts_with("online_");
    if (!by_dbtool) found.push_back("function " + name);
  });
  std::erase_if(found, is_made_at_run_time);
  return found;
}

bool changes_schema(sql::ActionKind kind) {
  return kind == sql::ActionKind::create_table || kind == sql::ActionKind::drop_table ||
         kind == sql::ActionKind::create_index || kind == sql::ActionKind::drop_index ||
         kind == sql::ActionKind::drop_object || kind == sql::ActionKind::create_function ||
         kind == sql::ActionKind::add_column || kind == sql::ActionKind::drop_column ||
         kind == sql::ActionKind::rename_table || kind == sql::ActionKind::rename_column ||
         kind == sql::ActionKind::add_constraint || kind == sql::ActionKind::drop_constraint ||
         kind == sql::ActionKind::create_trigger || kind == sql::ActionKind::drop_trigger ||
         kind == sql::ActionKind::create_view || kind == sql::ActionKind::create_type ||
         kind == sql::ActionKind::alter_column_type || kind == sql::ActionKind::set_not_null ||
         kind == sql::ActionKind::drop_not_null || kind == sql::ActionKind::rename_object ||
         kind == sql::ActionKind::other;
}

/// Whether the downgrade runs SQL that changes the schema and that its text does not tell.
bool is_open(const Script& script) {
  for (const Statement& statement : script.statements) {
    if (statement.part == Part::verify) continue;
    const bool built =
        statement.run_as == sql::RunAs::formatted || statement.run_as == sql::RunAs::concatenated;
    if (statement.run_as == sql::RunAs::unknown || !statement.parsed) return true;
    for (const sql::Action& action : statement.actions) {
      if (built && changes_schema(action.kind)) return true;
      const bool wide = action.cascade && action.kind != sql::ActionKind::drop_table &&
                        action.kind != sql::ActionKind::drop_column;
      if (wide) return true;
    }
  }
  return false;
}

/// The schema after the downgrade, its functions (of an online downgrade, or called by the script) run too;
/// `copy` holds it where that makes a difference.
const Schema& schema_below(const Context& context, std::optional<Schema>& copy) {
  const bool more = std::any_of(
      context.script.statements.begin(), context.script.statements.end(), [](const Statement& one) {
        return (one.part == Part::function || one.part == Part::batch) && !one.actions.empty();
      });
  if (!more) return context.schema;
  Schema& below = copy.emplace(context.schema);
  for (const Statement& statement : context.script.statements) {
    if (statement.part != Part::function && statement.part != Part::batch) continue;
    for (const sql::Action& action : statement.actions) below.apply(action);
  }
  return below;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 8;
  const std::vector<std::string> first(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most)));
  return join(first, ", ") +
         (names.size() > most ? " and " + std::to_string(names.size() - most) + " more" : "");
}

Place place_of(const Context& context) {
  const Version& version = context.version();
  if (version.downgrade_script) return version.downgrade_script->place;
  return version.online_downgrade ? version.online_downgrade->place : version.place;
}

/// "drop index i;" of "index i on t".
std::string drop_of(const std::string& object) {
  if (object.starts_with("column ")) {
    const std::size_t dot = object.rfind('.');
    return "alter table " + object.substr(7, dot - 7) + " drop column " + object.substr(dot + 1) + ";\n";
  }
  if (object.starts_with("constraint ")) {
    const std::size_t of = object.find(" of ");
    return "alter table " + object.substr(of + 4) + " drop " + object.substr(0, of) + ";\n";
  }
  const std::size_t on = object.starts_with("index ") ? object.find(" on ") : std::string::npos;
  return "drop " + object.substr(0, on) + ";\n";
}

void check_leaves(const Context& context, Report& report) {
  if (context.is_upgrade() || is_open(context.script)) return;
  std::optional<Schema> copy;
  const std::vector<std::string> left = only_in(schema_below(context, copy), context.before, context.project);
  if (left.empty()) return;
  Issue issue;
  issue.object = left.front();
  issue.message = "Behind the downgrade there " + std::string(left.size() == 1 ? "is " : "are ") +
                  listed(left) + ", which the version below does not have: the schema is not what it was.";
  issue.advice = "drop in the downgrade script what the migration script makes, and make nothing else";
  for (const std::string& object : left) issue.rewrite += drop_of(object);
  report.add(place_of(context), std::move(issue));
}

void check_lacks(const Context& context, Report& report) {
  if (context.is_upgrade() || is_open(context.script)) return;
  std::optional<Schema> copy;
  const std::vector<std::string> lacking =
      only_in(context.before, schema_below(context, copy), context.project);
  if (lacking.empty()) return;
  Issue issue;
  issue.object = lacking.front();
  issue.message = "The upgrade drops " + listed(lacking) + ", and the downgrade does not make " +
                  (lacking.size() == 1 ? "it" : "them") +
                  " again: the methods of the version below may not find what "
                  "they use.";
  issue.advice =
      "make again in the downgrade script what the migration script drops, and fill it as far as possible";
  for (const std::string& object : lacking) issue.rewrite += "-- " + object + "\n";
  report.add(place_of(context), std::move(issue));
}

void check_columns(const Context& context, Report& report) {
  if (context.is_upgrade() || is_open(context.script)) return;
  std::optional<Schema> copy;
  const Schema& below = schema_below(context, copy);
  std::vector<std::string> changed;
  std::string rewrite;
  for (const TableState* before : context.before.tables_unlike(below)) {
    const TableState* after = below.table(before->name);
    if (after == nullptr || after->temporary) continue;
    for (const auto& [name, column] : before->columns) {
      const ColumnState* now = after->column(name);
      if (now == nullptr) continue;
      const std::string text = before->name.text() + "." + sql::quote_if_needed(name);
      if (now->type != column.type) {
        changed.push_back(text + " of type " + now->type + " (before: " + column.type + ")");
        rewrite += alter(before->name) + " alter column " + sql::quote_if_needed(name) + " type " +
                   column.type + ";\n";
      } else if (now->not_null != column.not_null) {
        changed.push_back(text + (now->not_null ? " not null" : " nullable"));
        rewrite += alter(before->name) + " alter column " + sql::quote_if_needed(name) +
                   (now->not_null ? " drop not null;\n" : " set not null;\n");
      }
    }
  }
  if (changed.empty()) return;
  Issue issue;
  issue.object = "column " + changed.front().substr(0, changed.front().find(' '));
  issue.message = "The upgrade changes columns, and the downgrade leaves " + listed(changed) + ".";
  issue.advice = "turn them back in the downgrade script";
  issue.rewrite = rewrite;
  report.add(place_of(context), std::move(issue));
}

}  // namespace

Rule downgrade_leaves_rule() {
  Rule rule;
  rule.name = "downgrade-leaves";
  rule.severity = Severity::warning;
  rule.reason =
      "A downgrade restores the schema of the version below. What it leaves behind is drift, and stands in "
      "the way when the version is applied again.";
  rule.bad =
      "migrationScript: create table events (…)\n"
      "downgradeScript: begin end";
  rule.good =
      "migrationScript: create table events (…)\n"
      "downgradeScript: drop table events";
  rule.check_script = check_leaves;
  return rule;
}

Rule downgrade_lacks_rule() {
  Rule rule;
  rule.name = "downgrade-lacks";
  rule.severity = Severity::warning;
  rule.reason =
      "A downgrade restores the schema of the version below: its methods need the tables and columns that "
      "the upgrade "
      "dropped.";
  rule.bad = "migrationScript: alter table tasks drop column owner\ndowngradeScript: begin end";
  rule.good =
      "migrationScript: alter table tasks drop column owner\ndowngradeScript: alter table tasks add column "
      "owner text";
  rule.check_script = check_lacks;
  return rule;
}

Rule downgrade_columns_rule() {
  Rule rule;
  rule.name = "downgrade-leaves-column-changed";
  rule.severity = Severity::warning;
  rule.reason =
      "A downgrade restores the schema of the version below, types and `not null` included: methods of that "
      "version "
      "may write what the changed column refuses.";
  rule.bad =
      "migrationScript: alter table tasks alter column retries type bigint\ndowngradeScript: begin end";
  rule.good = "downgradeScript: alter table tasks alter column retries type integer";
  rule.check_script = check_columns;
  return rule;
}

}  // namespace dbtool::lint
