#include "lint/repeatable.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "sql/definition.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;
using sql::child;
using sql::node_of;
using sql::ObjectName;

/// Calls `visit` for every object of a tree until one answers true.
template <class Visit>
bool any_node(const json& tree, const Visit& visit) {
  std::vector<const json*> open{&tree};
  while (!open.empty()) {
    const json& one = *open.back();
    open.pop_back();
    if (!one.is_structured()) continue;
    if (one.is_object() && visit(one)) return true;
    for (const json& inner : one) open.push_back(&inner);
  }
  return false;
}

std::string last_field(const json& reference) {
  const json& fields = reference.at("fields");
  return fields.empty() ? "" : sql::list_part(fields, 0);
}

class RepeatReader {
 public:
  RepeatReader(const ObjectName& walked, const Schema& schema) : walked_(walked), schema_(schema) {}

  std::optional<Unrepeatable> read(const json& statement) {
    any_node(statement, [&](const json& node) {
      if (const json* with = node_of(node, "CommonTableExpr"))
        with_[sql::member(*with, "ctename")] = &with->at("ctequery");
      return false;
    });
    takes_away_ = any_node(statement, [&](const json& node) {
      for (const char* kind : {"DeleteStmt", "UpdateStmt"}) {
        const json* change = node_of(node, kind);
        if (change != nullptr && sql::relation_name(change->at("relation")) == walked_) return true;
      }
      return false;
    });
    std::optional<Unrepeatable> found;
    any_node(statement, [&](const json& node) {
      if (const json* insert = node_of(node, "InsertStmt")) found = of_insert(*insert);
      if (const json* update = node_of(node, "UpdateStmt")) found = of_update(*update);
      return found.has_value();
    });
    return found;
  }

 private:
  static Unrepeatable fault(Unrepeatable::Cause cause, const json& relation, std::string column = {}) {
    return {cause, sql::relation_name(relation), static_cast<std::size_t>(relation.value("location", 0)),
            std::move(column)};
  }

  std::optional<Unrepeatable> of_insert(const json& insert) const {
    const json& relation = insert.at("relation");
    const ObjectName target = sql::relation_name(relation);
    if (schema_.is_temporary(target)) return std::nullopt;
    const json* conflict = child(insert, "onConflictClause");
    if (conflict == nullptr) {
      const json* source = child(insert, "selectStmt");
      if (takes_away_ || (source != nullptr && leaves_out(*source, target))) return std::nullopt;
      return fault(Unrepeatable::Cause::inserts_again, relation);
    }
    if (!takes_away_ && has_no_unique_index(target))
      return fault(Unrepeatable::Cause::never_conflicts, relation);
    const json* targets = child(*conflict, "targetList");
    if (targets == nullptr || conflict->contains("whereClause")) return std::nullopt;
    const std::string column = added_column(*targets, target);
    if (column.empty()) return std::nullopt;
    return fault(Unrepeatable::Cause::adds_again, relation, column);
  }

  std::optional<Unrepeatable> of_update(const json& update) const {
    const json* condition = child(update, "whereClause");
    if (condition != nullptr && !is_range_alone(*condition)) return std::nullopt;
    const json& relation = update.at("relation");
    const std::string column = added_column(update.at("targetList"), sql::relation_name(relation));
    if (column.empty()) return std::nullopt;
    return fault(Unrepeatable::Cause::adds_again, relation, column);
  }

  /// In the parsed text a range is a constant.
  static bool is_range_alone(const json& condition) {
    if (condition.contains("A_Const")) return true;
    const json* all = node_of(condition, "BoolExpr");
    if (all == nullptr || sql::member(*all, "boolop") != "AND_EXPR") return false;
    const json& terms = all->at("args");
    return std::all_of(terms.begin(), terms.end(), is_range_alone);
  }

  bool has_no_unique_index(const ObjectName& target) const {
    const TableState* table = schema_.table(target);
    if (table == nullptr || !table->columns_known || table->partitioned) return false;
    const auto indexes = schema_.indexes_of(target);
    const bool constrained =
        std::any_of(table->constraints.begin(), table->constraints.end(), [](const ConstraintState& one) {
          return one.definition.kind == sql::ConstraintKind::primary_key ||
                 one.definition.kind == sql::ConstraintKind::unique ||
                 one.definition.kind == sql::ConstraintKind::exclusion;
        });
    return !constrained && std::none_of(indexes.begin(), indexes.end(),
                                        [](const IndexState* index) { return index->unique; });
  }

  /// `not exists (select from target …)`, `not in`, `left join target … where … is null`, `except select …
  /// from target`; the target may stand behind a `with` name.
  bool leaves_out(const json& source, const ObjectName& target) const {
    return any_node(source,
                    [&](const json& node) {
                      if (const json* negated = node_of(node, "BoolExpr");
                          negated != nullptr && sql::member(*negated, "boolop") == "NOT_EXPR")
                        return any_node(*negated,
                                        [](const json& inner) { return inner.contains("SubLink"); }) &&
                               reads(*negated, target);
                      if (const json* link = node_of(node, "SubLink"))
                        return sql::member(*link, "subLinkType") == "ALL_SUBLINK" && reads(*link, target);
                      if (const json* join = node_of(node, "JoinExpr"))
                        return sql::member(*join, "jointype") != "JOIN_INNER" && reads(*join, target) &&
                               asks_for_null(source);
                      return sql::member(node, "op") == "SETOP_EXCEPT" && reads(node.at("rarg"), target);
                    }) ||
           any_with(source, [&](const json& query) { return leaves_out(query, target); });
  }

  template <class Ask>
  bool any_with(const json& tree, const Ask& ask) const {
    return any_node(tree, [&](const json& node) {
      const json* relation = node_of(node, "RangeVar");
      const auto with = relation == nullptr ? with_.end() : with_.find(sql::member(*relation, "relname"));
      if (with == with_.end() || depth_ > 8) return false;
      ++depth_;
      const bool answer = ask(*with->second);
      --depth_;
      return answer;
    });
  }

  bool reads(const json& tree, const ObjectName& target) const {
    const bool itself = any_node(tree, [&](const json& node) {
      return node.contains("RangeVar") && sql::relation_name(node) == target;
    });
    return itself || any_with(tree, [&](const json& query) { return reads(query, target); });
  }

  static bool asks_for_null(const json& source) {
    return any_node(source, [](const json& node) {
      const json* test = node_of(node, "NullTest");
      return test != nullptr && sql::member(*test, "nulltesttype") == "IS_NULL";
    });
  }

  /// The column that is made from its own value by a sign that adds up; "": none.
  std::string added_column(const json& targets, const ObjectName& target) const {
    for (const json& item : targets) {
      const json* set = node_of(item, "ResTarget");
      if (set == nullptr || !set->contains("val")) continue;
      std::string column = sql::member(*set, "name");
      if (adds_up(set->at("val"), column, target)) return column;
    }
    return "";
  }

  bool adds_up(const json& value, const std::string& column, const ObjectName& target) const {
    const json* sign = node_of(value, "A_Expr");
    if (sign == nullptr || sql::member(*sign, "kind") != "AEXPR_OP") return false;
    const std::string name = sql::list_part(sign->at("name"), 0);
    const ColumnState* state = schema_.column(target, column);
    const bool text = state != nullptr && (state->type == "text" || state->type.starts_with("character"));
    const bool adds = name == "+" || name == "-" || name == "*" || name == "/" || (name == "||" && text);
    return adds && any_node(*sign, [&](const json& node) {
             const json* reference = node_of(node, "ColumnRef");
             return reference != nullptr && last_field(*reference) == column && !is_excluded(*reference);
           });
  }

  static bool is_excluded(const json& reference) {
    const json& fields = reference.at("fields");
    return fields.size() > 1 && fields.at(0).contains("String") &&
           fields.at(0).at("String").value("sval", "") == "excluded";
  }

  const ObjectName& walked_;
  const Schema& schema_;
  bool takes_away_ = false;
  std::map<std::string, const json*, std::less<>> with_;
  mutable int depth_ = 0;  ///< a recursive `with` reads itself
};

}  // namespace

std::optional<Unrepeatable> unrepeatable(const json& statement, const ObjectName& walked,
                                         const Schema& schema) {
  try {
    return RepeatReader(walked, schema).read(statement);
  } catch (const json::exception&) {
    return std::nullopt;  // a form that is not known here: no claim
  }
}

std::string with_conflict_clause(std::string_view text, std::size_t offset, std::string_view clause) {
  const std::vector<sql::Token> tokens = sql::tokenize(text);
  std::size_t end = tokens.empty() ? text.size() : tokens.back().end();
  int depth = 0;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    const sql::Token& token = tokens[i];
    if (token.offset < offset) continue;
    if (token.is("(")) ++depth;
    const bool closes = token.is(")") && depth-- == 0;
    if (closes || (depth == 0 && (token.is("returning") || token.is(";")))) {
      end = tokens[i - 1].end();
      break;
    }
  }
  std::string result(text);
  const char* gap = text.find('\n') == std::string_view::npos ? " " : "\n";
  return result.insert(end, gap + std::string(clause));
}

}  // namespace dbtool::lint
