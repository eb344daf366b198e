#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ledger/measures.h"
#include "ledger/session.h"
#include "model/rehearsal.h"
#include "pg/connection.h"
#include "run/plan.h"
#include "window/forecast.h"
#include "window/marker.h"
#include "window/recorder.h"
#include "window/sampling.h"

namespace dbtool::run {

/// What a step is held against while it works.
struct Expectation {
  const StepCost* cost = nullptr;  ///< as rehearsed; nullptr: never
  window::Forecast before;
  window::Scale scale;
};

/// For Connection::on_wait, of who can do without an answer: throws Error once `limit` is over.
std::function<void()> give_up_after(Clock& clock, std::chrono::milliseconds limit);

/// Looks at the backend of one step while it works: now and then, on a thread and connection of its own.
class StepWatch {
 public:
  StepWatch(pg::Address address, Clock& clock, Expectation expectation, const Step& step);

  /// The work begins on that backend. `anew`: what was done before was rolled back.
  void works(int backend_pid, bool anew);
  /// A notice of the script: its latest phase.
  void notice(const std::string& text);
  /// Takes in what was seen since. True: there was a new look.
  bool look();

  /// The newest look; nullopt: there was none yet.
  const std::optional<window::Sample>& last() const { return last_; }
  const window::Estimator& estimator() const { return estimator_; }
  /// What is left: by its rehearsal where that can be held against it, else by what the script says of
  /// itself, else by what can be seen.
  window::Forecast left() const;
  /// How much of the work is done, between 0 and 1, by the same.
  std::optional<double> progress() const;
  /// Since the work began.
  double seconds() const;
  int backend_pid() const { return backend_pid_; }

  /// Who the step belongs to.
  struct Owner {
    ledger::Session session;
    std::int64_t run = 0;
    int version = 0;
    Direction direction{};
  };
  /// The step is over: nobody looks any more. Leaves in the ledger what was forecast before it, how it went
  /// and what it locked. What cannot be written within some seconds is left out: a step that is done is done.
  void record(const Owner& owner) noexcept;

 private:
  void begin();
  void take(window::Sample sample);
  void keep(const window::Forecast& left);
  bool goes_by_marker() const;

  pg::Address address_;
  Clock& clock_;
  Expectation expectation_;
  const Step& step_;
  window::Estimator estimator_;
  window::Marker marker_;
  std::optional<window::Recorder> recorder_;
  std::vector<ledger::SampleRecord> kept_;
  std::size_t keep_every_ = 1;
  std::size_t looks_ = 0;
  int backend_pid_ = 0;
  bool begun_ = false;  ///< the sampling
  Clock::Monotonic began_{};
  std::string notice_;
  std::optional<window::Sample> last_;
  std::optional<double> stale_mark_;  ///< share that the first look saw, as long as it is the same
  std::mutex mutex_;
  std::vector<window::Sample> seen_;  ///< on the other thread, not yet taken in
  std::optional<window::Sampling> sampling_;
};

}  // namespace dbtool::run
