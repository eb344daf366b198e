#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbtool::lint {

/// A node of a plan that reads a table.
struct PlanScan {
  std::string node{};  ///< "Seq Scan", "Index Scan", …
  std::string schema{};
  std::string table{};
  std::vector<std::string> indexes{};  ///< of a bitmap scan those below it
  std::string condition{};             ///< the index condition; empty: none
  bool bounded = false;                ///< below a limit, without a filter: it ends by itself
};

/// Scans of tables in what `explain (format json, verbose)` prints; empty when it cannot be read.
std::vector<PlanScan> plan_scans(std::string_view explained);

/// Whether the scan reads its table from end to end.
bool is_whole(const PlanScan& scan);

}  // namespace dbtool::lint
