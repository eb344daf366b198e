#include "lint/batch_work.h"
#include "lint/online_function.h"
#include "lint/online_yaml.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

/// The batches of a script: each function with what it calls, and the declared one.
std::vector<std::vector<const Statement*>> batches_of(const Script& script) {
  std::vector<std::vector<const Statement*>> batches;
  for (const OnlineFunction& function : batch_functions(script))
    batches.push_back(reached_statements(function.name, script));
  std::vector<const Statement*> declared;
  for (const Statement& statement : script.statements) {
    if (statement.part == Part::batch) declared.push_back(&statement);
  }
  if (!declared.empty()) batches.push_back(std::move(declared));
  return batches;
}

void check_locks(const Context& context, Report& report) {
  for (const auto& batch : batches_of(context.script)) {
    const auto unlocked = unlocked_source(batch, context);
    if (!unlocked) continue;
    Issue issue;
    issue.object = table_object(unlocked->source);
    issue.message =
        "Copies rows of " + unlocked->source.text() +
        " without locking them: what a service changes between the reading and the commit is lost, and "
        "the copy keeps the old value.";
    issue.advice = "lock the rows that are read, in the statement that reads them or in one before it";
    issue.rewrite = "for update of " + unlocked->source.text() + "\n";
    report.add(*unlocked->statement, std::move(issue));
  }
}

void check_repeatable(const Context& context, Report& report) {
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
