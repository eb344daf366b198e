#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/event.h"

namespace dbtool::cli {

/// What a run's events have told, as monitoring wants it.
struct Metrics {
  explicit Metrics(Clock::Wall now) : began(now) {}

  Clock::Wall began;
  std::string database;  ///< the environment's name, or that of the database
  std::optional<RunStarted> run;
  std::optional<StepStarted> step;  ///< under way
  int steps_done = 0;
  std::optional<int> at;  ///< version that the database is at
  std::int64_t lock_retries = 0;
  std::int64_t warnings = 0;

  std::optional<OnlinePulse> pulse;
  std::optional<BatchDone> batch;  ///< the last one
  Clock::Wall batch_ended{};
  std::int64_t batches = 0, batches_repeated = 0, differing = 0,
               collapses = 0;  ///< of the online migration under way

  ExitCode exit_code = ExitCode::done;
  std::optional<int> exit_status;  ///< of the program; the run is over
};

/// Takes an event into the metrics.
void advance(Metrics& metrics, const Event& event, Clock::Wall now);

/// The metrics in Prometheus' exposition format. Times are seconds, sizes bytes.
std::string exposition(const Metrics& metrics, Clock::Wall now);

}  // namespace dbtool::cli
