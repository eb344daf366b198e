#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/recorded_run.h"
#include "cli/terminal.h"
#include "pg/connection.h"

namespace dbtool::cli {

/// How long services may be down in each week, month, quarter or year of the calendar.
struct Budget {
  double seconds = 0;
  std::string period;  ///< "quarter"
};

/// Reads "14h/quarter". Throws Error (usage).
Budget read_budget(const std::string& text);

/// What of it is used since the period began, in UTC and by the server's clock, in seconds.
struct BudgetUse {
  Budget budget;
  double since = 0;  ///< 1970
  int windows = 0;
  double in_windows = 0;  ///< trees closed
  double outside = 0;     ///< in no window: any table could not be written, or not read either
  double left() const { return budget.seconds - in_windows - outside; }
};
BudgetUse budget_use(pg::Connection& connection, const Budget& budget, const std::vector<RecordedRun>& runs);

std::string budget_text(const BudgetUse& use, const Style& style);
nlohmann::ordered_json budget_json(const BudgetUse& use);

}  // namespace dbtool::cli
