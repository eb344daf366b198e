#include <algorithm>
#include <map>

#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

constexpr std::size_t many_tables = 10;

bool is_used(const Context& context, const sql::ObjectName& table) {
  for (const ServiceAccess& service : context.project.access) {
    for (const TableAccess& access : service.tables) {
      if (access.table == table.key()) return true;
    }
  }
  return context.project.access.empty();
}

void check_many(const Context& context, Report& report) {
  if (!context.script.transactional) return;
  std::vector<std::string> names;
  const Statement* last = nullptr;
  for (const TakenLock& lock : context.locks) {
    if (!is_used(context, lock.table)) continue;
    names.push_back(lock.table.text());
    last = lock.statement;
  }
  if (names.size() <= many_tables || last == nullptr) return;
  Issue issue;
  issue.object = std::to_string(names.size()) + " tables";
  issue.message = "One transaction locks " + join(names, ", ") +
                  ": services that use any of them wait until the whole version is done.";
  issue.advice = "split the version, so that each locks few tables for a moment";
  report.add(*last, std::move(issue));
}

/// Tables that a method writes, in the order in which it takes their row locks.
std::vector<sql::ObjectName> written_by(const std::vector<Statement>& statements,
                                        const std::string& function) {
  std::vector<sql::ObjectName> tables;
  for (const Statement& statement : statements) {
    if (statement.function != function) continue;
    for (const sql::Action& action : statement.actions) {
      const bool writes =
          action.kind == sql::ActionKind::insert_rows || action.kind == sql::ActionKind::update_rows ||
          action.kind == sql::ActionKind::delete_rows || action.kind == sql::ActionKind::merge_rows;
      if (writes && std::find(tables.begin(), tables.end(), action.table) == tables.end())
        tables.push_back(action.table);
    }
  }
  return tables;
}

std::size_t position(const std::vector<sql::ObjectName>& tables, const sql::ObjectName& table) {
  return static_cast<std::size_t>(std::find(tables.begin(), tables.end(), table) - tables.begin());
}

/// The first two tables that one locks in the order a, b and the other in the order b, a.
const TakenLock* reversed(const std::vector<TakenLock>& locks, const std::vector<sql::ObjectName>& other,
                          sql::ObjectName& before) {
  for (std::size_t i = 0; i < locks.size(); ++i) {
    const std::size_t first = position(other, locks[i].table);
    for (std::size_t j = i + 1; j < locks.size() && first < other.size(); ++j) {
      if (position(other, locks[j].table) >= first) continue;
      before = locks[i].table;
      return &locks[j];
    }
  }
  return nullptr;
}

void add_reversed(const TakenLock& lock, const sql::ObjectName& before, const std::string& who,
                  Severity severity, Report& report) {
  Issue issue;
  issue.object = "tables " + before.text() + ", " + lock.table.text();
  issue.message =
      "The script locks " + before.text() + " and then " + lock.table.text() + "; " + who +
      " takes them the other way round. Where both run at once each waits for the other, and the server "
      "ends one of them (40P01).";
  issue.advice = "lock both at the beginning, in the order of the other";
  issue.rewrite = "lock table " + lock.table.text() + ", " + before.text() + " in " + lock.mode + " mode;\n";
  issue.severity = severity;
  report.add(*lock.statement, std::move(issue));
}

void check_order(const Context& context, Report& report) {
  if (!context.script.transactional || context.locks.size() < 2) return;
  sql::ObjectName before;
  for (const auto& [method, tables] : context.writers) {
    if (const TakenLock* lock = reversed(context.locks, tables, before))
      return add_reversed(*lock, before, "the method " + method, Severity::warning, report);
  }
  for (const auto& [version, tables] : context.earlier_orders) {
    if (const TakenLock* lock = reversed(context.locks, tables, before)) {
      return add_reversed(*lock, before, "version " + std::to_string(version), Severity::note, report);
    }
  }
}

/// Whether the function says itself how long it waits at most.
bool is_bounded(const Statement& statement, const Context& context) {
  return std::any_of(context.script.statements.begin(), context.script.statements.end(),
                     [&](const Statement& one) {
                       return one.function == statement.function && one.offset < statement.offset &&
                              one.text.find("lock_timeout") != std::string::npos;
                     });
}

void check_lock_table(const Statement& statement, const Context& context, Report& report) {
  std::vector<sql::ObjectName> tables;
  std::string mode;
  for (const sql::Action& action : statement.actions) {
    const bool strong = action.kind == sql::ActionKind::lock_table && lock_strength(action.lock_mode) >= 5;
    if (!strong || action.nowait || !context.is_there(action.table)) continue;
    mode = action.lock_mode;
    tables.push_back(action.table);
  }
  const bool in_script = statement.part == Part::script;
  if (tables.empty() || (!in_script && is_bounded(statement, context))) return;
  Issue issue = issue_on(tables.front(), Work::none, mode,
                         "The lock is held until the transaction ends, whatever the script does meanwhile");
  if (tables.size() > 1) issue.object = std::to_string(tables.size()) + " tables";
  issue.sized_by = {};
  issue.severity = in_script ? Severity::note : Severity::warning;
  issue.advice = in_script ? "keep what follows short; rows are moved online rather than under a lock"
                           : "lock the rows that are changed instead";
  if (!in_script) issue.rewrite = "perform from " + tables.front().text() + " where … for update;\n";
  report.add(statement, std::move(issue));
}

}  // namespace

Rule many_locks_rule() {
  Rule rule;
  rule.name = "many-tables-locked";
  rule.severity = Severity::warning;
  rule.reason =
      "A version that locks more than ten tables of the services has to get all of these locks at once, and "
      "stops every "
      "service until it is done.";
  rule.bad = "alter table a add column x int; alter table b add column x int;  -- and so on, eleven tables";
  rule.good = "alter table a add column x int;  -- one version for a few tables";
  rule.check_script = check_many;
  return rule;
}

Rule lock_order_rule() {
  Rule rule;
  rule.name = "lock-order";
  rule.severity = Severity::warning;
  rule.reason =
      "A script that locks tables in another order than the services' functions, or than another version, "
      "can deadlock "
      "with them.";
  rule.bad =
      "alter table b add column x int; alter table a add column x int;  -- where a method writes a, then b";
  rule.good = "alter table a add column x int; alter table b add column x int;";
  rule.downgrades = false;
  rule.check_script = check_order;
  return rule;
}

Rule lock_table_rule() {
  Rule rule;
  rule.name = "lock-table";
  rule.severity = Severity::warning;
  rule.reason = "`lock table` in a strong mode stops services until the transaction ends.";
  rule.bad = "lock table tasks in exclusive mode;";
  rule.good = "perform from tasks where task_id = task_id_in for update;";
  rule.check_statement = check_lock_table;
  return rule;
}

std::map<std::string, std::vector<sql::ObjectName>> writers_of(const std::vector<Statement>& statements) {
  std::map<std::string, std::vector<sql::ObjectName>> writers;
  for (const Statement& statement : statements) {
    if (statement.part == Part::method && !writers.contains(statement.function))
      writers[statement.function] = written_by(statements, statement.function);
  }
  return writers;
}

}  // namespace dbtool::lint
