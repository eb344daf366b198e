#include "cli/budget.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "cli/window_text.h"
#include "ledger/readable.h"

namespace dbtool::cli {

namespace {

constexpr std::array<std::string_view, 4> periods{"week", "month", "quarter", "year"};

std::string day(double since_1970) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(since_1970)));
}

}  // namespace

Budget read_budget(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto length = parse_duration(text.substr(0, slash));
  const std::string period = slash == std::string::npos ? "" : text.substr(slash + 1);
  if (!length || std::find(periods.begin(), periods.end(), period) == periods.end())
    throw Error(ExitCode::usage, fmt::format("--budget {} is no length of time in a period", text),
                "for example: --budget 14h/quarter; periods are week, month, quarter and year");
  return {std::chrono::duration<double>(*length).count(), period};
}

BudgetUse budget_use(pg::Connection& connection, const Budget& budget, const std::vector<RecordedRun>& runs) {
  if (!ledger::unreadable_tables(connection).empty())
    throw Error(ExitCode::failed,
                "a budget is spent by runs and windows, and this user may not read all of the ledger",
                "grant select on all tables in schema dbtool to it");
  BudgetUse use{budget, ledger::period_start(connection, budget.period)};
  const double now = ledger::server_clock(connection);
  std::vector<window::Closure> closures;
  const auto add = [&](double began, double ended) {
    began = std::max(began, use.since);
    if (ended > began) closures.push_back({"", began, ended - began, true});
  };
  for (const ledger::WindowRecord& window : ledger::windows_between(connection, use.since, now)) {
    add(window.opened_epoch, window.opened_epoch + window.elapsed);
    ++use.windows;
  }
  use.in_windows = window::downtime(closures);
  for (const RecordedRun& run : runs) {
    for (const window::Closure& closure : closures_of(run)) {
      const double began = run.record.started_epoch + closure.began;
      add(began, began + closure.seconds);
    }
  }
  use.outside = window::downtime(closures) - use.in_windows;
  return use;
}

std::string budget_text(const BudgetUse& use, const Style& style) {
  const double left = use.left();
  const std::string rest =
      left < 0 ? style.red("OVERSPENT by " + length_text(-left)) : length_text(left) + " left";
  return fmt::format("budget {} a {}: {}\n  since {} UTC: {} window{} {}, outside of windows {}\n",
                     length_text(use.budget.seconds), use.budget.period, rest, day(use.since), use.windows,
                     use.windows == 1 ? "" : "s", length_text(use.in_windows), length_text(use.outside));
}

nlohmann::ordered_json budget_json(const BudgetUse& use) {
  return {{"budget_seconds", use.budget.seconds},
          {"period", use.budget.period},
          {"since", day(use.since)},
          {"windows", use.windows},
          {"window_seconds", use.in_windows},
          {"outside_seconds", use.outside},
          {"left_seconds", use.left()}};
}

}  // namespace dbtool::cli
