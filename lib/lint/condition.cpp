#include "lint/condition.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;
using sql::child;
using sql::node_of;

/// "a.b" of a ColumnRef; nullopt: no column, or a star.
struct ColumnName {
  std::string qualifier;
  std::string name;
};

std::optional<ColumnName> column_name(const json& node) {
  const json* reference = node_of(node, "ColumnRef");
  const json* fields = reference == nullptr ? nullptr : child(*reference, "fields");
  if (fields == nullptr || fields->empty() || fields->size() > 3) return std::nullopt;
  std::vector<std::string> parts;
  for (const json& field : *fields) {
    const json* text = node_of(field, "String");
    if (text == nullptr) return std::nullopt;
    parts.push_back(sql::member(*text, "sval"));
  }
  const std::string qualifier = parts.size() > 1 ? parts[parts.size() - 2] : "";
  return ColumnName{qualifier, parts.back()};
}

/// Looks at one condition for one relation.
class PinReader {
 public:
  PinReader(const std::string& alias, const Relations& relations, const Schema& schema)
      : alias_(alias), relations_(relations), schema_(schema) {}

  void read(const json& node) {
    if (const json* all = node_of(node, "BoolExpr");
        all != nullptr && sql::member(*all, "boolop") == "AND_EXPR") {
      for (const json& one : all->at("args")) read(one);
    } else if (node.is_object() && node.contains("CurrentOfExpr")) {
      pinned_.insert("ctid");
    } else if (const json* expression = node_of(node, "A_Expr")) {
      read_comparison(*expression);
    } else if (const json* link = node_of(node, "SubLink")) {
      read_link(*link);
    }
  }

  std::set<std::string> result() { return std::move(pinned_); }

 private:
  const sql::ObjectName* own_table() const {
    const auto found = relations_.find(alias_);
    return found == relations_.end() ? nullptr : &found->second;
  }

  bool has_column(const sql::ObjectName& table, const std::string& column) const {
    const TableState* state = schema_.table(table);
    return state != nullptr && state->column(column) != nullptr;
  }

  bool is_own(const ColumnName& column) const {
    if (!column.qualifier.empty()) return column.qualifier == alias_;
    const sql::ObjectName* table = own_table();
    if (column.name == "ctid" || (table != nullptr && has_column(*table, column.name))) return true;
    const TableState* state = table == nullptr ? nullptr : schema_.table(*table);
    return (state == nullptr || !state->columns_known) && relations_.size() == 1;
  }

  /// The name of no relation is a variable's, or that of a query further out.
  bool is_of_many_rows(const ColumnName& column) const {
    if (!column.qualifier.empty()) {
      const auto found = relations_.find(column.qualifier);
      return found != relations_.end() && !found->second.empty();
    }
    return std::any_of(relations_.begin(), relations_.end(), [&](const auto& relation) {
      return !relation.second.empty() && has_column(relation.second, column.name);
    });
  }

  /// Whether an expression has the same few values for all rows. A query inside gives one value.
  bool is_bound(const json& node) const {
    if (const auto column = column_name(node)) return !is_of_many_rows(*column) && !is_own(*column);
    if (!node.is_structured()) return true;
    if (const json* link = node_of(node, "SubLink")) return is_few(*link);
    return std::all_of(node.begin(), node.end(), [this](const json& one) { return is_bound(one); });
  }

  /// A scalar query gives one value; others few when they are limited or read no table.
  static bool is_few(const json& link) {
    if (sql::member(link, "subLinkType") == "EXPR_SUBLINK") return true;
    const json* select = node_of(link.at("subselect"), "SelectStmt");
    return select != nullptr &&
           (select->contains("limitCount") || select->dump().find("\"RangeVar\"") == std::string::npos);
  }

  void pin(const json& side, const json& other) {
    const json* row = node_of(side, "RowExpr");
    const json* other_row = node_of(other, "RowExpr");
    if (row != nullptr && row->contains("args")) {
      const json& columns = row->at("args");
      const bool pairs = other_row != nullptr && other_row->contains("args") &&
                         other_row->at("args").size() == columns.size();
      for (std::size_t i = 0; i < columns.size(); ++i)
        pin(columns[i], pairs ? other_row->at("args")[i] : other);
      return;
    }
    const auto column = column_name(side);
    if (column && is_own(*column) && is_bound(other)) pinned_.insert(column->name);
  }

  void read_comparison(const json& expression) {
    const std::string kind = sql::member(expression, "kind");
    const json* name = child(expression, "name");
    const json* left = child(expression, "lexpr");
    const json* right = child(expression, "rexpr");
    if (name == nullptr || left == nullptr || right == nullptr) return;
    const json* text = name->empty() ? nullptr : node_of(name->back(), "String");
    if (text == nullptr || sql::member(*text, "sval") != "=") return;
    if (kind != "AEXPR_OP" && kind != "AEXPR_IN" && kind != "AEXPR_OP_ANY") return;
    pin(*left, *right);
    if (kind == "AEXPR_OP") pin(*right, *left);
  }

  /// `x in (select …)`
  void read_link(const json& link) {
    if (sql::member(link, "subLinkType") != "ANY_SUBLINK" || !link.contains("testexpr") || !is_few(link))
      return;
    static const json constant = json::object();
    pin(link.at("testexpr"), constant);
  }

  const std::string& alias_;
  const Relations& relations_;
  const Schema& schema_;
  std::set<std::string> pinned_;
};

}  // namespace

std::set<std::string> pinned_columns(const json& condition, const std::string& alias,
                                     const Relations& relations, const Schema& schema) {
  PinReader reader(alias, relations, schema);
  reader.read(condition);
  return reader.result();
}

bool is_key_lookup(const std::set<std::string>& columns, const sql::ObjectName& table, const Schema& schema) {
  if (columns.contains("ctid")) return true;
  const TableState* state = schema.table(table);
  if (state == nullptr) return !columns.empty();
  const std::vector<const IndexState*> indexes = schema.indexes_of(table);
  return std::any_of(indexes.begin(), indexes.end(), [&](const IndexState* index) {
    return !index->columns.empty() && columns.contains(index->columns.front());
  });
}

}  // namespace dbtool::lint
