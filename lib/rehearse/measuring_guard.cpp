#include "rehearse/measuring_guard.h"

#include <algorithm>

#include "base/error.h"
#include "run/plan.h"
#include "run/step_watch.h"

namespace dbtool::rehearse {

namespace {

double seconds_of(Clock::Monotonic::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// The table that a declared online part goes through; empty: none.
std::string walked_table(const run::Step& step) {
  if (!std::holds_alternative<run::OnlineStep>(step)) return {};
  const auto& declared = run::version_of(step).online(run::direction_of(step));
  return declared ? declared->table : std::string();
}

}  // namespace

MeasuringGuard::MeasuringGuard(const pg::Address& address, Clock& clock)
    : address_(address),
      clock_(clock),
      sampling_(address, clock, window::Detail::fine, [this](const window::Sample& sample) {
        const std::lock_guard lock(mutex_);
        if (recorder_) recorder_->add(sample);
      }) {}

double MeasuringGuard::elapsed() const {
  return seconds_of(clock_.now() - began_);
}

void MeasuringGuard::notice(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (recorder_) recorder_->notice(elapsed(), text);
}

void MeasuringGuard::moved(std::int64_t rows) {
  const std::lock_guard lock(mutex_);
  rows_moved_ += rows;
}

void MeasuringGuard::analyzed(const std::map<std::string, double>& seconds, std::size_t first) {
  for (std::size_t at = first; at < costs_.size(); ++at) {
    for (TableCost& table : costs_[at].tables) {
      if (const auto found = seconds.find(table.name); found != seconds.end())
        table.analyze_seconds = found->second;
    }
  }
}

void MeasuringGuard::before(std::int64_t /*run*/, const run::Step& step) {
  // What a step left behind is what the next one finds; only the first has to ask.
  if (!state_) state_ = read_state(*connection_);
  open_beside();
  const std::lock_guard lock(mutex_);
  recorder_.emplace(run::direction_of(step), run::version_of(step).number, run::kind_of(step));
  rows_moved_ = 0;
  works_ = false;
  bytes_at_the_end_.reset();
  cancelled_.reset();
  began_ = clock_.now();
}

void MeasuringGuard::works(int backend_pid) {
  if (works_) return sampling_.works(backend_pid);
  works_ = true;
  sampling_.begin(backend_pid);
  began_ = clock_.now();
}

void MeasuringGuard::poll() {
  if (!cancel_after_ || cancelled_ || !works_ || elapsed() < *cancel_after_) return;
  cancelled_ = clock_.now();
  throw Error(ExitCode::stopped, "cancelled to see how long its rollback takes");
}

void MeasuringGuard::open_beside() try {
  if (!beside_ || !beside_->is_alive()) beside_ = pg::Connection::open(address_);
} catch (const Error&) {
  // The step is worth more than what is asked there.
  beside_.reset();
}

void MeasuringGuard::before_commit() try {
  if (!beside_) return;
  // It may have been idle for hours, and its network be cut since.
  beside_->on_wait(run::give_up_after(clock_, std::chrono::seconds(5)));
  bytes_at_the_end_ = read_database_bytes(*beside_);
} catch (const Error&) {
  beside_.reset();
}

void MeasuringGuard::after(const run::Step& step, bool done) {
  const double seconds = elapsed();
  if (cancelled_) rollback_seconds_ = seconds_of(clock_.now() - *cancelled_);
  window::Sample end;
  if (works_) end = sampling_.end();
  end.seconds = seconds;
  cancel_after_.reset();
  if (!done) {
    state_.reset();
    const std::lock_guard lock(mutex_);
    recorder_.reset();
    return;
  }
  DatabaseState now = read_state(*connection_);
  const Counters& was = state_->counters;
  const Counters& is = now.counters;
  // Batches of an online part have many backends, each with transactions of its own.
  if (!works_) end.wal_bytes = is.wal_position - was.wal_position;
  const std::lock_guard lock(mutex_);
  StepCost cost = recorder_->finish(end);
  recorder_.reset();
  if (was.others == 0 && is.others == 0) {
    cost.temporary_bytes = std::max<std::int64_t>(0, is.temporary_bytes - was.temporary_bytes);
    cost.blocks_read = std::max<std::int64_t>(0, is.blocks_read - was.blocks_read);
    cost.blocks_hit = std::max<std::int64_t>(0, is.blocks_hit - was.blocks_hit);
  }
  cost.tables = table_costs(*state_, now, walked_table(step));
  cost.kind = run::kind_of(step);
  if (std::holds_alternative<run::OnlineStep>(step)) cost.rows_moved = rows_moved_;
  // Of several transactions each lets go of its files.
  if (bytes_at_the_end_ && std::holds_alternative<run::TransactionStep>(step))
    cost.peak_bytes = std::max<std::int64_t>(0, *bytes_at_the_end_ - was.database_bytes);
  costs_.push_back(std::move(cost));
  state_ = std::move(now);
}

}  // namespace dbtool::rehearse
