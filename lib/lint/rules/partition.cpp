#include <algorithm>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_detach(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::detach_partition || action.object_type != "table") continue;
    if (action.concurrently || action.type == "finalize" || !context.matters(action.table)) continue;
    Issue issue = issue_on(action.table, Work::none, "access exclusive",
                           "Detaching " + action.other.text() + " locks the whole partitioned table");
    if (context.schema.default_partition_of(action.table) != nullptr) {
      // "cannot detach partitions concurrently when a default partition exists"
      issue.advice =
          "beside a default partition the server does it in no other way: see that no long transaction reads "
          "the table meanwhile";
      report.add(statement, std::move(issue));
      continue;
    }
    issue.advice = "detach it concurrently, in a version of its own";
    issue.rewrite = outside_transaction(
        alter(action.table) + " detach partition " + action.other.text() + " concurrently;",
        alter(action.table) + " attach partition " + action.other.text() + " for values …;");
    report.add(statement, std::move(issue));
  }
}

/// Whether the partition has a valid check (besides those that only say not null), which may prove its bound.
bool has_bound_check(const Schema& schema, const sql::ObjectName& partition) {
  const TableState* state = schema.table(partition);
  if (state == nullptr) return false;
  return std::any_of(state->constraints.begin(), state->constraints.end(), [](const ConstraintState& one) {
    return one.validated && one.definition.kind == sql::ConstraintKind::check;
  });
}

/// Whether the table has partitions, whose rows must not lie in a default one, as far as is known.
bool may_have_partitions(const Schema& schema, const sql::ObjectName& table) {
  if (schema.table(table) == nullptr) return true;
  const std::vector<const TableState*> tables = schema.tables();
  return std::any_of(tables.begin(), tables.end(),
                     [&](const TableState* one) { return one->partition_of == table; });
}

/// The rows of an existing default partition could belong into the one that is attached.
void check_default_beside(const Statement& statement, const sql::Action& action, const Context& context,
                          Report& report) {
  const TableState* rest = context.schema.default_partition_of(action.table);
  if (rest == nullptr || !context.matters(rest->name) || has_bound_check(context.schema, rest->name)) return;
  Issue issue = issue_on(rest->name, Work::scan, "access exclusive",
                         "Attaching reads all of the default partition " + rest->name.text() +
                             " to see that none of its rows belongs into " + action.other.text());
  issue.advice =
      "say in a check of the default partition, validated in an earlier version, that it has no such rows";
  const std::string name = sql::quote_if_needed(rest->name.name + "_bound");
  issue.rewrite =
      in_version(context, 0,
                 alter(rest->name) + " add constraint " + name +
                     " check (KEY is null or KEY < … or KEY >= …) not valid;") +
      in_version(context, 1, alter(rest->name) + " validate constraint " + name + ";") +
      in_version(context, 2, statement.text + ";\n" + alter(rest->name) + " drop constraint " + name + ";");
  report.add(statement, std::move(issue));
}

void check_attach(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::attach_partition || action.object_type != "table") continue;
    check_default_beside(statement, action, context, report);
    if (!context.matters(action.other) || has_bound_check(context.schema, action.other)) continue;
    const bool is_default = action.expression.empty();
    if (is_default && !may_have_partitions(context.schema, action.table)) continue;
    Issue issue = issue_on(
        action.other, Work::scan, "access exclusive",
        "Attaching reads all of " + action.other.text() + " to see that " +
            (is_default ? "none of its rows belongs into another partition" : "its rows fit the bound"));
    issue.advice = "say so first in a check that was validated in an earlier version; then nothing is read";
    const std::string name = sql::quote_if_needed(action.other.name + "_bound");
    issue.rewrite =
        in_version(context, 0,
                   alter(action.other) + " add constraint " + name +
                       (is_default ? " check (KEY is null or KEY < … or KEY >= …) not valid;"
                                   : " check (KEY is not null and KEY >= … and KEY < …) not valid;")) +
        in_version(context, 1, alter(action.other) + " validate constraint " + name + ";") +
        in_version(context, 2,
                   statement.text + ";\n" + alter(action.other) + " drop constraint " + name + ";");
    report.add(statement, std::move(issue));
  }
}

void check_create_partition(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    const bool partition = action.kind == sql::ActionKind::create_table && action.type == "partition";
    if (!partition || !context.matters(action.parent)) continue;
    Issue issue =
        issue_on(action.parent, Work::none, "access exclusive",
                 "`partition of` locks the partitioned table; a default partition is read whole as well");
    issue.sized_by = {};
    issue.advice = "make the table apart and attach it: that takes a lock which lets services read and write";
    issue.rewrite = "create table " + action.table.text() + " (like " + action.parent.text() +
                    " including defaults including constraints);\n" + alter(action.parent) +
                    " attach partition " + action.table.text() + " for values …;\n";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule detach_partition_rule() {
  Rule rule;
  rule.name = "detach-partition-not-concurrently";
  rule.severity = Severity::warning;
  rule.reason =
      "Detaching takes an access exclusive lock on the whole partitioned table; `concurrently` does not.";
  rule.bad = "alter table events detach partition events_2019;";
  rule.good =
      "transactional: false\n"
      "migrationScript: |-\n"
      "  alter table events detach partition events_2019 concurrently;";
  rule.check_statement = check_detach;
  return rule;
}

Rule attach_partition_rule() {
  Rule rule;
  rule.name = "attach-partition-scans";
  rule.severity = Severity::warning;
  rule.reason =
      "Attaching a table reads all of it under an access exclusive lock, unless a valid check already proves "
      "that its "
      "rows fit the partition's bound. A default partition beside it is read as well.";
  rule.bad =
      "alter table events attach partition events_2020 for values from ('2020-01-01') to ('2021-01-01');";
  rule.good =
      "-- after a validated check on events_2020 (at >= '2020-01-01' and at < '2021-01-01' and at is not "
      "null)\n"
      "alter table events attach partition events_2020 for values from ('2020-01-01') to ('2021-01-01');";
  rule.check_statement = check_attach;
  return rule;
}

Rule create_partition_rule() {
  Rule rule;
  rule.name = "create-partition-locks";
  rule.severity = Severity::note;
  rule.reason =
      "`create table … partition of` takes an access exclusive lock on the partitioned table; a table made "
      "apart and "
      "attached takes a weaker one.";
  rule.bad = "create table events_2021 partition of events for values from ('2021-01-01') to ('2022-01-01');";
  rule.good =
      "create table events_2021 (like events including defaults including constraints);\n"
      "alter table events attach partition events_2021 for values from ('2021-01-01') to ('2022-01-01');";
  rule.check_statement = check_create_partition;
  return rule;
}

}  // namespace dbtool::lint
