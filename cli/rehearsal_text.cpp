#include "cli/rehearsal_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "base/duration.h"
#include "base/size.h"
#include "base/text.h"
#include "cli/findings.h"
#include "cli/table.h"
#include "report/findings.h"
#include "window/growth.h"

namespace dbtool::cli {

namespace {

constexpr std::size_t most_lines = 12;  ///< of one kind for one step; the file has all

std::string exact_text(double seconds) {
  const std::chrono::milliseconds time(std::llround(seconds * 1000));
  return time.count() < 1000 ? fmt::format("{} ms", time.count()) : dbtool::to_text(time);
}

std::string exact_text(const std::optional<double>& seconds) {
  return seconds ? exact_text(*seconds) : "";
}

/// "IO:DataFileRead 81 %, CPU 19 %"
std::string waits_text(const StepCost& step) {
  std::vector<std::pair<std::string, double>> waits(step.waits.begin(), step.waits.end());
  std::stable_sort(waits.begin(), waits.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [wait, share] : waits) {
    if (share >= 0.01) parts.push_back(fmt::format("{} {:.0f} %", wait, share * 100));
  }
  return join(parts, ", ");
}

std::string table_text(const TableCost& table) {
  std::vector<std::string> parts;
  const auto sizes = [](std::int64_t rows, std::int64_t bytes, std::int64_t index_bytes) {
    return fmt::format("{} rows, {} + indexes {}", rows, size_to_text(bytes), size_to_text(index_bytes));
  };
  const std::string before = sizes(table.rows_before, table.bytes_before, table.index_bytes_before);
  const std::string after = sizes(table.rows_after, table.bytes_after, table.index_bytes_after);
  if (table.bytes_before == 0 && table.index_bytes_before == 0 && table.rows_before == 0) {
    parts.push_back("new: " + after);
  } else if (table.bytes_after == 0 && table.index_bytes_after == 0 && table.rows_after == 0) {
    parts.push_back("gone or empty: " + before);
  } else {
    parts.push_back(before == after ? before : before + " → " + after);
  }
  if (table.rewritten) parts.emplace_back("rewritten");
  if (table.dead_rows > 0) parts.push_back(fmt::format("{} dead rows left", table.dead_rows));
  return join(parts, "; ");
}

void add_lines(std::string& text, const std::string& name, const std::vector<std::string>& lines) {
  for (std::size_t at = 0; at < std::min(lines.size(), most_lines); ++at)
    text += fmt::format("  {:<7} {}\n", at == 0 ? name : "", lines[at]);
  if (lines.size() > most_lines) text += fmt::format("  {:<7} and {} more\n", "", lines.size() - most_lines);
}

std::string details(const StepCost& step) {
  std::string text;
  std::vector<std::string> lines;
  for (const PhaseCost& phase : step.phases) {
    lines.push_back(fmt::format("at {}, {}, WAL {}: {} {}", exact_text(phase.began),
                                exact_text(phase.seconds), size_to_text(phase.wal_bytes), phase.kind,
                                phase.name));
  }
  add_lines(text, "phases", lines);
  lines.clear();
  for (const LockCost& lock : step.locks) {
    lines.push_back(
        fmt::format("{} {} held for {}{}", lock.table, lock.mode, exact_text(lock.seconds),
                    lock.waited_for > 0 ? fmt::format(", {} waited for it", lock.waited_for) : ""));
  }
  add_lines(text, "locks", lines);
  lines.clear();
  for (const TableCost& table : step.tables) lines.push_back(table.name + ": " + table_text(table));
  add_lines(text, "tables", lines);
  if (const std::string waits = waits_text(step); !waits.empty() && step.seconds >= 0.5)
    add_lines(text, "time", {waits});
  return text;
}

}  // namespace

std::string rehearsal_text(const rehearse::Outcome& outcome, const Style& style) {
  const Rehearsal& rehearsal = outcome.rehearsal;
  std::vector<std::vector<std::string>> rows;
  for (const StepCost& step : rehearsal.steps) {
    rows.push_back({std::to_string(step.version), to_text(step.direction), step.kind,
                    exact_text(step.seconds), size_to_text(step.wal_bytes),
                    size_to_text(step.temporary_bytes),
                    fmt::format("{}/{}", step.blocks_read, step.blocks_hit), exact_text(step.cpu_seconds),
                    exact_text(step.rollback_seconds)});
  }
  std::string text = render_table(
      {"version", "way", "kind", "time", "WAL", "temporary", "read/hit", "CPU", "rollback"}, rows, style);
  for (const StepCost& step : rehearsal.steps) {
    const std::string more = details(step);
    if (!more.empty()) text += fmt::format("\n{} of {}\n{}", to_text(step.direction), step.version, more);
  }
  text += "\n";
  for (const Growth& growth : rehearsal.growth) {
    text += fmt::format("{}{} of {}: {}\n", growth.kind == "online" ? "online " : "",
                        to_text(growth.direction), growth.version, window::growth_text(growth));
    for (const GrowthSample& sample : growth.samples)
      text += fmt::format("  {:>14} rows  {}, WAL {}\n", sample.rows, exact_text(sample.seconds),
                          size_to_text(sample.wal_bytes));
  }
  for (std::size_t at = 0; at < outcome.checks.size(); ++at) {
    const rehearse::Check& check = outcome.checks[at];
    const auto before = outcome.checks.begin() + static_cast<std::ptrdiff_t>(at);
    const bool told = std::any_of(outcome.checks.begin(), before, [&](const rehearse::Check& other) {
      return other.version == check.version &&
             report::to_json(other.findings) == report::to_json(check.findings);
    });
    text += fmt::format("check after the {} to {}: {}\n", to_text(check.direction), check.version,
                        check.findings.empty() ? "nothing new"
                        : told                 ? "as before"
                                               : findings_summary(check.findings));
    if (!told) text += report::to_text(check.findings, severity_paint(style));
  }
  if (outcome.seconds_again) text += fmt::format("up again in {}\n", exact_text(*outcome.seconds_again));
  return text;
}

}  // namespace dbtool::cli
