#include "lint/batch_work.h"
#include "lint/clauses.h"
#include "lint/declared_batch.h"
#include "lint/online_function.h"
#include "lint/online_yaml.h"
#include "lint/repeatable.h"
#include "lint/row_flow.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

/// The batches by functions of a script, each with what it calls.
std::vector<std::vector<const Statement*>> batches_of(const Script& script) {
  std::vector<std::vector<const Statement*>> batches;
  for (const OnlineFunction& function : batch_functions(script))
    batches.push_back(reached_statements(function.name, script));
  return batches;
}

std::vector<const Statement*> declared_batch(const Script& script) {
  std::vector<const Statement*> declared;
  for (const Statement& statement : script.statements) {
    if (statement.part == Part::batch) declared.push_back(&statement);
  }
  return declared;
}

/// "batch: |-" with the statement below it.
std::string batch_yaml(const std::string& statement) {
  return statement.find('\n') == std::string::npos ? "batch: " + statement + "\n"
                                                   : "batch: |-\n" + moved_right(statement, 2);
}

// -- locks --------------------------------------------------------------------------------------------------

std::string lost_update(const sql::ObjectName& source) {
  return "Copies rows of " + source.text() +
         " without locking them: what a service changes between the reading and the commit is lost, and "
         "the copy keeps the old value.";
}

void add_unlocked(const Unlocked& unlocked, Report& report) {
  Issue issue;
  issue.object = table_object(unlocked.source);
  issue.message = lost_update(unlocked.source);
  issue.advice = "lock the rows that are read, in the statement that reads them or in one before it";
  issue.rewrite = "for update of " + unlocked.source.text() + "\n";
  report.add(*unlocked.statement, std::move(issue));
}

/// False: the statement says itself how it holds the rows of the table that is walked.
bool check_declared_locks(const Statement& statement, const sql::ObjectName& walked, Report& report) {
  if (!statement.parsed) return false;
  const auto read = unlocked_read(*statement.tree, walked);
  if (!read) return false;
  Issue issue;
  issue.object = table_object(walked);
  issue.message = lost_update(walked);
  if (read->locked_elsewhere)
    issue.message +=
        " The lock in another part of the statement does not help: all parts read what was there before it "
        "was waited for.";
  issue.advice = "lock the rows in the query that reads them";
  issue.rewrite = batch_yaml(with_locks(as_written(statement), walked));
  issue.offset = statement.offset + read->offset;
  report.add(statement, std::move(issue));
  return true;
}

void check_locks(const Context& context, Report& report) {
  for (const auto& batch : batches_of(context.script)) {
    if (const auto unlocked = unlocked_source(batch, context)) add_unlocked(*unlocked, report);
  }
  const OnlineDeclaration* online = declaration_of(context);
  if (online == nullptr) return;
  const std::vector<const Statement*> declared = declared_batch(context.script);
  const sql::ObjectName walked = walked_table(*online);
  bool found = false;
  for (const Statement* statement : declared)
    found = check_declared_locks(*statement, walked, report) || found;
  // Rows of other tables, that the walked one only leads to.
  const auto unlocked = found ? std::nullopt : unlocked_source(declared, context);
  if (unlocked && !(unlocked->source == walked)) add_unlocked(*unlocked, report);
}

// -- repetition ---------------------------------------------------------------------------------------------

constexpr const char* repeats =
    "each pass begins at the first key, and an interrupted run goes on with the last batch.";

void check_functions_repeatable(const Context& context, Report& report) {
  for (const auto& batch : batches_of(context.script)) {
    const Statement* insert = unrepeatable_insert(batch, context);
    if (insert == nullptr) continue;
    sql::ObjectName target;
    for (const sql::Action& action : insert->actions) {
      if (action.kind == sql::ActionKind::insert_rows) target = action.table;
    }
    const std::vector<std::string> key = walkable_key(context.schema, target);
    Issue issue;
    issue.object = table_object(target);
    issue.message =
        "A batch that is run again inserts the same rows again: each pass begins at the first key, and "
        "an interrupted run goes on with the last batch.";
    issue.advice =
        "leave alone what is there already, or take the rows away from the source in the same batch";
    issue.rewrite = "on conflict " + (key.empty() ? "" : column_list(key) + " ") + "do nothing\n";
    report.add(*insert, std::move(issue));
  }
}

/// `on conflict (key) do nothing`.
std::string conflict_clause(const Context& context, const sql::ObjectName& target) {
  const std::vector<std::string> key = walkable_key(context.schema, target);
  return "on conflict " + (key.empty() ? "" : column_list(key) + " ") + "do nothing";
}

Issue issue_of(const Unrepeatable& fault, const std::string& text, const Context& context) {
  Issue issue;
  issue.object = table_object(fault.target);
  switch (fault.cause) {
    case Unrepeatable::Cause::inserts_again:
      issue.message = std::string("A batch that is run again inserts the same rows again: ") + repeats;
      issue.advice =
          "leave alone what is there already, or take the rows away from the source in the same batch";
      issue.rewrite =
          batch_yaml(with_conflict_clause(text, fault.offset, conflict_clause(context, fault.target)));
      break;
    case Unrepeatable::Cause::never_conflicts:
      issue.message = fault.target.text() +
                      " has no unique index, so nothing conflicts, and a batch that is run again inserts the "
                      "same rows again: " +
                      repeats;
      issue.advice = "give the table a key before the walk";
      issue.rewrite = "alter table " + fault.target.text() + " add primary key (…);\n";
      break;
    case Unrepeatable::Cause::adds_again:
      issue.message =
          "Makes " + sql::quote_if_needed(fault.column) +
          " from its own value: a batch that is run again adds once more. Ranges are run again: " + repeats;
      issue.advice = "make the value from what the batch does not change, or leave out rows that are done";
      issue.rewrite = "where $range$ and …  -- a condition that the change makes false\n";
      break;
  }
  return issue;
}

void check_repeatable(const Context& context, Report& report) {
  check_functions_repeatable(context, report);
  const OnlineDeclaration* online = declaration_of(context);
  if (online == nullptr) return;
  for (const Statement* statement : declared_batch(context.script)) {
    if (!statement->parsed) continue;
    const auto fault = unrepeatable(*statement->tree, walked_table(*online), context.schema);
    if (!fault) continue;
    Issue issue = issue_of(*fault, as_written(*statement), context);
    issue.severity = Severity::error;
    issue.offset = statement->offset + fault->offset;
    report.add(*statement, std::move(issue));
  }
}

}  // namespace

Rule online_source_not_locked_rule() {
  Rule rule;
  rule.name = "online-source-not-locked";
  rule.severity = Severity::error;
  rule.reason =
      "A batch copies while the services write. Without a lock on the rows that it reads, a change made "
      "meanwhile is "
      "overwritten by the older copy.";
  rule.bad =
      "insert into tasks select … from tasks_entities e where $range:e$ on conflict (task_id) do nothing";
  rule.good =
      "insert into tasks select … from tasks_entities e where $range:e$\n"
      "for update of e\n"
      "on conflict (task_id) do nothing";
  rule.check_script = check_locks;
  return rule;
}

Rule online_batch_not_repeatable_rule() {
  Rule rule;
  rule.name = "online-batch-not-repeatable";
  rule.severity = Severity::warning;
  rule.reason =
      "Batches are run again after an interruption and in every further pass; they must find their work "
      "done.";
  rule.bad = "insert into tasks select … from tasks_entities e where $range:e$ for update of e";
  rule.good =
      "insert into tasks select … from tasks_entities e where $range:e$ for update of e\n"
      "on conflict (task_id) do nothing";
  rule.check_script = check_repeatable;
  return rule;
}

}  // namespace dbtool::lint
