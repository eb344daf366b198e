#include "lint/whole_change.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "lint/condition.h"
#include "sql/definition.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;
using sql::child;
using sql::node_of;
using sql::ObjectName;

bool is_system(const ObjectName& table) {
  return table.schema == "pg_catalog" || table.schema == "information_schema" ||
         (table.schema.empty() && table.name.starts_with("pg_"));
}

/// Reads one statement for the tables that it walks from end to end.
class WalkReader {
 public:
  explicit WalkReader(const Context& context) : context_(context) {}

  /// Of a query; nullopt: it reads few rows.
  std::optional<ObjectName> query(const json& node) {
    const json* select = node_of(node, "SelectStmt");
    return select == nullptr ? std::nullopt : of_select(*select);
  }

  /// Of an update, delete or merge: whether its target is walked.
  bool target_walked(const json& node, const ObjectName& target, const char* others) {
    read_with(node);
    Relations relations;
    std::vector<const json*> conditions;
    if (const json* from = child(node, others)) {
      if (from->is_array())
        for (const json& item : *from) read_from(item, relations, conditions);
      else
        read_from(*from, relations, conditions);
    }
    const std::string alias = alias_of(node.at("relation"));
    relations[alias] = target;
    for (const char* name : {"whereClause", "joinCondition"}) {
      if (const json* condition = child(node, name)) conditions.push_back(condition);
    }
    return !is_pinned(alias, target, relations, conditions);
  }

  void read_with(const json& node) {
    const json* clause = child(node, "withClause");
    if (clause == nullptr) return;
    for (const json& item : clause->at("ctes")) {
      const json& table = item.at("CommonTableExpr");
      const std::string name = sql::member(table, "ctename");
      with_[name] = {};  // a recursive one reads itself
      const json& inner = table.at("ctequery");
      with_[name] = inner.contains("SelectStmt") ? query(inner).value_or(ObjectName{}) : ObjectName{};
    }
  }

 private:
  static std::string alias_of(const json& relation) {
    if (const json* alias = child(relation, "alias")) {
      const json* inner = node_of(*alias, "Alias");
      return sql::member(inner == nullptr ? *alias : *inner, "aliasname");
    }
    return sql::member(relation, "relname");
  }

  bool is_pinned(const std::string& alias, const ObjectName& table, const Relations& relations,
                 const std::vector<const json*>& conditions) const {
    std::set<std::string> columns;
    for (const json* condition : conditions)
      columns.merge(pinned_columns(*condition, alias, relations, context_.schema));
    return is_key_lookup(columns, table, context_.schema);
  }

  /// Adds what stands in a `from`: few-row relations with an empty name.
  void read_from(const json& item, Relations& relations, std::vector<const json*>& conditions) {
    if (const json* table = node_of(item, "RangeVar")) {
      const ObjectName name = sql::relation_name(item);
      const auto with = name.schema.empty() ? with_.find(name.name) : with_.end();
      if (with != with_.end())
        relations[alias_of(*table)] = with->second;
      else
        relations[alias_of(*table)] = context_.matters(name) && !is_system(name) ? name : ObjectName{};
    } else if (const json* join = node_of(item, "JoinExpr")) {
      for (const char* side : {"larg", "rarg"}) {
        if (const json* arm = child(*join, side)) read_from(*arm, relations, conditions);
      }
      if (const json* on = child(*join, "quals");
          on != nullptr && sql::member(*join, "jointype") == "JOIN_INNER")
        conditions.push_back(on);
    } else if (const json* inner = node_of(item, "RangeSubselect")) {
      const std::string alias = inner->contains("alias") ? alias_of(*inner) : "";
      relations[alias] = query(inner->at("subquery")).value_or(ObjectName{});
    } else if (item.is_object()) {
      relations["*" + std::to_string(relations.size())] = {};
    }
  }

  std::optional<ObjectName> of_select(const json& select) {
    read_with(select);
    if (select.contains("valuesLists") || select.contains("limitCount") || makes_one_row(select))
      return std::nullopt;
    if (select.contains("larg")) {
      const auto left = of_select(select.at("larg"));
      const auto right = of_select(select.at("rarg"));
      return left && right ? larger(*left, *right) : left ? left : right;
    }
    const json* from = child(select, "fromClause");
    if (from == nullptr) return std::nullopt;
    Relations relations;
    std::vector<const json*> conditions;
    for (const json& item : *from) read_from(item, relations, conditions);
    if (const json* where = child(select, "whereClause")) conditions.push_back(where);
    std::optional<ObjectName> walked;
    for (const auto& [alias, table] : relations) {
      if (table.empty()) continue;
      if (is_pinned(alias, table, relations, conditions)) return std::nullopt;
      walked = walked ? larger(*walked, table) : table;
    }
    return walked;
  }

  ObjectName larger(const ObjectName& a, const ObjectName& b) const {
    const TableSize* size_a = context_.size(a);
    const TableSize* size_b = context_.size(b);
    return size_b != nullptr && (size_a == nullptr || size_b->rows > size_a->rows) ? b : a;
  }

  const Context& context_;
  std::map<std::string, ObjectName, std::less<>> with_;
};

/// Collects what one statement changes.
class ChangeReader {
 public:
  explicit ChangeReader(const Context& context) : context_(context) {}

  void read(const json& node) {
    for (const auto& [kind, content] : node.items()) {
      if (kind == "UpdateStmt") read_rows(content, Change::update, "fromClause");
      if (kind == "DeleteStmt") read_rows(content, Change::remove, "usingClause");
      if (kind == "MergeStmt") read_rows(content, Change::merge, "sourceRelation");
      if (kind == "InsertStmt") read_insert(content);
      if (kind == "CreateTableAsStmt") read_table(content);
      if (kind == "SelectStmt") read_query(node, content);
    }
  }

  std::vector<WholeChange> result() { return std::move(changes_); }

 private:
  void read_inner(const json& content) {
    const json* with = child(content, "withClause");
    if (with == nullptr) return;
    for (const json& item : with->at("ctes")) {
      const json& inner = item.at("CommonTableExpr").at("ctequery");
      if (!inner.contains("SelectStmt")) read(inner);
    }
  }

  void read_rows(const json& content, Change change, const char* others) {
    read_inner(content);
    const ObjectName target = sql::relation_name(content.at("relation"));
    if (is_system(target)) return;
    if (context_.matters(target) && WalkReader(context_).target_walked(content, target, others)) {
      changes_.push_back({change, target, target, {}, content.contains("whereClause")});
    } else if (change == Change::merge) {
      const json from = {{"SelectStmt", {{"fromClause", {content.at("sourceRelation")}}}}};
      add_copy(from, content, Change::merge, target);
    }
  }

  void read_insert(const json& content) {
    read_inner(content);
    if (const json* source = child(content, "selectStmt"))
      add_copy(*source, content, Change::copy, sql::relation_name(content.at("relation")));
  }

  void add_copy(const json& source, const json& content, Change change, const ObjectName& target) {
    WalkReader reader(context_);
    reader.read_with(content);
    const auto walked = reader.query(source);
    const json* select = node_of(source, "SelectStmt");
    if (walked)
      changes_.push_back({change, target, *walked, {}, select != nullptr && select->contains("whereClause")});
  }

  void read_table(const json& content) {
    if (sql::member(content, "objtype") != "OBJECT_TABLE" || content.at("into").value("skipData", false))
      return;
    add_made(content.at("query"), content.at("into"));
  }

  /// A temporary table of some rows is an aid; one of all rows is a copy.
  void add_made(const json& query, const json& into) {
    const json& relation = into.at("rel");
    const auto walked = WalkReader(context_).query(query);
    const json* select = node_of(query, "SelectStmt");
    const bool has_where = select != nullptr && select->contains("whereClause");
    const bool temporary = sql::member(relation, "relpersistence") == "t";
    if (walked && !(temporary && has_where))
      changes_.push_back({Change::make_table, sql::relation_name(relation), *walked, {}, has_where});
  }

  void read_query(const json& node, const json& content) {
    read_inner(content);
    if (const json* into = child(content, "intoClause")) return add_made(node, *into);
    if (!content.contains("targetList")) return;
    std::string writer;
    for (const std::string& function : sql::called_functions(content.at("targetList"))) {
      if (is_known_writer(function, context_)) writer = function;
    }
    if (writer.empty()) return;
    if (const auto walked = WalkReader(context_).query(node))
      changes_.push_back({Change::call, {}, *walked, writer, content.contains("whereClause")});
  }

 private:
  const Context& context_;
  std::vector<WholeChange> changes_;
};

bool is_write(const sql::Action& action) {
  return action.kind == sql::ActionKind::insert_rows || action.kind == sql::ActionKind::update_rows ||
         action.kind == sql::ActionKind::delete_rows || action.kind == sql::ActionKind::merge_rows;
}

}  // namespace

std::vector<WholeChange> whole_changes(const Statement& statement, const Context& context) {
  if (!statement.parsed) return {};
  try {
    ChangeReader reader(context);
    reader.read(*statement.tree);
    return reader.result();
  } catch (const json::exception&) {
    return {};  // a form that is not known here: no claim
  }
}

std::optional<ObjectName> walked_by(const json& query, const Context& context) {
  try {
    return WalkReader(context).query(query);
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::optional<ObjectName> walked_by(const Statement& query, const Context& context) {
  return query.parsed ? walked_by(*query.tree, context) : std::nullopt;
}

bool makes_one_row(const json& select) {
  static const std::set<std::string, std::less<>> aggregates = {
      "count",           "sum",       "min",        "max",      "avg",       "bool_and",
      "bool_or",         "array_agg", "string_agg", "json_agg", "jsonb_agg", "jsonb_object_agg",
      "json_object_agg", "every"};
  const json* targets = child(select, "targetList");
  if (targets == nullptr || select.contains("groupClause")) return false;
  std::vector<const json*> open{targets};
  while (!open.empty()) {
    const json& one = *open.back();
    open.pop_back();
    if (!one.is_structured() || (one.is_object() && one.contains("SubLink"))) continue;
    const json* call = node_of(one, "FuncCall");
    if (call != nullptr && !call->contains("over") && call->contains("funcname") &&
        aggregates.contains(sql::list_part(call->at("funcname"), 0)))
      return true;
    for (const json& inner : one) open.push_back(&inner);
  }
  return false;
}

bool is_known_writer(const std::string& function, const Context& context) {
  const auto method = context.writers.find(function);
  if (method != context.writers.end() && !method->second.empty()) return true;
  return std::any_of(context.script.statements.begin(), context.script.statements.end(),
                     [&](const Statement& one) {
                       return one.part == Part::function && one.function == function &&
                              std::any_of(one.actions.begin(), one.actions.end(), is_write);
                     });
}

}  // namespace dbtool::lint
