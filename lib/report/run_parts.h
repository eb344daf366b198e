#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/run_report.h"

/// What the renderers of a run share.
namespace dbtool::report {

/// Text between tags or in a quoted attribute, without secrets; control characters become U+FFFD.
std::string run_text(std::string_view text);

/// "3 h 05 min", "2 h 40 min – 3 h 50 min" ("unknown" without a range), "1.4 GB".
std::string run_time(double seconds);
/// "1.2 ms" below a second.
std::string run_short_time(double seconds);
std::string run_range(std::optional<double> low, std::optional<double> high);
std::string run_bytes(std::int64_t bytes);

/// "upgrade 20".
std::string step_name(const RunStep& step);

/// A part of a step between two changes of its phase.
struct RunPhase {
  std::string name;
  double began = 0, seconds = 0;
};
std::vector<RunPhase> phases_of(const RunStep& step);

/// What a step waited for, as shares of the looks, the largest first; "computing" for nothing.
std::vector<std::pair<std::string, double>> waits_of(const RunStep& step);

/// What one measure of the services' latency came to over a step.
struct RunLatencyTotal {
  std::string measure;
  std::vector<const RunLatency*> intervals;  ///< of the step
  std::int64_t looks = 0, failed = 0;
  std::optional<double> median;  ///< of the intervals', by their looks
  std::optional<double> worst;
};
std::vector<RunLatencyTotal> latency_of(const RunStep& step);
/// "usually 1.2 ms, at worst 35 ms in 118 looks; limit 20 ms".
std::string latency_text(const RunLatencyTotal& total);
/// Why there is none, and what to set; empty: something was measured.
std::string no_latency_text(const RunReport& report);

/// The pieces of the page; each empty where there is nothing to show.
std::string clock_chart(const RunReport& report);
std::string progress_chart(const RunStep& step);
std::string wal_chart(const RunStep& step);
std::string batch_charts(const RunStep& step);
std::string latency_charts(const RunStep& step);
std::string lock_chart(const RunStep& step);

extern const char* const run_style;

}  // namespace dbtool::report
