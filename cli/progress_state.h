#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/event.h"

namespace dbtool::cli {

/// Where a run is, as far as its events have told.
struct ProgressState {
  std::optional<RunStarted> run;
  std::optional<StepStarted> step;
  Clock::Monotonic step_began{};
  int steps_done = 0;
  int at = 0;  ///< version that the database is at
  std::optional<StatementDone> statement;
  std::optional<BatchDone> batch;
  std::optional<StepForecast> forecast;
  std::optional<LockRetry> retry;  ///< the step waits for its locks
  std::string notice;              ///< latest of the script, one line
};

/// Takes an event into the state.
void advance(ProgressState& state, const Event& event, Clock::Monotonic now);

/// How long the rest takes, in seconds: at the better and at the worse of the rates of the whole run and of
/// the last half minute.
struct TimeLeft {
  double low = 0;
  double high = 0;
};
/// nullopt where nothing can be said: no estimate, or no rate.
std::optional<TimeLeft> time_left(std::int64_t rows_done, std::optional<std::int64_t> rows_total,
                                  double rows_per_second, double recent_rows_per_second);

/// The state as one line of at most `columns` characters, without a line break; with a bar when `bar`.
std::string progress_line(const ProgressState& state, Clock::Monotonic now, std::size_t columns, bool bar);

/// An event for people, without a line break at its end; one line, unless there is much to say.
std::string event_line(const Event& event);

/// An event as one JSON object, without a line break: {"event": "step_done", "time": …, …}.
std::string event_json(const Event& event, Clock::Wall time);

/// "9214", "11.2 M".
std::string people_count(std::int64_t count);

/// Time for people, local: "2026-11-23 23:40:10"; or ISO 8601 in UTC: "2026-11-23T22:40:10Z".
std::string local_time(Clock::Wall time);
std::string utc_time(Clock::Wall time);

}  // namespace dbtool::cli
