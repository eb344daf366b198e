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
  std::optional<LockRetry> retry;  ///< the step waits for its locks
  std::string notice;              ///< latest of the script, one line
};

/// Takes an event into the state.
void advance(ProgressState& state, const Event& event, Clock::Monotonic now);

/// The state as one line of at most `columns` characters, without a line break; with a bar when `bar`.
std::string progress_line(const ProgressState& state, Clock::Monotonic now, std::size_t columns, bool bar);

/// An event as one line for people, without a line break.
std::string event_line(const Event& event);

/// An event as one JSON object, without a line break: {"event": "step_done", "time": …, …}.
std::string event_json(const Event& event, Clock::Wall time);

/// "9214", "11.2 M".
std::string people_count(std::int64_t count);

/// Time for people, local: "2026-11-23 23:40:10"; or ISO 8601 in UTC: "2026-11-23T22:40:10Z".
std::string local_time(Clock::Wall time);
std::string utc_time(Clock::Wall time);

}  // namespace dbtool::cli
