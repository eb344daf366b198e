#include <algorithm>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

/// Whether all searches that `narrow` serves are served by `wide` too.
bool covers(const IndexState& wide, const IndexState& narrow) {
  if (wide.method != narrow.method || wide.predicate != narrow.predicate || wide.partial != narrow.partial)
    return false;
  if (narrow.keys.empty() || narrow.keys.size() > wide.keys.size() || narrow.includes) return false;
  if (wide.method != "btree" && narrow.keys != wide.keys) return false;
  return std::equal(narrow.keys.begin(), narrow.keys.end(), wide.keys.begin());
}

bool is_same(const IndexState& one, const IndexState& other) {
  return covers(one, other) && one.keys.size() == other.keys.size() && !one.includes;
}

const Statement* statement_making(const Context& context, const IndexState& index) {
  const Statement* found = nullptr;
  for (const Statement& statement : context.script.statements) {
    if (statement.part != Part::script) continue;
    for (const sql::Action& action : statement.actions) {
      const bool named = action.name == index.name.name && !action.name.empty();
      const bool unnamed = action.name.empty() && action.keys == index.keys;
      if (action.kind == sql::ActionKind::create_index && action.table == index.table && (named || unnamed))
        found = &statement;
      if (found == nullptr && action.table == index.table) {
        const bool adds = action.kind == sql::ActionKind::add_constraint ||
                          action.kind == sql::ActionKind::add_column ||
                          action.kind == sql::ActionKind::create_table;
        if (adds) found = &statement;
      }
    }
  }
  return found;
}

void add(const Context& context, const IndexState& made, const IndexState& superfluous,
         const IndexState& other, Report& report) {
  const Statement* statement = statement_making(context, made);
  if (statement == nullptr) return;
  const bool same = is_same(superfluous, other);
  Issue issue;
  issue.object = "index " + superfluous.name.text();
  issue.severity = same ? Severity::warning : Severity::note;
  issue.message = "Index " + other.name.text() + " on " + column_list(other.columns) + " of " +
                  other.table.text() + (same ? " is the same" : " begins with the same columns") +
                  ": each write would keep both up to date, and no search needs this one.";
  issue.advice = "leave out, or drop, the one that serves less";
  if (&superfluous == &made)
    issue.rewrite = "-- nothing: " + other.name.text() + " serves it\n";
  else
    issue.rewrite = "-- version " + std::to_string(context.version().number + 1) +
                    "\ntransactional: false\nmigrationScript: |-\n  drop index concurrently " +
                    superfluous.name.text() + ";\n";
  report.add(*statement, std::move(issue));
}

void check_duplicate_index(const Context& context, Report& report) {
  for (const IndexState* index : context.schema.new_indexes()) {
    const IndexState& made = *index;
    for (const IndexState* other : context.schema.indexes_of(made.table)) {
      if (other == &made) continue;
      const bool both_new = context.schema.is_new_index(*other);
      if (is_same(made, *other)) {
        // Of two alike the one goes that guards nothing.
        const bool made_goes = !made.unique || other->unique;
        if (both_new && (made.unique == other->unique ? made.name.key() < other->name.key() : made.unique))
          continue;
        add(context, made, made_goes ? made : *other, made_goes ? *other : made, report);
        break;
      }
      if (!made.unique && covers(*other, made)) {
        add(context, made, made, *other, report);
        break;
      }
      if (!both_new && !other->unique && !other->of_constraint && covers(made, *other)) {
        add(context, made, *other, made, report);
        break;
      }
    }
  }
}

}  // namespace

Rule duplicate_index_rule() {
  Rule rule;
  rule.name = "duplicate-index";
  rule.severity = Severity::warning;
  rule.reason =
      "Two indexes that serve the same searches cost twice the room and twice the work of every write.";
  rule.bad = "create index on tasks (task_id);  -- the primary key";
  rule.good = "-- nothing: the primary key serves it";
  rule.downgrades = false;
  rule.check_script = check_duplicate_index;
  return rule;
}

}  // namespace dbtool::lint
