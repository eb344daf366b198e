#include "sql/definition.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

bool begins_constraint(const Token& token) {
  static const std::set<std::string, std::less<>> words = {
      "not",        "null",      "check",   "unique",     "primary", "references",
      "constraint", "generated", "collate", "deferrable", "default", "initially"};
  return words.contains(token.lower);
}

/// Tokens of `text` from `offset` on.
std::vector<Token> tokens_from(std::string_view text, std::size_t offset) {
  const std::size_t from = std::min(offset, text.size());
  std::vector<Token> tokens = tokenize(text.substr(from));
  for (Token& token : tokens) token.offset += from;
  return tokens;
}

std::size_t location_of(const json& node) {
  const int location = node.value("location", 0);
  return location < 0 ? 0 : static_cast<std::size_t>(location);
}

std::string cut(std::string_view text, const std::vector<Token>& tokens, std::size_t begin, std::size_t end) {
  if (begin >= end || end > tokens.size()) return {};
  return std::string(text.substr(tokens[begin].offset, tokens[end - 1].end() - tokens[begin].offset));
}

/// Index behind the part that begins at `begin`: a comma or a parenthesis that was not opened ends it, and in
/// a column's definition the next constraint.
std::size_t part_end(const std::vector<Token>& tokens, std::size_t begin, bool of_column) {
  int depth = 0;
  int cases = 0;
  for (std::size_t i = begin; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.is("(") || token.is("[")) ++depth;
    if (token.is(")") || token.is("]")) --depth;
    if (token.is("case")) ++cases;
    if (token.is("end") && cases > 0) --cases;
    if (depth < 0) return i;
    if (depth > 0 || cases > 0) continue;
    if (token.is(",") || token.is(";")) return i;
    const bool set_before = i > begin && tokens[i - 1].is("set");  // on delete set null
    if (of_column && i > begin && begins_constraint(token) && !set_before) return i;
  }
  return tokens.size();
}

std::string without_not_valid(std::string_view text, const std::vector<Token>& tokens, std::size_t begin,
                              std::size_t end) {
  if (end >= begin + 2 && tokens[end - 2].is("not") && tokens[end - 1].is("valid")) end -= 2;
  return cut(text, tokens, begin, end);
}

std::string between_parentheses(std::string_view text, const std::vector<Token>& tokens, std::size_t begin,
                                std::size_t end) {
  std::size_t open = begin;
  while (open < end && !tokens[open].is("(")) ++open;
  int depth = 0;
  for (std::size_t i = open; i < end; ++i) {
    if (tokens[i].is("(")) ++depth;
    if (tokens[i].is(")") && --depth == 0) return cut(text, tokens, open + 1, i);
  }
  return {};
}

/// The column that an expression says is not null: `x is not null`, alone or as a term of an `and`.
std::string not_null_column(const json& expression) {
  if (expression.contains("NullTest")) {
    const json& test = expression.at("NullTest");
    const bool of_column =
        member(test, "nulltesttype") == "IS_NOT_NULL" && test.at("arg").contains("ColumnRef");
    return of_column ? list_part(test.at("arg").at("ColumnRef").at("fields"), 0) : std::string();
  }
  if (expression.contains("BoolExpr") && member(expression.at("BoolExpr"), "boolop") == "AND_EXPR") {
    for (const json& term : expression.at("BoolExpr").at("args")) {
      std::string column = not_null_column(term);
      if (!column.empty()) return column;
    }
  }
  return {};
}

std::optional<ConstraintKind> constraint_kind(const std::string& type) {
  if (type == "CONSTR_CHECK") return ConstraintKind::check;
  if (type == "CONSTR_UNIQUE") return ConstraintKind::unique;
  if (type == "CONSTR_PRIMARY") return ConstraintKind::primary_key;
  if (type == "CONSTR_FOREIGN") return ConstraintKind::foreign_key;
  if (type == "CONSTR_EXCLUSION") return ConstraintKind::exclusion;
  return std::nullopt;
}

void read_constraint_text(Constraint& constraint, const json& node, std::string_view text, bool of_column) {
  const std::vector<Token> tokens = tokens_from(text, location_of(node));
  const std::size_t begin = !tokens.empty() && tokens.front().is("constraint") ? 2 : 0;
  const std::size_t end = part_end(tokens, begin, of_column);
  constraint.text = without_not_valid(text, tokens, begin, end);
  if (constraint.kind == ConstraintKind::check)
    constraint.expression = between_parentheses(text, tokens, begin, end);
}

/// `constraint` as a table's one, from a column's.
void make_of_table(Constraint& constraint, const std::string& column) {
  constraint.columns = {column};
  const std::string of = " (" + quote_if_needed(column) + ")";
  if (constraint.kind == ConstraintKind::foreign_key)
    constraint.text = "foreign key" + of + " " + constraint.text;
  if (constraint.kind == ConstraintKind::unique) constraint.text = "unique" + of;
  if (constraint.kind == ConstraintKind::primary_key) constraint.text = "primary key" + of;
}

Constraint read_any_constraint(const json& node, std::string_view text, ConstraintKind kind, bool of_column) {
  Constraint constraint;
  constraint.kind = kind;
  constraint.name = member(node, "conname");
  for (const char* list : {"keys", "fk_attrs"}) {
    if (node.contains(list)) constraint.columns = list_strings(node.at(list));
  }
  if (node.contains("pktable")) constraint.referenced = relation_name(node.at("pktable"));
  if (node.contains("pk_attrs")) constraint.referenced_columns = list_strings(node.at("pk_attrs"));
  constraint.not_valid = node.value("skip_validation", false);
  constraint.using_index = member(node, "indexname");
  if (node.contains("raw_expr")) constraint.not_null_of = not_null_column(node.at("raw_expr"));
  read_constraint_text(constraint, node, text, of_column);
  return constraint;
}

void read_serial(Column& column) {
  static const std::set<std::string, std::less<>> small = {"smallserial", "serial2"};
  static const std::set<std::string, std::less<>> usual = {"serial", "serial4"};
  static const std::set<std::string, std::less<>> big = {"bigserial", "serial8"};
  if (small.contains(column.type))
    column.type = "smallint";
  else if (usual.contains(column.type))
    column.type = "integer";
  else if (big.contains(column.type))
    column.type = "bigint";
  else
    return;
  column.serial = true;
  column.not_null = true;
}

void read_column_constraint(Column& column, const json& node, std::string_view text) {
  const std::string type = member(node, "contype");
  if (type == "CONSTR_NOTNULL") column.not_null = true;
  if (type == "CONSTR_IDENTITY") column.identity = column.not_null = true;
  if (type == "CONSTR_GENERATED" && node.contains("raw_expr")) {
    const std::vector<Token> tokens = tokens_from(text, location_of(node));
    column.generated = between_parentheses(text, tokens, 0, tokens.size());
  }
  if (type == "CONSTR_DEFAULT" && node.contains("raw_expr")) {
    const std::vector<Token> tokens = tokens_from(text, location_of(node));
    std::size_t begin = 0;
    while (begin < tokens.size() && !tokens[begin].is("default")) ++begin;
    column.default_text = cut(text, tokens, begin + 1, part_end(tokens, begin + 1, true));
    column.default_volatility = volatility_of(node.at("raw_expr"), column.default_functions);
  }
  if (const auto kind = constraint_kind(type)) {
    Constraint constraint = read_any_constraint(node, text, *kind, true);
    make_of_table(constraint, column.name);
    if (*kind == ConstraintKind::primary_key) column.not_null = column.primary_key = true;
    column.constraints.push_back(std::move(constraint));
  }
}

}  // namespace

std::string ObjectName::text() const {
  return (schema.empty() ? std::string() : quote_if_needed(schema) + ".") + quote_if_needed(name);
}

std::string list_part(const json& items, std::size_t from_end) {
  if (items.size() <= from_end) return {};
  const json& part = items.at(items.size() - 1 - from_end);
  return part.contains("String") ? part.at("String").value("sval", "") : std::string();
}

ObjectName list_name(const json& items, std::size_t skip) {
  return {list_part(items, skip + 1), list_part(items, skip)};
}

std::vector<std::string> list_strings(const json& items) {
  std::vector<std::string> strings;
  for (const json& item : items) {
    if (item.contains("String")) strings.push_back(item.at("String").value("sval", ""));
  }
  return strings;
}

ObjectName relation_name(const json& node) {
  const json& range = node.contains("RangeVar") ? node.at("RangeVar") : node;
  return {member(range, "schemaname"), member(range, "relname")};
}

std::string expression_at(std::string_view text, std::size_t offset) {
  const std::vector<Token> tokens = tokens_from(text, offset);
  return cut(text, tokens, 0, part_end(tokens, 0, true));
}

Column read_column(const json& node, std::string_view text) {
  Column column;
  column.name = member(node, "colname");
  if (node.contains("typeName")) {
    column.type = full_type_text(node.at("typeName"));
    read_serial(column);
  }
  if (node.contains("constraints")) {
    for (const json& constraint : node.at("constraints"))
      read_column_constraint(column, constraint.at("Constraint"), text);
  }
  return column;
}

Constraint read_constraint(const json& node, std::string_view text) {
  const auto kind = constraint_kind(member(node, "contype"));
  return read_any_constraint(node, text, kind.value_or(ConstraintKind::check), false);
}

}  // namespace dbtool::sql
