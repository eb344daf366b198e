#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "lint/clients.h"
#include "lint/declared_batch.h"
#include "lint/online_yaml.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

Issue issue_of(const OnlineDeclaration& online, std::string message, std::string advice,
               std::string rewrite) {
  Issue issue;
  issue.object = table_object(walked_table(online));
  issue.message = std::move(message);
  issue.advice = std::move(advice);
  issue.rewrite = std::move(rewrite);
  return issue;
}

/// The statement of the script that drops the table, of which nothing is left behind the script; nullptr:
/// none is known.
const Statement* drop_of(const Context& context, const sql::ObjectName& table) {
  const Statement* found = nullptr;
  for_each_action(context, sql::ActionKind::drop_table,
                  [&](const Statement& statement, const sql::Action& action) {
                    if (action.table == table) found = &statement;
                  });
  return found;
}

void report_drop(const OnlineDeclaration& online, const Statement& drop, const std::string& script,
                 Report& report) {
  const std::string table = walked_table(online).text();
  report.add(drop,
             issue_of(online,
                      "The online part walks " + table + " after the " + script +
                          ", which drops it: dbtool refuses such a step and rolls it back.",
                      script == "migration script"
                          ? "drop " + table + " in a later version, when its rows are moved"
                          : "make " + table +
                                " in a version before, so that this one's way back leaves it until its rows "
                                "are moved",
                      ""));
}

// -- key ----------------------------------------------------------------------------------------------------

bool is_unique_index(const Schema& schema, const sql::ObjectName& table,
                     const std::vector<std::string>& key) {
  const auto indexes = schema.indexes_of(table);
  return std::any_of(indexes.begin(), indexes.end(), [&](const IndexState* index) {
    return index->unique && !index->partial && index->columns == key;
  });
}

std::string key_line(const Schema& schema, const sql::ObjectName& table) {
  const std::vector<std::string> key = walkable_key(schema, table);
  return key.empty() ? "" : "key: [" + join(key, ", ") + "]\n";
}

void check_key(const Context& context, Report& report) {
  const OnlineDeclaration* online = declaration_of(context);
  if (online == nullptr) return;
  const sql::ObjectName table = walked_table(*online);
  const TableState* state = context.schema.table(table);
  if (state == nullptr) {
    if (const Statement* drop = drop_of(context, table)) {
      return report_drop(*online, *drop, context.is_upgrade() ? "migration script" : "downgrade script",
                         report);
    }
    std::vector<std::string> names;
    for (const TableState* one : context.schema.tables()) names.push_back(one->name.key());
    const auto nearest = nearest_word(table.key(), names);
    Issue issue = issue_of(
        *online,
        "No script makes the table " + table.text() + (nearest ? " (did you mean " + *nearest + "?)." : "."),
        "name the table that is walked", "");
    issue.severity = Severity::warning;
    return report.add(online->place, std::move(issue));
  }
  const std::string keys = join(online->key, ", ");
  if (!is_unique_index(context.schema, table, online->key)) {
    report.add(
        online->place,
        issue_of(*online,
                 "No primary key or unique index of " + table.text() + " is on (" + keys +
                     ") in this order: the table cannot be walked by it, or each range scans it whole.",
                 "take the columns of the primary key, in its order", key_line(context.schema, table)));
    return;
  }
  for (const std::string& column : online->key) {
    if (is_proved_not_null(context.schema, table, column)) continue;
    report.add(online->place, issue_of(*online,
                                       "The key's column " + sql::quote_if_needed(column) +
                                           " may be null: rows with a null "
                                           "are in no range, and are never moved.",
                                       "take a key without nulls", key_line(context.schema, table)));
  }
}

// -- range --------------------------------------------------------------------------------------------------

/// Whether a table may have columns of the names that the range compares.
bool may_have_key(const Schema& schema, const sql::ObjectName& table, const std::vector<std::string>& key) {
  const TableState* state = schema.table(table);
  if (state == nullptr || !state->columns_known) return true;
  return std::all_of(key.begin(), key.end(),
                     [&](const std::string& column) { return state->column(column) != nullptr; });
}

/// What is wrong with the ranges of one statement; "": nothing, or it could not be parsed. `takes` says of
/// which tables the range may be.
template <class Takes>
std::string range_fault(const OnlineDeclaration& online, const SqlText& sql, const Takes& takes) {
  const json tree = sql::parse_tree(without_ranges(sql.text));
  if (tree.empty()) return "";
  const sql::ObjectName table = walked_table(online);
  const std::vector<NamedRelation> relations = named_relations(tree);
  const bool there =
      std::any_of(relations.begin(), relations.end(), [&](const auto& one) { return takes(one.table); });
  if (!there) return "The statement does not name " + table.text() + ", whose key the range is about.";
  for (const RangeMark& mark : range_marks(sql.text)) {
    if (mark.alias.empty()) continue;
    bool known = false;
    for (const NamedRelation& one : relations) {
      if (one.alias != mark.alias) continue;
      known = known || takes(one.table);
      if (!takes(one.table))
        return "`$range:" + mark.alias + "$` is about " + one.table.text() + ", not about " + table.text() +
               ".";
    }
    if (!known) return "`$range:" + mark.alias + "$`: the statement calls no table " + mark.alias + ".";
  }
  return "";
}

void check_range(const Context& context, Report& report) {
  const OnlineDeclaration* online = declaration_of(context);
  if (online == nullptr) return;
  std::vector<const SqlText*> texts{&online->batch};
  if (online->verify_source) texts.push_back(&*online->verify_source);
  if (online->verify_copy) texts.push_back(&*online->verify_copy);
  for (const SqlText* sql : texts) {
    // A copy with the same key is looked up by its own: rows show, too, that are there alone.
    const bool is_copy = online->verify_copy && sql == &*online->verify_copy;
    const std::string fault = range_fault(*online, *sql, [&](const sql::ObjectName& table) {
      return table == walked_table(*online) || (is_copy && may_have_key(context.schema, table, online->key));
    });
    if (fault.empty()) continue;
    const auto marks = range_marks(sql->text);
    report.add(marks.empty() ? sql->place : sql->locate(marks.front().offset),
               issue_of(*online, fault,
                        "write the range for the table that is walked, by the name it has in the statement",
                        "where $range:e$  -- from " + walked_table(*online).text() + " e\n"));
  }
}

// -- complete and verify ------------------------------------------------------------------------------------

void check_complete(const Context& context, Report& report) {
  const OnlineDeclaration* online = declaration_of(context);
  if (online == nullptr) return;
  const json tree = sql::parse_tree(online->complete.text);
  const std::string none_left =
      "complete: select not exists (select from " + walked_table(*online).text() + " where …)\n";
  if (tree.empty()) return;
  const std::vector<NamedRelation> relations = named_relations(tree);
  const bool there = std::any_of(relations.begin(), relations.end(), [&](const NamedRelation& one) {
    return one.table == walked_table(*online);
  });
  if (!there && sql::called_functions(tree).empty()) {
    report.add(online->complete.place,
               issue_of(*online,
                        "`complete` does not look at " + walked_table(*online).text() +
                            ", whose rows are to be done.",
                        "ask whether a row is left that is not done", none_left));
  }
}

/// Whether the batch writes a table other than the one that is walked.
bool copies(const Context& context, const OnlineDeclaration& online) {
  return std::any_of(
      context.script.statements.begin(), context.script.statements.end(), [&](const Statement& one) {
        return one.part == Part::batch &&
               std::any_of(one.actions.begin(), one.actions.end(), [&](const sql::Action& action) {
                 return action.kind == sql::ActionKind::insert_rows &&
                        !(action.table == walked_table(online));
               });
      });
}

void check_verify(const Context& context, Report& report) {
  const OnlineDeclaration* online = declaration_of(context);
  if (online == nullptr || online->verify_source || !copies(context, *online)) return;
  report.add(
      online->place,
      issue_of(*online, "Nothing compares the copy with " + walked_table(*online).text() + " after the walk.",
               "declare `verify`: both sides are then compared range by range",
               "verify:\n  source: select …  from " + walked_table(*online).text() +
                   " e where $range:e$\n  copy: select …  from " + walked_table(*online).text() +
                   " e join … where $range:e$\n"));
}

}  // namespace

Rule online_key_rule() {
  Rule rule;
  rule.name = "online-key";
  rule.severity = Severity::error;
  rule.reason =
      "Ranges are taken from a unique index: without one a range is a scan of the table, and a row whose key "
      "is null "
      "lies in none.";
  rule.bad = "table: tasks\nkey: [task_group_id]";
  rule.good = "table: tasks\nkey: [task_id]";
  rule.check_script = check_key;
  return rule;
}

Rule online_range_rule() {
  Rule rule;
  rule.name = "online-range";
  rule.severity = Severity::error;
  rule.reason =
      "`$range$` is a condition on the key of the table that is walked; on another table it means other "
      "rows.";
  rule.bad = "batch: insert into tasks select … from tasks_entities e join groups g on … where $range:g$ …";
  rule.good = "batch: insert into tasks select … from tasks_entities e join groups g on … where $range:e$ …";
  rule.check_script = check_range;
  return rule;
}

Rule online_complete_rule() {
  Rule rule;
  rule.name = "online-complete";
  rule.severity = Severity::warning;
  rule.reason =
      "`complete` decides that the work is done; one that does not look at the table says so too early or "
      "never.";
  rule.bad = "complete: select true";
  rule.good = "complete: select not exists (select from tasks where priority is null)";
  rule.check_script = check_complete;
  return rule;
}

Rule online_without_verify_rule() {
  Rule rule;
  rule.name = "online-without-verify";
  rule.severity = Severity::note;
  rule.reason = "Rows that were copied wrongly are found by comparing, while the source is still there.";
  rule.bad = "batch: insert into tasks select … from tasks_entities e where $range:e$ …";
  rule.good =
      "verify:\n"
      "  source: select e.row_key, e.value ->> 'owner' from tasks_entities e where $range:e$\n"
      "  copy: select t.task_id, t.owner from tasks_entities e join tasks t on t.task_id = e.row_key where "
      "$range:e$";
  rule.check_script = check_verify;
  return rule;
}

}  // namespace dbtool::lint
