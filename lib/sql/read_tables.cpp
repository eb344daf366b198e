#include "sql/read_tables.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "sql/tree.h"

namespace dbtool::sql {

namespace {

using nlohmann::json;

bool changes_rows(std::string_view kind) {
  return kind == "InsertStmt" || kind == "UpdateStmt" || kind == "DeleteStmt" || kind == "MergeStmt";
}

class Reads {
 public:
  void walk(const std::string& kind, const json& node) {
    if (kind == "RangeVar") return add(node);
    if (kind == "CommonTableExpr") with_.insert(member(node, "ctename"));
    const bool has_target = changes_rows(kind) || (kind == "CopyStmt" && node.value("is_from", false));
    for (const auto& [name, value] : node.items()) {
      if (has_target && name == "relation") continue;
      if (name == "into" || name == "intoClause") continue;
      walk_member(name, value);
    }
  }

  std::vector<std::pair<std::string, std::string>> result() const {
    std::vector<std::pair<std::string, std::string>> tables;
    for (const auto& table : found_) {
      if (!table.first.empty() || !with_.contains(table.second)) tables.push_back(table);
    }
    return tables;
  }

 private:
  /// A member whose type is fixed holds its node without the kind.
  void walk_member(const std::string& name, const json& value) {
    if (value.is_array()) {
      for (const json& item : value) walk_member(name, item);
    } else if (value.is_object()) {
      if (value.size() == 1 && value.begin().value().is_object()) {
        walk(value.begin().key(), value.begin().value());
      } else if (value.contains("relname")) {
        add(value);
      } else {
        walk(name, value);
      }
    }
  }

  void add(const json& range) {
    std::pair<std::string, std::string> table{member(range, "schemaname"), member(range, "relname")};
    if (!table.second.empty() && std::find(found_.begin(), found_.end(), table) == found_.end())
      found_.push_back(std::move(table));
  }

  std::vector<std::pair<std::string, std::string>> found_;
  std::set<std::string> with_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> tables_read(const std::string& kind, const json& node) {
  if (!changes_rows(kind) && kind != "SelectStmt" && kind != "CreateTableAsStmt" && kind != "CopyStmt")
    return {};
  Reads reads;
  reads.walk(kind, node);
  return reads.result();
}

}  // namespace dbtool::sql
