#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

/// Types whose values as text are harmless in SQL.
bool is_harmless(const std::string& type) {
  static const std::set<std::string, std::less<>> types = {"integer",
                                                           "bigint",
                                                           "smallint",
                                                           "numeric",
                                                           "real",
                                                           "double precision",
                                                           "boolean",
                                                           "uuid",
                                                           "date",
                                                           "oid",
                                                           "regclass",
                                                           "regproc",
                                                           "regprocedure",
                                                           "regtype",
                                                           "interval",
                                                           "timestamp with time zone",
                                                           "timestamp without time zone"};
  return types.contains(type);
}

struct DynamicBody {
  std::string_view text;
  std::set<std::string> arguments;  ///< that may hold any text
  std::string function;
};

/// Looks at each `execute` of a body: which argument becomes a part of the SQL as it is.
class ExecuteReader {
 public:
  explicit ExecuteReader(const DynamicBody& body) : body_(body), tokens_(sql::tokenize(body.text)) {}

  struct Found {
    std::size_t offset = 0;  ///< of `execute` in the body
    std::string argument;
    bool of_format = false;
  };

  std::vector<Found> run() {
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (tokens_[i].is("execute") && !(i > 0 && tokens_[i - 1].is("grant"))) read(i);
    }
    return std::move(found_);
  }

 private:
  bool is(std::size_t i, std::string_view what) const { return i < tokens_.size() && tokens_[i].is(what); }

  void read(std::size_t execute) {
    std::size_t end = execute + 1;
    int depth = 0;
    for (; end < tokens_.size(); ++end) {
      if (is(end, "(")) ++depth;
      if (is(end, ")")) --depth;
      if (depth <= 0 && (is(end, "into") || is(end, "using") || is(end, "loop") || is(end, ";"))) break;
    }
    for (std::size_t i = execute + 1; i < end; ++i) {
      if (is(i, "format") && is(i + 1, "(")) {
        i = read_format(execute, i + 1, end);
        continue;
      }
      // quote_ident(x), quote_literal(x) and quote_nullable(x) are what one should do.
      const bool quoting = tokens_[i].lower.starts_with("quote_") && is(i + 1, "(");
      if (quoting) {
        i = closing(i + 1, end);
        continue;
      }
      if (is_argument(i) && !is_cast(i)) found_.push_back({tokens_[execute].offset, tokens_[i].lower, false});
    }
  }

  std::size_t closing(std::size_t open, std::size_t end) const {
    int depth = 0;
    for (std::size_t i = open; i < end; ++i) {
      if (is(i, "(")) ++depth;
      if (is(i, ")") && --depth == 0) return i;
    }
    return end;
  }

  bool is_argument(std::size_t i) const {
    return tokens_[i].kind == sql::TokenKind::word && body_.arguments.contains(tokens_[i].lower) &&
           !is(i + 1, "(");
  }
  /// `x::regclass`, `x::integer`
  bool is_cast(std::size_t i) const {
    return is(i + 1, "::") && i + 2 < tokens_.size() &&
           is_harmless(sql::canonical_type(tokens_[i + 2].lower));
  }

  /// `format('… %s …', a, b)`: which argument stands for which mark. Gives the closing parenthesis.
  std::size_t read_format(std::size_t execute, std::size_t open, std::size_t end) {
    const std::size_t close = closing(open, end);
    std::vector<std::vector<std::size_t>> values(1);
    int depth = 0;
    for (std::size_t i = open; i < close; ++i) {
      if (is(i, "(") || is(i, "[")) ++depth;
      if (is(i, ")") || is(i, "]")) --depth;
      if (depth == 1 && is(i, ","))
        values.emplace_back();
      else if (i > open)
        values.back().push_back(i);
    }
    std::string pattern;
    for (const std::size_t i : values.front()) {
      if (tokens_[i].kind == sql::TokenKind::string) pattern += sql::string_value(body_.text, tokens_[i]);
    }
    for (const std::size_t position : plain_marks(pattern)) {
      if (position >= values.size()) continue;
      for (std::size_t at = 0; at < values[position].size(); ++at) {
        const std::size_t i = values[position][at];
        if (tokens_[i].lower.starts_with("quote_")) break;
        if (is_argument(i) && !is_cast(i))
          found_.push_back({tokens_[execute].offset, tokens_[i].lower, true});
      }
    }
    return close;
  }

  /// Numbers of the values, from 1, that a format takes as they are: `%s`, `%2$s`.
  static std::vector<std::size_t> plain_marks(std::string_view format) {
    std::vector<std::size_t> marks;
    std::size_t next = 1;
    for (std::size_t i = 0; i + 1 < format.size(); ++i) {
      if (format[i] != '%') continue;
      ++i;
      std::size_t number = 0;
      std::size_t at = i;
      while (at < format.size() && format[at] >= '0' && format[at] <= '9' && number < 1000)
        number = number * 10 + static_cast<std::size_t>(format[at++] - '0');
      const bool numbered = at > i && at < format.size() && format[at] == '$';
      if (numbered) i = at + 1;
      while (i < format.size() && (format[i] == '-' || (format[i] >= '0' && format[i] <= '9'))) ++i;
      if (i >= format.size() || format[i] == '%') continue;
      const std::size_t position = numbered ? number : next;
      next = position + 1;
      if (format[i] == 's') marks.push_back(position);
    }
    return marks;
  }

  const DynamicBody& body_;
  std::vector<sql::Token> tokens_;
  std::vector<Found> found_;
};

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
    if (is_input && !one.name.empty() && !is_harmless(one.type)) names.insert(one.name);
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

void check_dynamic_sql(const Statement& statement, const Context&, Report& report) {
  if (!statement.parsed || !statement.tree->contains("CreateFunctionStmt") || statement.actions.empty())
    return;
  const std::set<std::string> arguments = arguments_of(statement);
  if (arguments.empty()) return;
  for (const sql::Token& token : sql::tokenize(statement.text)) {
    if (token.kind != sql::TokenKind::string) continue;
    const std::string text = sql::string_value(statement.text, token);
    const DynamicBody body{text, arguments, statement.actions.front().other.text()};
    for (const auto& found : ExecuteReader(body).run())
      report.add(statement, issue_about_execute(body.function, found));
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
