#include "lint/online_yaml.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "lint/clauses.h"
#include "lint/safe_way.h"
#include "sql/definition.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;
using sql::child;
using sql::node_of;
using sql::ObjectName;

/// The texts of one declaration.
struct Parts {
  std::string batch;
  std::string complete;
  std::string source{};  ///< of `verify`; empty: none
  std::string copy{};
};

/// The name that a statement gives a table: its alias, or the table's own.
std::string alias_in(const json& node, const ObjectName& table) {
  std::vector<const json*> open{&node};
  while (!open.empty()) {
    const json& one = *open.back();
    open.pop_back();
    if (!one.is_structured()) continue;
    if (one.is_object() && one.contains("relname") && sql::relation_name(one) == table) {
      const json* alias = child(one, "alias");
      return alias == nullptr ? table.name : sql::member(*alias, "aliasname");
    }
    for (const json& inner : one) open.push_back(&inner);
  }
  return table.name;
}

std::string bracketed(std::string_view condition) {
  return condition.find(" or ") == std::string_view::npos ? std::string(condition)
                                                          : "(" + std::string(condition) + ")";
}

std::string from_text(const ObjectName& table, const std::string& alias) {
  return table.text() + (alias == table.name ? "" : " " + sql::quote_if_needed(alias));
}

/// Text of a list element: from its location to that of the next one, or to the end given.
std::vector<std::string> element_texts(const json& list, const char* kind, std::string_view text,
                                       std::size_t end) {
  std::vector<std::size_t> begins;
  for (const json& item : list) {
    const json* element = node_of(item, kind);
    begins.push_back(element == nullptr ? end : static_cast<std::size_t>(element->value("location", 0)));
  }
  begins.push_back(end);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + 1 < begins.size(); ++i) {
    std::string_view part = begins[i] < begins[i + 1] && begins[i] < text.size()
                                ? trim(text.substr(begins[i], begins[i + 1] - begins[i]))
                                : std::string_view();
    if (part.ends_with(',')) part = trim(part.substr(0, part.size() - 1));
    texts.emplace_back(part);
  }
  return texts;
}

// -- update and delete --------------------------------------------------------------------------------------

/// "a is distinct from (1)" for every assignment: what is still to be done. Empty where a column's new value
/// comes from its old one: then nothing tells done rows from others.
std::string still_to_do(const json& update, const Clauses& clauses) {
  std::vector<std::string> conditions;
  const std::vector<std::string> texts =
      element_texts(update.at("targetList"), "ResTarget", clauses.head, clauses.head.size());
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || update.contains("fromClause") || text.starts_with('(')) return "";
    const std::string column(trim(std::string_view(text).substr(0, equals)));
    const std::string value(trim(std::string_view(text).substr(equals + 1)));
    const bool fixed = value.find('(') == std::string::npos && value.find("current_") == std::string::npos;
    if (!fixed || value.find(column) != std::string::npos) return "";
    conditions.push_back(column + " is distinct from " +
                         (value.find(' ') == std::string::npos ? value : "(" + value + ")"));
  }
  return join(conditions, " or ");
}

Parts of_rows(const Statement& statement, const json& node, const WholeChange& change) {
  const Clauses clauses = cut_clauses(statement.text);
  const std::string alias = alias_in(node.at("relation"), change.walked);
  const bool plain =
      alias == change.walked.name && !node.contains("fromClause") && !node.contains("usingClause");
  std::string condition = clauses.where;
  if (condition.empty() && change.change == Change::update) condition = still_to_do(node, clauses);
  Parts parts;
  parts.batch = clauses.head + "\nwhere " + (plain ? "$range$" : "$range:" + alias + "$");
  if (!condition.empty()) parts.batch += "\n  and " + bracketed(condition);
  const bool joined = node.contains("fromClause") || node.contains("usingClause");
  const bool unknown = joined || (condition.empty() && change.change == Change::update);
  parts.complete = "select not exists (select from " + from_text(change.walked, alias) +
                   (unknown             ? " where …"
                    : condition.empty() ? ""
                                        : " where " + condition) +
                   ")";
  return parts;
}

// -- insert … select ----------------------------------------------------------------------------------------

bool is_simple(const json& select) {
  for (const char* part : {"larg", "withClause", "groupClause", "distinctClause", "havingClause",
                           "windowClause", "limitCount", "limitOffset"}) {
    if (select.contains(part)) return false;
  }
  return select.contains("fromClause");
}

/// "t.id = e.key": how a row of the copy is found from one of the source; empty where the statement does not
/// tell.
std::string copy_of_row(const Statement& statement, const json& insert, const std::vector<std::string>& key) {
  const json& select = insert.at("selectStmt").at("SelectStmt");
  const json* columns = child(insert, "cols");
  const json* targets = child(select, "targetList");
  if (columns == nullptr || targets == nullptr || columns->size() != targets->size() || key.empty())
    return "";
  const std::size_t from = cut_clauses(statement.text).head.rfind("from");
  if (from == std::string::npos) return "";
  const auto values = element_texts(*targets, "ResTarget", statement.text, from);
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string column = sql::member(columns->at(i).at("ResTarget"), "name");
    if (std::find(key.begin(), key.end(), column) == key.end()) continue;
    if (targets->at(i).at("ResTarget").contains("name") || values[i].empty()) return "";
    conditions.push_back("t." + sql::quote_if_needed(column) + " = " + values[i]);
  }
  return conditions.size() == key.size() ? join(conditions, " and ") : "";
}

Parts of_copy(const Statement& statement, const json& insert, const WholeChange& change,
              const Schema& schema) {
  const Clauses clauses = cut_clauses(statement.text);
  const std::string alias = alias_in(insert.at("selectStmt"), change.walked);
  const std::vector<std::string> key = walkable_key(schema, change.target);
  Parts parts;
  parts.batch = clauses.head + "\nwhere $range:" + alias + "$";
  if (!clauses.where.empty()) parts.batch += "\n  and " + bracketed(clauses.where);
  parts.batch +=
      "\nfor update of " + sql::quote_if_needed(alias) + "\n" +
      (clauses.conflict.empty() ? "on conflict " + (key.empty() ? "" : column_list(key) + " ") + "do nothing"
                                : clauses.conflict);
  const std::string row = copy_of_row(statement, insert, key);
  const std::string condition = clauses.where.empty() ? "" : bracketed(clauses.where) + " and ";
  const std::string from = from_text(change.walked, alias);
  parts.complete = "select not exists (select from " + from + " where " + condition +
                   "not exists (select from " + change.target.text() + " t where " +
                   (row.empty() ? "…" : row) + "))";
  if (row.empty() || insert.at("selectStmt").at("SelectStmt").at("fromClause").size() > 1) return parts;
  parts.source = "select count(*) from " + from + " where " + condition + "$range:" + alias + "$";
  parts.copy = "select count(*) from " + from + " join " + change.target.text() + " t on " + row + " where " +
               condition + "$range:" + alias + "$";
  return parts;
}

// -- everything else ----------------------------------------------------------------------------------------

Parts of_anything(const WholeChange& change, const Schema& schema) {
  const std::string source = change.walked.text() + " s";
  if (change.change == Change::call) {
    return {"select " + change.function + "(…)\nfrom " + source + "\nwhere $range:s$\nfor update of s",
            "select not exists (select from " + source + " where …)"};
  }
  const std::vector<std::string> key = walkable_key(schema, change.target);
  const std::string target = change.target.text();
  return {"insert into " + target + " (…)\nselect …\nfrom " + source +
              "\nwhere $range:s$\nfor update of s\non conflict " +
              (key.empty() ? "" : column_list(key) + " ") + "do nothing",
          "select not exists (select from " + source + " where not exists (select from " + target +
              " t where …))"};
}

Parts parts_of(const Statement& statement, const WholeChange& change, const Context& context) {
  try {
    const json& tree = *statement.tree;
    for (const char* kind : {"UpdateStmt", "DeleteStmt"}) {
      const json* node = node_of(tree, kind);
      if (node != nullptr && !node->contains("withClause")) return of_rows(statement, *node, change);
    }
    const json* insert = node_of(tree, "InsertStmt");
    if (insert != nullptr && !insert->contains("withClause") &&
        is_simple(insert->at("selectStmt").at("SelectStmt")))
      return of_copy(statement, *insert, change, context.schema);
  } catch (const json::exception&) {
    // A form that is not known here: the general one.
  }
  return of_anything(change, context.schema);
}

/// A query on one line, unless it holds what YAML would not take there.
std::string entry(const std::string& key, const std::string& sql) {
  const bool plain = sql.find('\n') == std::string::npos && sql.find(": ") == std::string::npos &&
                     sql.find(" #") == std::string::npos;
  return key + (plain ? ": " + sql + "\n" : ": |-\n" + moved_right(sql, key.find_first_not_of(' ') + 2));
}

}  // namespace

std::vector<std::string> walkable_key(const Schema& schema, const ObjectName& table) {
  const TableState* state = schema.table(table);
  if (state == nullptr) return {};
  for (const ConstraintState& one : state->constraints) {
    if (one.definition.kind == sql::ConstraintKind::primary_key) return one.definition.columns;
  }
  for (const IndexState* index : schema.indexes_of(table)) {
    const bool plain =
        std::all_of(index->columns.begin(), index->columns.end(), [&](const std::string& column) {
          return !column.empty() && is_proved_not_null(schema, table, column);
        });
    if (index->unique && !index->partial && plain) return index->columns;
  }
  return {};
}

std::string online_yaml(const Statement& statement, const WholeChange& change, const Context& context) {
  const Parts parts = parts_of(statement, change, context);
  const std::vector<std::string> key = walkable_key(context.schema, change.walked);
  std::string yaml = std::string("online:\n  ") + (context.is_upgrade() ? "migration" : "downgrade") + ":\n";
  yaml += "    table: " + change.walked.key() + "\n";
  yaml += "    key: [" + (key.empty() ? "…" : join(key, ", ")) + "]\n";
  yaml += "    batch: |-\n" + moved_right(parts.batch, 6);
  yaml += entry("    complete", parts.complete);
  if (!parts.source.empty())
    yaml += "    verify:\n" + entry("      source", parts.source) + entry("      copy", parts.copy);
  return yaml;
}

}  // namespace dbtool::lint
