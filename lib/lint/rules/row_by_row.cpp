#include <algorithm>
#include <nlohmann/json.hpp>

#include "lint/clauses.h"
#include "lint/row_loop.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "lint/whole_change.h"
#include "sql/block.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

/// Whether the loop does nothing but the one statement.
bool is_all_of_loop(const Statement& query, const Statement& write) {
  const std::string& text = query.source->text;
  const std::size_t from = query.offset + query.text.size();
  const std::size_t behind = write.offset + write.text.size();
  if (write.offset < from || behind > text.size()) return false;
  const auto before = sql::tokenize(std::string_view(text).substr(from, write.offset - from));
  const auto after = sql::tokenize(std::string_view(text).substr(behind, 200));
  return before.size() == 1 && before[0].is("loop") && after.size() >= 3 && after[0].is(";") &&
         after[1].is("end") && after[2].is("loop");
}

/// The target as its columns are qualified by: its alias, or its name.
std::string target_of(const Statement& write) {
  for (const auto& [kind, node] : write.tree->items()) {
    const nlohmann::json* relation = sql::child(node, "relation");
    const nlohmann::json* alias = relation == nullptr ? nullptr : sql::child(*relation, "alias");
    if (alias != nullptr) return sql::quote_if_needed(sql::member(*alias, "aliasname"));
  }
  return sql::quote_if_needed(write.actions.front().table.name);
}

/// Columns of the target that stand alone get its name before them: the rows beside it may have them as well.
std::string qualified(const std::string& text, const TableState* table, const std::string& target,
                      bool is_assignment) {
  if (table == nullptr) return text;
  const std::vector<sql::Token> tokens = sql::tokenize(text);
  std::string out;
  std::size_t done = 0;
  bool assigns = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto is = [&](std::size_t at, const char* what) {
      return at < tokens.size() && tokens[at].is(what);
    };
    if (tokens[i].is("set")) assigns = true;
    const bool is_target = is(i + 1, "=") && i > 0 && (is(i - 1, "set") || is(i - 1, ","));
    const bool alone = tokens[i].kind == sql::TokenKind::word && !is(i + 1, ".") && !is(i + 1, "(") &&
                       !(i > 0 && is(i - 1, ".")) && table->column(tokens[i].lower) != nullptr;
    if (!alone || (is_assignment && (!assigns || is_target))) continue;
    out += text.substr(done, tokens[i].offset - done) + target + ".";
    done = tokens[i].offset;
  }
  return out + text.substr(done);
}

/// The loop as one statement, where it is of the simplest kind; "" otherwise.
std::string set_based(const Statement& query, const std::vector<const Statement*>& writes,
                      const Schema& schema) {
  if (writes.size() != 1 || query.run_as != sql::RunAs::loop_query || writes[0]->actions.size() != 1)
    return "";
  const Statement& write = *writes[0];
  const std::string variable = loop_variable(query);
  if (variable.empty() || write.run_as != sql::RunAs::statement || !is_all_of_loop(query, write)) return "";
  const std::string rows = "(\n" + moved_right(query.text, 2) + ") " + variable;
  const Clauses clauses = cut_clauses(write.text);
  const sql::Action& action = write.actions.front();
  if (action.kind == sql::ActionKind::insert_rows) {
    const std::size_t values = clauses.head.find("values");
    const std::size_t open = clauses.head.find('(', values == std::string::npos ? 0 : values);
    if (action.has_rows_from || values == std::string::npos || open == std::string::npos ||
        !clauses.head.ends_with(')'))
      return "";
    const std::string list = clauses.head.substr(open + 1, clauses.head.size() - open - 2);
    return clauses.head.substr(0, values) + "\nselect " + list + "\nfrom " + rows +
           (clauses.conflict.empty() ? "" : "\n" + clauses.conflict) + ";\n";
  }
  if (clauses.where.empty() || clauses.where.find("current of") != std::string::npos) return "";
  const bool remove = action.kind == sql::ActionKind::delete_rows;
  if (!remove && action.kind != sql::ActionKind::update_rows) return "";
  if (!action.others.empty()) return "";
  const TableState* table = schema.table(action.table);
  const std::string target = target_of(write);
  return qualified(clauses.head, table, target, true) + "\n" + (remove ? "using " : "from ") + rows +
         "\nwhere " + qualified(clauses.where, table, target, false) + ";\n";
}

/// The tables that are written, in words.
std::string written(const std::vector<const Statement*>& writes) {
  for (const Statement* write : writes) {
    for (const sql::Action& action : write->actions) {
      if (action.kind != sql::ActionKind::select_rows && !action.table.empty()) return action.table.text();
    }
  }
  return "rows";
}

bool is_row_write(const Statement& statement) {
  return std::any_of(statement.actions.begin(), statement.actions.end(), [](const sql::Action& action) {
    return action.kind == sql::ActionKind::insert_rows || action.kind == sql::ActionKind::update_rows ||
           action.kind == sql::ActionKind::delete_rows;
  });
}

void check_row_by_row(const Statement& query, const Context& context, Report& report) {
  const bool loops = query.heads_loop || query.run_as == sql::RunAs::cursor_query;
  if (!loops || (query.part != Part::script && query.part != Part::function && query.part != Part::method))
    return;
  const auto walked = walked_by(query, context);
  if (!walked) return;
  std::vector<const Statement*> writes = writes_in_loop(query, context);
  const bool is_run = is_run_by_script(query, context.script);
  // Which rows a function takes when services call it, its arguments say; one that it calls may do anything.
  if (!is_run) std::erase_if(writes, [](const Statement* one) { return !is_row_write(*one); });
  if (writes.empty()) return;
  Issue issue;
  issue.object = table_object(*walked);
  if (is_run) issue.sized_by = *walked;
  issue.message = "The loop runs its statements for " + written(writes) + " once for every row of " +
                  walked->text() +
                  ", each with the costs of a statement: one for all rows at once is several times as fast.";
  issue.advice =
      "write one statement that reads the rows itself: insert … select, update … from, delete … using";
  issue.rewrite = set_based(query, writes, context.schema);
  report.add(query, std::move(issue));
}

}  // namespace

Rule row_by_row_rule() {
  Rule rule;
  rule.name = "row-by-row";
  rule.severity = Severity::warning;
  rule.reason = "A loop over a table's rows pays for parsing, planning and a function's calls once a row.";
  rule.bad =
      "for entity in select * from tasks_entities loop\n"
      "  insert into tasks values (entity.row_key, entity.value);\n"
      "end loop;";
  rule.good =
      "insert into tasks\n"
      "select entity.row_key, entity.value\n"
      "from tasks_entities entity;";
  rule.check_statement = check_row_by_row;
  return rule;
}

}  // namespace dbtool::lint
