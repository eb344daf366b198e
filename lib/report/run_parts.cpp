#include "report/run_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "base/duration.h"
#include "report/markup.h"
#include "report/presentable.h"

namespace dbtool::report {

std::string run_text(std::string_view text) {
  std::string line = presentable_text(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return escape_markup(line);
}

std::string run_time(double seconds) {
  return dbtool::to_text(std::chrono::milliseconds(std::llround(std::max(0.0, seconds) * 1000)));
}

std::string run_short_time(double seconds) {
  return seconds < 1 ? fmt::format("{:.3g} ms", seconds * 1000) : run_time(seconds);
}

std::string run_range(std::optional<double> low, std::optional<double> high) {
  return low && high ? run_time(*low) + " – " + run_time(*high) : "unknown";
}

std::string run_bytes(std::int64_t bytes) {
  auto value = static_cast<double>(bytes);
  for (const char* unit : {"B", "kB", "MB", "GB"}) {
    if (value < 1000) return fmt::format("{:.{}f} {}", value, value < 10 && *unit != 'B' ? 1 : 0, unit);
    value /= 1000;
  }
  return fmt::format("{:.1f} TB", value);
}

std::string step_name(const RunStep& step) {
  return fmt::format("{} {}", step.direction, step.version);
}

std::vector<RunPhase> phases_of(const RunStep& step) {
  std::vector<RunPhase> phases;
  for (const RunSample& sample : step.samples) {
    if (!phases.empty() && phases.back().name == sample.phase) continue;
    const double began = phases.empty() ? 0 : sample.seconds;
    if (!phases.empty()) phases.back().seconds = began - phases.back().began;
    phases.push_back({sample.phase, began, 0});
  }
  if (!phases.empty()) phases.back().seconds = std::max(0.0, step.seconds - phases.back().began);
  return phases;
}

std::vector<std::pair<std::string, double>> waits_of(const RunStep& step) {
  std::map<std::string, double> shares;
  for (const RunSample& sample : step.samples)
    shares[sample.wait.empty() ? "computing" : sample.wait] += 1.0 / static_cast<double>(step.samples.size());
  std::vector<std::pair<std::string, double>> sorted(shares.begin(), shares.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::vector<RunLatencyTotal> latency_of(const RunStep& step) {
  std::vector<RunLatencyTotal> totals;
  for (const RunLatency& interval : step.latency) {
    auto total = std::find_if(totals.begin(), totals.end(),
                              [&](const RunLatencyTotal& one) { return one.measure == interval.measure; });
    if (total == totals.end()) total = totals.insert(total, {interval.measure, {}, 0, 0, {}, {}});
    total->intervals.push_back(&interval);
    total->looks += interval.looks;
    total->failed += interval.failed;
    if (interval.worst) total->worst = std::max(total->worst.value_or(0), *interval.worst);
  }
  for (RunLatencyTotal& total : totals) {
    std::vector<const RunLatency*> sorted;
    for (const RunLatency* interval : total.intervals)
      if (interval->median) sorted.push_back(interval);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const RunLatency* a, const RunLatency* b) { return *a->median < *b->median; });
    std::int64_t looks = 0;
    for (const RunLatency* interval : sorted) {
      total.median = interval->median;
      looks += interval->looks;
      if (2 * looks >= total.looks) break;
    }
  }
  return totals;
}

std::string latency_text(const RunLatencyTotal& total) {
  std::string text;
  if (total.median && total.worst)
    text = fmt::format("usually {}, at worst {} in {} looks", run_short_time(*total.median),
                       run_short_time(*total.worst), total.looks);
  if (total.failed > 0)
    text += fmt::format("{}{} without an answer", text.empty() ? "" : ", ",
                        total.failed == 1 ? "1 look" : fmt::format("{} looks", total.failed));
  const double limit = total.intervals.back()->limit;
  return limit > 0 ? fmt::format("{}; limit {}", text, run_short_time(limit)) : text;
}

std::string no_latency_text(const RunReport& report) {
  for (const RunStep& step : report.steps)
    if (!step.latency.empty()) return "";
  return "The services' latency was not measured: it is while rows are moved online, where throttle: of "
         "dbtool.yml has probe: (a statement like theirs) or latency: (by pg_stat_statements).";
}

}  // namespace dbtool::report
