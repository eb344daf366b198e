#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "lint/online_yaml.h"
#include "lint/row_loop.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/block.h"

namespace dbtool::lint {
namespace {

bool is_dynamic(const sql::ObjectName& table) {
  return table.name == sql::dynamic_name;
}

std::string shown(const sql::ObjectName& table) {
  return is_dynamic(table) ? "a table named at run time" : table.text();
}

/// What the statement does, as a sentence that goes on.
std::string what_it_does(const WholeChange& change) {
  const std::string rows =
      (change.has_where ? "all matching rows of " : "every row of ") + shown(change.walked);
  switch (change.change) {
    case Change::update:
      return "Changes " + rows;
    case Change::remove:
      return "Deletes " + rows;
    case Change::make_table:
    case Change::copy:
      return "Copies " + rows + " into " + shown(change.target);
    case Change::merge:
      return "Merges " + rows + " into " + shown(change.target);
    case Change::call:
      break;
  }
  return "Calls " + change.function + ", which writes, for " + rows;
}

bool changes_walked(const WholeChange& change) {
  return change.change == Change::update || change.change == Change::remove || change.walked == change.target;
}

std::string what_happens_to_source(const WholeChange& change, const Context& context) {
  const auto lock = std::find_if(context.locks.begin(), context.locks.end(),
                                 [&](const TakenLock& one) { return one.table == change.walked; });
  if (lock == context.locks.end())
    return "What services write to " + shown(change.walked) + " meanwhile is not in the copy.";
  return "The script has locked " + shown(change.walked) + ", so that its services stand still meanwhile.";
}

/// The online form of a loop, as far as it follows from what it writes.
std::string online_form(const WholeChange& change, const Context& context) {
  std::string batch = "update " + change.walked.text() + " set … where $range$ and …";
  if (change.change == Change::remove) batch = "delete from " + change.walked.text() + " where $range$ and …";
  if (change.change == Change::copy)
    batch = "insert into " + change.target.text() + " select … from " + change.walked.text() +
            " e where $range:e$ for update of e on conflict do nothing";
  const std::vector<std::string> key = walkable_key(context.schema, change.walked);
  return "online:\n  migration:\n    table: " + change.walked.text() + "\n    key: [" +
         (key.empty() ? "…" : join(key, ", ")) + "]\n    batch: " + batch +
         "\n    complete: select not exists (select from " + change.walked.text() + " where …)\n";
}

/// Whether a statement stands for itself: rows of a loop around it and `$1` are known there alone.
bool stands_alone(const Statement& statement) {
  return statement.row_loops == 0 && statement.text.find('$') == std::string::npos;
}

Issue issue_of(const Statement& statement, const WholeChange& change, const Context& context) {
  Issue issue;
  issue.object = table_object(change.walked);
  issue.sized_by = change.walked;
  issue.work = Work::rows;
  issue.lock = "row exclusive";
  issue.message = what_it_does(change);
  issue.message += context.script.transactional ? " in the version's one transaction" : " in one transaction";
  issue.message += ": it cannot be paused, throttled or resumed, and a cancel loses all of it. ";
  issue.message += changes_walked(change) ? "The rows stay locked against writers until it ends."
                                          : what_happens_to_source(change, context);
  issue.advice = "move the rows online, by key ranges in short transactions, while the services go on";
  const bool named = !is_dynamic(change.walked) && !is_dynamic(change.target);
  if (named && statement.parsed)
    issue.rewrite =
        stands_alone(statement) ? online_yaml(statement, change, context) : online_form(change, context);
  return issue;
}

void check_loop(const Statement& query, const Context& context, Report& report) {
  const auto walked = walked_by(query, context);
  if (!walked) return;
  const std::vector<const Statement*> writes = writes_in_loop(query, context);
  if (writes.empty()) return;
  WholeChange change;
  change.change = Change::call;
  change.walked = *walked;
  change.target = *walked;
  for (const sql::Action& action : writes.front()->actions) {
    if (action.kind == sql::ActionKind::select_rows) continue;
    change.change = action.kind == sql::ActionKind::insert_rows   ? Change::copy
                    : action.kind == sql::ActionKind::delete_rows ? Change::remove
                                                                  : Change::update;
    change.target = action.table;
  }
  Issue issue = issue_of(query, change, context);
  issue.work = Work::none;  // 10 µs to 2 ms a row were seen: no estimate by bytes
  issue.message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(issue.message[0])));
  issue.message = "Row by row, " + issue.message;
  report.add(query, std::move(issue));
}

Change whole_change_of(const Statement& statement) {
  Change change = Change::call;
  for (const sql::Action& action : statement.actions) {
    if (action.kind == sql::ActionKind::insert_rows) return Change::copy;
    if (action.kind == sql::ActionKind::merge_rows) return Change::merge;
    if (action.kind == sql::ActionKind::delete_rows) change = Change::remove;
    if (action.kind == sql::ActionKind::update_rows) change = Change::update;
  }
  return change;
}

/// Whether the loop ends a transaction after each round, as a `do` block outside of one may.
bool commits_in_loop(const Statement& statement, const Script& script) {
  return std::any_of(script.statements.begin(), script.statements.end(), [&](const Statement& one) {
    const bool same = one.source == statement.source && one.function == statement.function && one.loops > 0;
    return same && std::any_of(one.actions.begin(), one.actions.end(), [](const sql::Action& action) {
             return action.kind == sql::ActionKind::transaction;
           });
  });
}

/// Batches of a loop are all in the one transaction of the script.
void check_batches(const Statement& statement, const sql::ObjectName& walked, const Context& context,
                   Report& report) {
  WholeChange change;
  change.change = whole_change_of(statement);
  change.walked = change.target = walked;
  change.has_where = true;
  for (const sql::Action& action : statement.actions) {
    if (action.kind == sql::ActionKind::insert_rows) change.target = action.table;
  }
  if (change.change == Change::call) change.function = "a function";
  Issue issue = issue_of(statement, change, context);
  issue.message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(issue.message[0])));
  issue.message = "Some rows at a time, " + issue.message;
  issue.rewrite = online_form(change, context);
  report.add(statement, std::move(issue));
}

void check_rows_not_online(const Statement& statement, const Context& context, Report& report) {
  if (!is_run_by_script(statement, context.script)) return;
  if (const auto walked = walked_in_batches(statement, context)) {
    // Outside of a transaction a `do` block can commit in between.
    if (!commits_in_loop(statement, context.script)) check_batches(statement, *walked, context, report);
    return;
  }
  if (statement.heads_loop || statement.run_as == sql::RunAs::cursor_query)
    check_loop(statement, context, report);
  for (const WholeChange& change : whole_changes(statement, context))
    report.add(statement, issue_of(statement, change, context));
}

}  // namespace

Rule rows_not_online_rule() {
  Rule rule;
  rule.name = "rows-not-online";
  rule.severity = Severity::warning;
  rule.reason =
      "A script that changes or copies the rows of a whole table keeps its one transaction open for as long "
      "as "
      "that takes, which nobody knows beforehand; an online migration does it in short transactions while "
      "the "
      "services go on, and can be paused. The way down counts as much: it is taken when time is short.";
  rule.bad = "update tasks set priority = 'lowest' where priority is null;";
  rule.good =
      "online:\n"
      "  migration:\n"
      "    table: tasks\n"
      "    key: [task_id]\n"
      "    batch: update tasks set priority = 'lowest' where $range$ and priority is null\n"
      "    complete: select not exists (select from tasks where priority is null)";
  rule.check_statement = check_rows_not_online;
  return rule;
}

}  // namespace dbtool::lint
