#include "rows/equations.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::rows {
namespace {

using nlohmann::json;

/// The column that the node is, under casts; "" where it is something else.
std::string column_of(const json& node) {
  const json* inner = &node;
  while (inner->contains("TypeCast")) inner = &inner->at("TypeCast").at("arg");
  if (!inner->contains("ColumnRef")) return "";
  const json& last = inner->at("ColumnRef").at("fields").back();
  return last.contains("String") ? sql::member(last.at("String"), "sval") : "";
}

/// Collects the columns of an expression; false where it names a whole row.
bool collect_columns(const json& node, std::set<std::string>& columns) {
  if (!node.is_structured()) return true;
  if (node.is_object() && node.contains("ColumnRef")) {
    const std::string column = column_of(node);
    columns.insert(column);
    return !column.empty();
  }
  return std::all_of(node.begin(), node.end(),
                     [&](const json& part) { return collect_columns(part, columns); });
}

/// The text on one side of the operator at `offset`, up to the parenthesis that holds both sides.
std::string side_text(std::string_view text, std::size_t offset, bool right) {
  const std::vector<sql::Token> tokens = sql::tokenize(text);
  const auto at = std::find_if(tokens.begin(), tokens.end(),
                               [&](const sql::Token& token) { return token.offset >= offset; });
  int depth = 0;
  if (right) {
    for (auto token = at; token != tokens.end(); ++token) {
      depth += token->is("(") ? 1 : token->is(")") ? -1 : 0;
      if (depth < 0) return std::string(text.substr(offset + 1, token->offset - offset - 1));
    }
    return std::string(text.substr(offset + 1));
  }
  for (auto token = at; token != tokens.begin();) {
    --token;
    depth += token->is(")") ? 1 : token->is("(") ? -1 : 0;
    if (depth < 0) return std::string(text.substr(token->end(), offset - token->end()));
  }
  return "";
}

bool is_equality(const json& operation) {
  if (sql::member(operation, "kind") != "AEXPR_OP" || !operation.contains("lexpr")) return false;
  const json& name = operation.at("name").back();
  return name.contains("String") && sql::member(name.at("String"), "sval") == "=";
}

void add(const json& column, const json& other, std::string text, std::vector<Equation>& found) {
  Equation equation{column_of(column), std::move(text), {}};
  if (equation.column.empty() || equation.expression.empty()) return;
  if (!collect_columns(other, equation.others) || equation.others.empty()) return;
  if (!equation.others.contains(equation.column)) found.push_back(std::move(equation));
}

void walk(const json& node, std::string_view text, std::vector<Equation>& found) {
  if (node.contains("BoolExpr") && sql::member(node.at("BoolExpr"), "boolop") == "AND_EXPR") {
    for (const json& part : node.at("BoolExpr").at("args")) walk(part, text, found);
  }
  if (!node.contains("A_Expr") || !is_equality(node.at("A_Expr"))) return;
  const json& operation = node.at("A_Expr");
  const auto offset = operation.at("location").get<std::size_t>();
  // `operator(other.=)` is not the equality that is meant.
  if (text.substr(offset, 1) != "=") return;
  const std::size_t before = found.size();
  add(operation.at("lexpr"), operation.at("rexpr"), side_text(text, offset, true), found);
  if (found.size() == before)
    add(operation.at("rexpr"), operation.at("lexpr"), side_text(text, offset, false), found);
}

}  // namespace

std::vector<Equation> read_equations(const std::string& expression) {
  std::vector<Equation> found;
  const std::string text = "select (" + expression + ")";
  try {
    const json tree = sql::parse_tree(text);
    if (tree.empty()) return found;
    walk(tree.at(0).at("stmt").at("SelectStmt").at("targetList").at(0).at("ResTarget").at("val"), text,
         found);
  } catch (const json::exception&) {
    found.clear();  // a form that is not known
  }
  return found;
}

}  // namespace dbtool::rows
