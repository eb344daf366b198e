#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/text.h"
#include "lint/executed_text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

Issue issue_about_execute(const std::string& function, const ExecuteReader::Found& found) {
  Issue issue;
  issue.object = "function " + function;
  issue.message = "The argument " + found.argument + " becomes SQL as it is" +
                  (found.of_format ? " (%s)" : "") + ": whoever chooses its value chooses what is executed.";
  issue.advice = "take %I for a name, %L for a constant, or better `using` for a value";
  issue.rewrite = "execute format('… %I … $1', " + found.argument + ") using …;\n";
  return issue;
}

std::set<std::string> dangerous(const std::vector<sql::Argument>& arguments) {
  std::set<std::string> names;
  for (const sql::Argument& one : arguments) {
    const bool is_input = one.mode == "in" || one.mode == "inout" || one.mode == "variadic";
    if (is_input && !one.name.empty() && !is_harmless_in_sql(one.type)) names.insert(one.name);
  }
  return names;
}

void check_dynamic_methods(const Context& context, Report& report) {
  for (const Method& method : context.version().methods) {
    if (!method.body || !method.args) continue;
    const auto arguments = sql::parse_arguments(method.args->text);
    if (!arguments) continue;
    const DynamicBody body{method.body->text, dangerous(*arguments), method.name};
    for (const auto& found : ExecuteReader(body).run())
      report.add(method.body->locate(found.offset), issue_about_execute(method.name, found));
  }
}

/// Arguments of `create function`, by its text between the first parentheses.
std::set<std::string> arguments_of(const Statement& statement) {
  const std::vector<sql::Token> tokens = sql::tokenize(statement.text);
  std::size_t open = 0;
  while (open < tokens.size() && !tokens[open].is("(")) ++open;
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].is("(")) ++depth;
    if (!tokens[i].is(")") || --depth > 0) continue;
    const auto arguments = sql::parse_arguments(
        statement.text.substr(tokens[open].end(), tokens[i].offset - tokens[open].end()));
    return arguments ? dangerous(*arguments) : std::set<std::string>{};
  }
  return {};
}

/// Where the value of a string begins in the source; nullopt: it stands there otherwise, with doubled quotes.
std::optional<std::size_t> place_in_source(const Statement& statement, const sql::Token& token,
                                           const std::string& value) {
  const std::string_view written = std::string_view(statement.text).substr(token.offset, token.length);
  const std::size_t at = written.find(value);
  const bool exact =
      statement.offset + token.end() <= statement.source->text.size() &&
      sql::without_prefix_variable(statement.source->text)
              .substr(statement.offset + token.offset, token.length) == sql::without_prefix_variable(written);
  if (at == std::string_view::npos || !exact) return std::nullopt;
  return statement.offset + token.offset + at;
}

void check_dynamic_sql(const Statement& statement, const Context&, Report& report) {
  if (!statement.parsed || !statement.tree->contains("CreateFunctionStmt") || statement.actions.empty())
    return;
  const std::set<std::string> arguments = arguments_of(statement);
  if (arguments.empty()) return;
  for (const sql::Token& token : sql::tokenize(statement.text)) {
    if (token.kind != sql::TokenKind::string) continue;
    const std::string text = sql::string_value(statement.text, token);
    const DynamicBody body{text, arguments, statement.actions.front().other.text()};
    for (const auto& found : ExecuteReader(body).run()) {
      Issue issue = issue_about_execute(body.function, found);
      if (const auto at = place_in_source(statement, token, text)) issue.offset = *at + found.offset;
      report.add(statement, std::move(issue));
    }
  }
}

}  // namespace

Rule dynamic_sql_rule() {
  Rule rule;
  rule.name = "dynamic-sql-injection";
  rule.severity = Severity::warning;
  rule.reason =
      "An argument that becomes a part of an executed text unquoted lets its caller run any SQL with the "
      "rights of the function.";
  rule.bad = "execute 'select count(*) from ' || table_in into found;";
  rule.good = "execute format('select count(*) from %I', table_in) into found;";
  rule.downgrades = false;
  rule.check_statement = check_dynamic_sql;
  rule.check_script = check_dynamic_methods;
  return rule;
}

}  // namespace dbtool::lint
