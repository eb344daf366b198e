#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/rehearsal.h"
#include "pg/connection.h"
#include "rehearse/tables.h"
#include "run/step_guard.h"
#include "window/recorder.h"
#include "window/sampling.h"

namespace dbtool::rehearse {

/// Measures each step of a run: how it goes from a thread beside it, what it left behind between two steps.
class MeasuringGuard final : public run::StepGuard {
 public:
  MeasuringGuard(const pg::Address& address, Clock& clock);

  /// The connection that the steps run on; outlives the run.
  void use(pg::Connection& connection) { connection_ = &connection; }
  /// The step under way has raised a notice.
  void notice(const std::string& text);
  /// A batch of the online part under way has moved so many.
  void moved(std::int64_t rows);
  /// Cancels the next step so long after it has begun, to see how long its rollback takes.
  void cancel_after(double seconds) { cancel_after_ = seconds; }

  /// Of the steps that were completed, in their order.
  const std::vector<StepCost>& costs() const { return costs_; }
  /// What analyze took afterwards, for the tables of the steps from `first` on.
  void analyzed(const std::map<std::string, double>& seconds, std::size_t first);
  /// Of the step that was cancelled; nullopt: none was.
  std::optional<double> rollback_seconds() const { return rollback_seconds_; }
  std::optional<double> take_rollback_seconds() { return std::exchange(rollback_seconds_, std::nullopt); }

  void before(std::int64_t run, const run::Step& step) override;
  void works(int backend_pid) override;
  void poll() override;
  void before_commit() override;
  void after(const run::Step& step, bool done) override;

 private:
  double elapsed() const;
  void open_beside();

  pg::Address address_;
  Clock& clock_;
  pg::Connection* connection_ = nullptr;
  /// Whose statements are not the step's; open between two of them, so that it takes none of their time.
  std::optional<pg::Connection> beside_;
  std::mutex mutex_;                          ///< of the recorder, and of the rows that were moved
  std::optional<window::Recorder> recorder_;  ///< of the step under way
  std::optional<DatabaseState> state_;
  std::int64_t rows_moved_ = 0;  ///< by the step under way
  bool works_ = false;
  Clock::Monotonic began_{};
  std::optional<std::int64_t> bytes_at_the_end_;  ///< of the database, before the step's commit
  std::optional<double> cancel_after_;
  std::optional<Clock::Monotonic> cancelled_;
  std::optional<double> rollback_seconds_;
  std::vector<StepCost> costs_;
  window::Sampling sampling_;
};

}  // namespace dbtool::rehearse
