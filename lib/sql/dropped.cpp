#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sql/block.h"
#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

/// Scripts run with search_path public: no schema and `public` are the same.
std::string key_of(const std::string& schema, const std::string& table) {
  return (schema.empty() || schema == "public" ? std::string() : schema + ".") + table;
}

std::string key_of(const json& range) {
  const json& node = range.contains("RangeVar") ? range.at("RangeVar") : range;
  return key_of(member(node, "schemaname"), member(node, "relname"));
}

/// What a script throws away, and what it reads.
class DroppedReader {
 public:
  explicit DroppedReader(std::string_view script) : script_(script), tokens_(tokenize(script)) {
    // Expressions of PL/pgSQL are no statements of their own: their tables are known by the word before.
    for (std::size_t i = 1; i + 1 < tokens_.size(); ++i) {
      const bool names_table =
          tokens_[i].is("join") || (tokens_[i].is("from") && !tokens_[i - 1].is("delete"));
      if (!names_table) continue;
      const bool qualified = i + 3 < tokens_.size() && tokens_[i + 2].is(".");
      read_.insert(qualified ? key_of(name_at(i + 1), name_at(i + 3)) : name_at(i + 1));
    }
  }

  void read(const std::vector<SplitStatement>& statements) {
    for (const SplitStatement& statement : statements) {
      try {
        for (const json& item : parse_tree(statement.text)) {
          const json& node = item.at("stmt");
          read_node(node.begin().key(), node.begin().value());
        }
      } catch (const json::exception&) {
        // A tree of a form that is not known here: what it does is unknown, as with a failed parse.
      }
    }
  }

  std::vector<DroppedData> unread() const {
    std::vector<DroppedData> found;
    for (const DroppedData& data : dropped_) {
      const std::string key = key_of(data.schema, data.table);
      const bool is_read = data.column.empty()
                               ? read_.contains(key)
                               : (read_.contains(key) || updated_.contains(key)) && is_named(data.column);
      if (!is_read && std::find(found.begin(), found.end(), data) == found.end()) found.push_back(data);
    }
    return found;
  }

 private:
  void read_node(const std::string& kind, const json& node) {
    if (kind == "DropStmt") return read_drop(node);
    if (kind == "AlterTableStmt") return read_alter_table(node);
    if (kind == "RenameStmt") {
      if (member(node, "renameType") == "OBJECT_TABLE")
        renamed_[member(node, "newname")] = node.at("relation");
      return;
    }
    if (kind == "TruncateStmt") {
      for (const json& relation : node.at("relations")) drop(relation.at("RangeVar"));
      return;
    }
    if (kind == "DeleteStmt" && !node.contains("whereClause") && !node.contains("usingClause"))
      drop(node.at("relation"));
    if (kind == "UpdateStmt") updated_.insert(key_of(node.at("relation")));
    const bool writes =
        kind == "InsertStmt" || kind == "UpdateStmt" || kind == "DeleteStmt" || kind == "MergeStmt";
    if (!writes && kind != "SelectStmt" && kind != "CreateTableAsStmt") return;
    for (const auto& [name, value] : node.items()) {
      if (name != "relation" && name != "into" && name != "intoClause") collect(value);
    }
  }

  /// Every table named below a node is read, whatever reads it.
  void collect(const json& node) {
    if (!node.is_structured()) return;
    if (node.is_object() && node.contains("RangeVar")) read_.insert(key_of(node));
    for (const json& child : node) collect(child);
  }

  void read_drop(const json& node) {
    if (member(node, "removeType") != "OBJECT_TABLE") return;
    for (const json& object : node.at("objects")) {
      const json& items = object.at("List").at("items");
      const auto part = [&](std::size_t index) { return items.at(index).at("String").value("sval", ""); };
      json range{{"relname", part(items.size() - 1)}};
      if (items.size() > 1) range["schemaname"] = part(items.size() - 2);
      drop(range);
    }
  }

  void read_alter_table(const json& node) {
    if (member(node, "objtype") != "OBJECT_TABLE") return;
    for (const json& item : node.at("cmds")) {
      const json& command = item.at("AlterTableCmd");
      if (member(command, "subtype") == "AT_DropColumn") drop(node.at("relation"), member(command, "name"));
    }
  }

  void drop(const json& range, const std::string& column = {}) {
    DroppedData data{member(range, "schemaname"), member(range, "relname"), column};
    // By the name that it bears before the script.
    if (const auto known = renamed_.find(data.table); known != renamed_.end()) {
      data.schema = member(known->second, "schemaname");
      data.table = member(known->second, "relname");
    }
    dropped_.push_back(std::move(data));
  }

  std::string name_at(std::size_t index) const {
    const Token& token = tokens_[index];
    if (token.kind != TokenKind::quoted_identifier) return token.lower;
    return std::string(script_.substr(token.offset + 1, token.length - 2));
  }

  /// Whether the script names a column elsewhere than where it drops it, or takes all columns of something.
  bool is_named(const std::string& column) const {
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      const Token& before = tokens_[i - 1];
      const bool dropped_here = before.is("column") || before.is("exists") || before.is("drop");
      if (name_at(i) == column && !dropped_here) return true;
      if (tokens_[i].is("*") && (before.is("select") || before.is(".") || before.is(","))) return true;
    }
    return false;
  }

  std::string_view script_;
  std::vector<Token> tokens_;
  std::set<std::string> read_;
  std::set<std::string> updated_;
  std::map<std::string, json> renamed_;
  std::vector<DroppedData> dropped_;
};

}  // namespace

std::vector<DroppedData> dropped_unread_of_block(std::string_view block) {
  const std::string script = without_prefix_variable(block);
  DroppedReader reader(script);
  reader.read(statements_of_block(script));
  return reader.unread();
}

std::vector<DroppedData> dropped_unread_of_statements(std::string_view script) {
  const std::string text = without_prefix_variable(script);
  DroppedReader reader(text);
  reader.read(split(text).statements);
  return reader.unread();
}

}  // namespace dbtool::sql
