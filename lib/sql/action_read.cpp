#include "sql/action_read.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "sql/definition.h"
#include "sql/tree.h"

namespace dbtool::sql {

using nlohmann::json;

Action action_of(ActionKind kind) {
  Action action;
  action.kind = kind;
  return action;
}

Action on_table(ActionKind kind, const json& relation) {
  Action action = action_of(kind);
  action.table = relation_name(relation);
  return action;
}

/// Every table named below a node, in any depth.
void collect_tables(const json& node, std::vector<ObjectName>& tables) {
  std::vector<const json*> open{&node};
  while (!open.empty()) {
    const json& one = *open.back();
    open.pop_back();
    if (!one.is_structured()) continue;
    if (one.is_object() && one.contains("RangeVar")) {
      const ObjectName name = relation_name(one);
      if (std::find(tables.begin(), tables.end(), name) == tables.end()) tables.push_back(name);
    }
    for (const json& child : one) open.push_back(&child);
  }
}

}  // namespace dbtool::sql
