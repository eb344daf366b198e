#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sql/parse.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> change_nodes{"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"};

/// Whether the tree has such a node anywhere.
bool has_change_node(const json& tree) {
  for (const auto& item : tree.items()) {
    if (item.key() == "intoClause") return true;
    if (tree.is_object() &&
        std::find(change_nodes.begin(), change_nodes.end(), item.key()) != change_nodes.end())
      return true;
    if (item.value().is_structured() && has_change_node(item.value())) return true;
  }
  return false;
}

}  // namespace

bool is_seen_to_change(std::string_view statement) {
  const json tree = parse_tree(without_prefix_variable(statement));
  return std::any_of(tree.begin(), tree.end(), [](const json& item) {
    const json* stmt = child(item, "stmt");
    if (stmt == nullptr) return false;
    const bool looks =
        node_of(*stmt, "SelectStmt") != nullptr || node_of(*stmt, "VariableShowStmt") != nullptr;
    return !looks || has_change_node(*stmt);
  });
}

}  // namespace dbtool::sql
