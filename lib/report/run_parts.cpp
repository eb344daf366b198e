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

}  // namespace dbtool::report
