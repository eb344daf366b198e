#include "lint/plan_scan.h"

#include <nlohmann/json.hpp>

#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

/// Of a bitmap heap scan the conditions stand in the index scans below.
std::string condition_of(const json& node) {
  std::string condition = sql::member(node, "Index Cond");
  if (condition.empty()) condition = sql::member(node, "TID Cond");
  if (!condition.empty() || !sql::member(node, "Node Type").starts_with("Bitmap")) return condition;
  if (const json* plans = sql::child(node, "Plans")) {
    for (const json& inner : *plans) {
      if (condition.empty()) condition = condition_of(inner);
    }
  }
  return condition;
}

void add_indexes(const json& node, std::vector<std::string>& indexes) {
  std::string index = sql::member(node, "Index Name");
  if (!index.empty()) indexes.push_back(std::move(index));
  if (!sql::member(node, "Node Type").starts_with("Bitmap")) return;
  if (const json* plans = sql::child(node, "Plans")) {
    for (const json& inner : *plans) add_indexes(inner, indexes);
  }
}

void collect(const json& node, bool limited, std::vector<PlanScan>& scans) {
  if (!node.is_object()) return;
  const std::string type = sql::member(node, "Node Type");
  const bool reads = node.contains("Relation Name") && type != "ModifyTable";
  if (reads) {
    PlanScan scan;
    scan.node = type;
    scan.schema = sql::member(node, "Schema");
    scan.table = sql::member(node, "Relation Name");
    add_indexes(node, scan.indexes);
    scan.condition = condition_of(node);
    scan.bounded = limited && !node.contains("Filter");
    scans.push_back(std::move(scan));
  }
  // What sorts or gathers reads all of its input first.
  const bool passes = type == "Limit" || type == "LockRows" || type == "Subquery Scan" || type == "Result";
  const bool goes_on = type == "Limit" || (limited && passes);
  if (const json* plans = sql::child(node, "Plans")) {
    for (const json& inner : *plans) collect(inner, goes_on, scans);
  }
}

}  // namespace

std::vector<PlanScan> plan_scans(std::string_view explained) {
  const json plan = json::parse(explained, nullptr, false);
  std::vector<PlanScan> scans;
  if (!plan.is_array() || plan.empty()) return scans;
  if (const json* top = sql::child(plan[0], "Plan")) collect(*top, false, scans);
  return scans;
}

bool is_whole(const PlanScan& scan) {
  return scan.condition.empty() && !scan.bounded;
}

}  // namespace dbtool::lint
