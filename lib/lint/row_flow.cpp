#include "lint/row_flow.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "lint/declared_batch.h"
#include "lint/whole_change.h"
#include "sql/definition.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;
using sql::child;
using sql::node_of;
using sql::Token;

std::string alias_of(const json& item) {
  if (const json* alias = child(item, "alias")) return sql::member(*alias, "aliasname");
  return sql::member(item, "relname");
}

/// Which tables of a query its locking clauses hold.
struct Held {
  bool all = false;
  std::set<std::string> aliases{};
  bool has(const std::string& alias) const { return all || aliases.contains(alias); }
};

/// `for key share` lets others change all but the key.
Held held_by(const json& select, bool from_outside) {
  Held held;
  held.all = from_outside;
  const json* clauses = child(select, "lockingClause");
  if (clauses == nullptr) return held;
  for (const json& item : *clauses) {
    const json& clause = item.at("LockingClause");
    if (sql::member(clause, "strength") == "LCS_FORKEYSHARE") continue;
    const json* named = child(clause, "lockedRels");
    if (named == nullptr) held.all = true;
    for (const json& relation : named == nullptr ? json::array() : *named)
      held.aliases.insert(sql::member(relation.at("RangeVar"), "relname"));
  }
  return held;
}

class FlowReader {
 public:
  explicit FlowReader(const sql::ObjectName& table) : table_(table) {}

  void read(const json& node) {
    for (const auto& [kind, content] : node.items()) {
      read_with(content);
      if (kind == "InsertStmt") {
        if (const json* source = child(content, "selectStmt")) flow(*source, false);
      } else if (kind == "UpdateStmt") {
        read_update(content);
      } else if (kind == "MergeStmt") {
        read_item(content.at("sourceRelation"), {}, false);
      }
    }
  }

  std::optional<UnlockedRead> result() {
    if (found_) found_->locked_elsewhere = locks_;
    return found_;
  }

 private:
  void read_with(const json& content) {
    const json* clause = child(content, "withClause");
    if (clause == nullptr) return;
    for (const json& item : clause->at("ctes")) {
      const json& one = item.at("CommonTableExpr");
      const json& query = one.at("ctequery");
      with_[sql::member(one, "ctename")] = &query;
      if (const json* select = node_of(query, "SelectStmt"))
        note_locks(*select);
      else
        read(query);
    }
  }

  /// Of a query that nothing may flow from.
  void note_locks(const json& select) {
    const json* from = child(select, "fromClause");
    if (from == nullptr) return;
    const Held held = held_by(select, false);
    for (const json& item : *from) {
      const json* relation = node_of(item, "RangeVar");
      if (relation != nullptr && sql::relation_name(item) == table_ && held.has(alias_of(*relation)))
        locks_ = true;
    }
  }

  /// Rows that are changed in place are locked by that.
  void read_update(const json& update) {
    if (sql::relation_name(update.at("relation")) == table_) return;
    read_items(child(update, "fromClause"), {}, false);
    for (const json* link : sublinks(update.at("targetList"))) flow(link->at("subselect"), false);
  }

  static std::vector<const json*> sublinks(const json& targets) {
    std::vector<const json*> found;
    std::vector<const json*> open{&targets};
    while (!open.empty()) {
      const json& one = *open.back();
      open.pop_back();
      if (!one.is_structured()) continue;
      const json* link = one.is_object() ? node_of(one, "SubLink") : nullptr;
      if (link != nullptr && sql::member(*link, "subLinkType") != "EXISTS_SUBLINK") found.push_back(link);
      for (const json& inner : one) open.push_back(&inner);
    }
    return found;
  }

  /// The rows of a query ({"SelectStmt": …}) go on. `held`: a clause outside of it holds all that it reads.
  void flow(const json& node, bool held) {
    if (const json* select = node_of(node, "SelectStmt")) flow_select(*select, held, true);
  }

  /// An arm of a union takes no locking clause.
  void flow_select(const json& select, bool outer, bool alone) {
    read_with(select);
    for (const char* arm : {"larg", "rarg"}) {
      if (const json* query = child(select, arm)) flow_select(*query, outer, false);
    }
    const bool takes_lock = alone && !select.contains("groupClause") && !select.contains("distinctClause") &&
                            !select.contains("havingClause") && !makes_one_row(select);
    read_items(child(select, "fromClause"), held_by(select, outer), takes_lock);
  }

  void read_items(const json* items, const Held& held, bool takes_lock) {
    for (const json& item : items == nullptr ? json::array() : *items) read_item(item, held, takes_lock);
  }

  void read_item(const json& item, const Held& held, bool takes_lock) {
    if (const json* join = node_of(item, "JoinExpr")) {
      read_item(join->at("larg"), held, takes_lock);
      read_item(join->at("rarg"), held, takes_lock);
    } else if (const json* inner = node_of(item, "RangeSubselect")) {
      flow(inner->at("subquery"), held.has(alias_of(*inner)));
    } else if (const json* relation = node_of(item, "RangeVar")) {
      read_relation(item, *relation, held, takes_lock);
    }
  }

  void read_relation(const json& item, const json& relation, const Held& held, bool takes_lock) {
    const sql::ObjectName name = sql::relation_name(item);
    const auto with = name.schema.empty() ? with_.find(name.name) : with_.end();
    if (with != with_.end()) {
      // A locking clause does not reach into `with`; a recursive query reads itself.
      if (open_.insert(name.name).second) flow(*with->second, false);
      return;
    }
    const std::string alias = alias_of(relation);
    if (!(name == table_)) return;
    if (held.has(alias))
      locks_ = true;
    else if (!found_)
      found_ = {static_cast<std::size_t>(relation.value("location", 0)), alias, takes_lock, false};
  }

  const sql::ObjectName& table_;
  std::map<std::string, const json*, std::less<>> with_;
  std::set<std::string> open_;  ///< `with` queries that were followed
  bool locks_ = false;
  std::optional<UnlockedRead> found_;
};

/// Where the query ends that reads at `offset`: at the parenthesis around it, at what follows it, or with the
/// text.
std::size_t end_of_query(std::string_view text, const std::vector<Token>& tokens, std::size_t offset) {
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.offset < offset) continue;
    if (token.is("(")) ++depth;
    if (token.is(")") && depth-- == 0) return i == 0 ? token.offset : tokens[i - 1].end();
    const bool conflict = token.is("on") && i + 1 < tokens.size() && tokens[i + 1].is("conflict");
    if (depth == 0 && i > 0 && (conflict || token.is("returning") || token.is(";") || token.is("union")))
      return tokens[i - 1].end();
  }
  return tokens.empty() ? text.size() : tokens.back().end();
}

/// Where the table's name, and its alias, end.
std::size_t end_of_relation(const std::vector<Token>& tokens, const UnlockedRead& read,
                            std::size_t& end_of_name) {
  std::size_t i = 0;
  while (i < tokens.size() && tokens[i].offset < read.offset) ++i;
  while (i + 2 < tokens.size() && tokens[i + 1].is(".")) i += 2;
  end_of_name = i < tokens.size() ? tokens[i].end() : read.offset;
  if (i + 1 < tokens.size() && tokens[i + 1].is("as")) ++i;
  const bool named = i + 1 < tokens.size() && (tokens[i + 1].kind == sql::TokenKind::quoted_identifier ||
                                               tokens[i + 1].is(read.alias));
  return named ? tokens[i + 1].end() : end_of_name;
}

/// The range of the table that a batch calls `alias`, as it stands there.
std::string range_of(const std::string& batch, const std::string& alias) {
  for (const RangeMark& mark : range_marks(batch)) {
    if (mark.alias == alias) return batch.substr(mark.offset, mark.length);
  }
  return "$range$";
}

std::string with_lock(std::string_view text, const UnlockedRead& read, std::string_view range) {
  const std::vector<Token> tokens = sql::tokenize(text);
  std::string result(text);
  const std::string alias = sql::quote_if_needed(read.alias);
  if (read.takes_lock) {
    const char* gap = text.find('\n') == std::string_view::npos ? " " : "\n";
    result.insert(end_of_query(text, tokens, read.offset), gap + ("for update of " + alias));
    return result;
  }
  std::size_t end_of_name = 0;
  const std::size_t end = end_of_relation(tokens, read, end_of_name);
  const std::string name(text.substr(read.offset, end_of_name - read.offset));
  return result.replace(
      read.offset, end - read.offset,
      "(select * from " + name + " " + alias + " where " + std::string(range) + " for update) " + alias);
}

}  // namespace

std::optional<UnlockedRead> unlocked_read(const json& statement, const sql::ObjectName& table) {
  try {
    FlowReader reader(table);
    reader.read(statement);
    return reader.result();
  } catch (const json::exception&) {
    return std::nullopt;  // a form that is not known here: no claim
  }
}

std::string with_locks(std::string batch, const sql::ObjectName& table) {
  constexpr int most_reads = 16;
  for (int i = 0; i < most_reads; ++i) {
    const json tree = sql::parse_tree(without_ranges(batch));
    const auto read = tree.size() == 1 ? unlocked_read(tree.at(0).at("stmt"), table) : std::nullopt;
    if (!read) break;
    batch = with_lock(batch, *read, range_of(batch, read->alias));
  }
  return batch;
}

}  // namespace dbtool::lint
