#include "run/step_watch.h"

#include <algorithm>

namespace dbtool::run {

namespace {

using namespace std::chrono_literals;

/// A step that is expected to take no longer is not worth a connection before it has worked for a while.
constexpr double long_step = 5;
constexpr auto short_while = 1s;
constexpr std::size_t most_kept = 400;
/// Of the ledger, where what was seen is to be written.
constexpr auto longest_write = 5s;

}  // namespace

std::function<void()> give_up_after(Clock& clock, std::chrono::milliseconds limit) {
  return [&clock, end = clock.now() + limit] {
    if (clock.now() > end) throw Error(ExitCode::failed, "it takes too long");
  };
}

StepWatch::StepWatch(pg::Address address, Clock& clock, Expectation expectation, const Step& step)
    : address_(std::move(address)),
      clock_(clock),
      expectation_(std::move(expectation)),
      step_(step),
      estimator_(expectation_.cost, expectation_.before, expectation_.scale) {}

void StepWatch::works(int backend_pid, bool anew) {
  const bool goes_on = backend_pid_ != 0 && !anew;
  backend_pid_ = backend_pid;
  if (goes_on) {
    if (begun_) sampling_->works(backend_pid);
    return;
  }
  if (begun_) sampling_->end();
  began_ = clock_.now();
  begun_ = false;
  last_.reset();
  stale_mark_.reset();
  seen_.clear();
  kept_.clear();
  estimator_ = window::Estimator(expectation_.cost, expectation_.before, expectation_.scale);
  marker_ = {};
  recorder_.emplace(direction_of(step_), version_of(step_).number, kind_of(step_));
  // Held against a rehearsed curve the first second counts, too; else a look later on is early enough.
  if (expectation_.cost != nullptr && expectation_.before.range.high > long_step) begin();
}

void StepWatch::begin() {
  if (!sampling_) {
    sampling_.emplace(address_, clock_, window::Detail::gentle, [this](const window::Sample& sample) {
      const std::lock_guard lock(mutex_);
      seen_.push_back(sample);
    });
  }
  sampling_->begin(backend_pid_);
  begun_ = true;
}

void StepWatch::notice(const std::string& text) {
  notice_ = text;
  if (recorder_) recorder_->notice(seconds(), text);
}

double StepWatch::seconds() const {
  return std::chrono::duration<double>(clock_.now() - began_).count();
}

bool StepWatch::look() {
  if (backend_pid_ == 0) return false;
  if (!begun_) {
    if (clock_.now() - began_ < short_while) return false;
    begin();
  }
  std::vector<window::Sample> seen;
  {
    const std::lock_guard lock(mutex_);
    seen.swap(seen_);
  }
  for (window::Sample& sample : seen) take(std::move(sample));
  return !seen.empty();
}

void StepWatch::take(window::Sample sample) {
  sample.notice = notice_;
  // What an earlier version has left there says nothing of this one.
  if (!last_) stale_mark_ = sample.marked;
  if (sample.marked == stale_mark_) {
    sample.marked.reset();
  } else {
    stale_mark_.reset();
  }
  estimator_.add(sample);
  marker_.add(sample.seconds, sample.marked);
  recorder_->add(sample);
  last_ = std::move(sample);
  keep(left());
}

bool StepWatch::goes_by_marker() const {
  const std::optional<window::Forecast> marked = marker_.left();
  if (!marked) return false;
  const window::Trust own = estimator_.left().trust;
  const bool rehearsed = expectation_.cost != nullptr && own == window::Trust::measured;
  return !rehearsed && marked->trust >= own;
}

window::Forecast StepWatch::left() const {
  return goes_by_marker() ? *marker_.left() : estimator_.left();
}

std::optional<double> StepWatch::progress() const {
  return goes_by_marker() ? marker_.share() : estimator_.progress();
}

void StepWatch::keep(const window::Forecast& left) {
  if (looks_++ % keep_every_ != 0) return;
  ledger::SampleRecord record;
  record.seconds = last_->seconds;
  record.wal_bytes = last_->wal_bytes;
  if (left.trust != window::Trust::unknown) {
    record.left_low = left.range.low;
    record.left_high = left.range.high;
  }
  record.phase =
      !last_->notice.empty() ? last_->notice : last_->statement.substr(0, last_->statement.find('\n'));
  record.wait = last_->wait;
  record.waiting = last_->waiting;
  kept_.push_back(std::move(record));
  if (kept_.size() < most_kept) return;
  for (std::size_t index = 0; index < kept_.size() / 2; ++index) kept_[index] = kept_[index * 2];
  kept_.resize(kept_.size() / 2);
  keep_every_ *= 2;
}

void StepWatch::record(const Owner& owner) noexcept try {
  if (!begun_) return;
  const window::Sample end = sampling_->end();
  begun_ = false;
  if (!last_) return;
  ledger::ForecastRecord forecast;
  forecast.run = owner.run;
  forecast.version = owner.version;
  forecast.direction = owner.direction;
  const window::Forecast& before = expectation_.before;
  if (before.trust != window::Trust::unknown) {
    forecast.low = before.range.low;
    forecast.high = before.range.high;
  }
  forecast.source = before.source;
  for (ledger::SampleRecord& sample : kept_) {
    sample.run = owner.run;
    sample.version = owner.version;
    sample.direction = owner.direction;
  }
  std::vector<ledger::LockRecord> locks;
  for (const LockCost& lock : recorder_->finish(end).locks)
    locks.push_back({owner.run, owner.version, owner.direction, lock.table, lock.mode, lock.began,
                     lock.seconds, lock.waited_for});
  const auto give_up = give_up_after(clock_, longest_write);
  pg::Connection connection = pg::Connection::open(address_, give_up);
  connection.on_wait(give_up);
  ledger::record(connection, owner.session, std::vector{forecast});
  ledger::record(connection, owner.session, kept_);
  ledger::record(connection, owner.session, locks);
} catch (...) {
  // The report of this run will lack it.
  return;
}

}  // namespace dbtool::run
