#include "online/walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "base/text.h"
#include "online/throttle/signal_state.h"
#include "online/transact.h"
#include "pg/quote.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr int most_workers = 8;
constexpr auto between_looks = 50ms;
constexpr auto between_wishes = 250ms;
constexpr auto between_notes = 1s;
constexpr auto between_confirms = 5s;
constexpr auto between_points = 10s;
constexpr auto between_tidies = 30s;
constexpr auto between_reasons = 10s;  // to tell of
constexpr int most_curve_points = 400;
constexpr std::size_t examples_kept = 10;
constexpr auto long_wait = 500ms;

int largest_batch(const std::vector<ledger::RangeRecord>& ranges) {
  int size = 0;
  for (const ledger::RangeRecord& range : ranges) size = std::max(size, range.last.size);
  return size;
}

}  // namespace

Walk::Walk(ledger::Work& work, const Migration& migration, const ledger::Fence& fence, Form& form,
           const std::function<void()>& confirm_lock)
    : work_(work),
      migration_(migration),
      fence_(fence),
      form_(form),
      confirm_lock_(confirm_lock),
      rate_guard_(form.batch_function(), migration.direction, fence.version),
      monitor_(work.connection.address(), {form.walked_table(), migration.user_prefix}, work.clock,
               [this](const Event& event) { tell(event); }),
      staffing_(most_workers),
      latency_curve_(fence, migration.direction, work.clock.now()) {}

void Walk::tell(const Event& event) {
  const std::lock_guard lock(mutex_);
  if (const auto* repeated = std::get_if<BatchRepeated>(&event))
    rate_guard_.batch_failed(repeated->duration, !reason_.empty());
  work_.observer(event);
}

void Walk::begin(const Pass& pass) {
  std::int64_t done = pass.phase == ledger::OnlinePhase::walk ? pass.rows_before : 0;
  for (const ledger::RangeRecord& range : pass.ranges) done += range.last.rows;
  phase_ = pass.phase;
  moved_ = 0;
  meter_.emplace(done, pass.rows_total, work_.clock.now());
  rate_guard_ = RateGuard(form_.batch_function(), migration_.direction, fence_.version);
  batch_size_ = std::max(batch_size_, largest_batch(pass.ranges));
}

std::int64_t Walk::run(Pass pass) {
  begin(pass);
  std::vector<std::unique_ptr<Lane>> lanes;
  int last_range = 0;
  for (ledger::RangeRecord& range : pass.ranges) {
    last_range = std::max(last_range, range.range);
    lanes.push_back(form_.lane(pass.phase, std::move(range)));
  }
  Supply supply(std::move(lanes), last_range + 1);
  Orders orders;
  Shop shop{migration_.direction,
            {pass.phase, pass.number},
            work_.session,
            fence_,
            work_.clock,
            work_.interrupts,
            orders,
            supply,
            [&](ledger::RangeRecord range) { return form_.lane(pass.phase, std::move(range)); },
            [this](const Event& event) { tell(event); },
            [this](Lane& lane, const BatchResult& result, int size, std::chrono::microseconds took) {
              batch_done(lane, result, size, took);
            }};
  Crew crew(shop, work_.connection.address(), batch_size_);
  try {
    do {
      work_.interrupts.stop_if_requested();
      tick(crew, orders);
    } while (!supply.wait_done(between_looks) && !crew.has_failed());
  } catch (const Error& error) {
    crew.end();
    if (error.exit_code() == ExitCode::stopped) note(crew, orders);
    throw;
  }
  crew.end();
  note_latency();
  batch_size_ = crew.batch_size();
  return moved_;
}

void Walk::tick(Crew& crew, Orders& orders) {
  const auto now = work_.clock.now();
  if (now >= next_confirm_) {
    next_confirm_ = now + between_confirms;
    const std::lock_guard lock(mutex_);
    confirm_lock_();
  }
  heed_wishes(orders);
  crew.have(orders.wished().workers);
  monitor_.set_workers(crew.backend_pids());
  guard_rate(crew);
  if (now >= next_note_) {
    next_note_ = now + between_notes;
    note(crew, orders);
  }
}

void Walk::guard_rate(Crew& crew) {
  RateGuard::Call call;
  {
    const auto [longest, rows] = crew.longest_batch();
    const std::lock_guard lock(mutex_);
    call = rate_guard_.look(work_.clock.now(), longest, rows, !reason_.empty());
    call.touched = touched_;
  }
  if (call.what == RateGuard::Call::What::nothing) return;
  const std::optional<Event> found = rate_guard_.answer(
      work_.connection, transaction_setup(work_.session, fence_, work_.connection.server_version()), call,
      crew.backend_pids());
  if (found) tell(*found);
}

void Walk::read_wishes() {
  const auto now = work_.clock.now();
  if (now < next_wishes_) return;
  next_wishes_ = now + between_wishes;
  const std::optional<std::string> throttle = control_.throttle;
  control_ = transact(work_, fence_, confirm_lock_,
                      [&] { return ledger::read_control(work_.connection, fence_.version); });
  if (!watching_ || control_.throttle != throttle) watch_load();
}

void Walk::watch_load() {
  watching_ = true;
  try {
    monitor_.watch(control_.throttle && migration_.read_throttle
                       ? migration_.read_throttle(*control_.throttle)
                       : migration_.throttle);
  } catch (const pg::PgError& error) {
    if (!error.is_connection_lost()) throw;
    watching_ = false;  // tried again; the workers say what is wrong with the server
  } catch (const Error& error) {
    // A wish that was wrong must not end a run of days; the settings of the project's file must be right.
    if (!control_.throttle) throw;
    tell(Message{Message::Level::warning,
                 fmt::format("the throttle that was set is not used: {}", error.what())});
    monitor_.watch(migration_.throttle);
  }
}

void Walk::heed_wishes(Orders& orders) {
  const auto now = work_.clock.now();
  read_wishes();
  Wish wish;
  wish.batch_time = control_.batch_milliseconds ? std::chrono::milliseconds(*control_.batch_milliseconds)
                                                : migration_.batch_time;
  wish.workers = form_.is_parallel() ? control_.workers.value_or(migration_.workers) : 1;
  if (wish.workers == auto_workers) {
    const std::lock_guard lock(mutex_);
    const bool limited = control_.paused || !reason_.empty();
    wish.workers = staffing_.observe(now, static_cast<double>(meter_->of_this_run()), limited);
  }
  workers_wished_ = wish.workers;
  const Limits limits = monitor_.limits(wish);
  const std::string reason = control_.paused
                                 ? "paused" + (control_.paused_by.empty() ? "" : " by " + control_.paused_by)
                                 : limits.reason;
  {
    const std::lock_guard lock(mutex_);
    workers_ = control_.paused ? 0 : limits.workers;
    if (reason.empty() != reason_.empty() || now >= next_reason_) {
      if (reason != reason_)
        work_.observer(Message{Message::Level::note, reason.empty()    ? "goes on at full speed"
                                                     : control_.paused ? reason
                                                                       : "slowed: " + reason});
      next_reason_ = now + between_reasons;
    }
    reason_ = reason;
  }
  orders.wish({limits.workers, limits.batch_time, limits.pause, control_.paused});
}

void Walk::tell_pulse(const Orders& orders) {
  const Orders::Wish wish = orders.wished();
  OnlinePulse pulse;
  pulse.direction = migration_.direction;
  pulse.version = fence_.version;
  pulse.workers_wished = workers_wished_;
  pulse.paused = wish.paused;
  pulse.batch_time = wish.batch_time;
  pulse.pause = wish.pause;
  pulse.signals = signals_of(monitor_.readings());
  const auto now = work_.clock.now();
  const std::lock_guard lock(mutex_);
  pulse.verifies = phase_ == ledger::OnlinePhase::verify;
  pulse.rows_done = meter_->done();
  pulse.rows_total = meter_->total();
  pulse.rows_per_second = meter_->rate(now);
  pulse.recent_rows_per_second = meter_->recent_rate(now);
  pulse.workers = orders.is_stopped() ? 0 : workers_;
  pulse.note = reason_;
  pulse.collapsed = rate_guard_.is_collapsed();
  work_.observer(pulse);
}

void Walk::note(Crew& crew, const Orders& orders) {
  tell_pulse(orders);
  const auto now = work_.clock.now();
  const std::string waits = orders.is_stopped() ? "" : what_is_waited_for(crew);
  const bool pausing = control_.paused && !crew.backend_pids_busy_for(0ms).empty();
  ledger::EngineNote engine;
  ledger::CurvePoint point;
  {
    const std::lock_guard lock(mutex_);
    const std::string collapse = rate_guard_.note();
    engine = {orders.is_stopped() ? 0 : workers_, meter_->recent_rate(now),
              pausing             ? "pausing, when the batches under way are done"
              : !reason_.empty()  ? reason_
              : !collapse.empty() ? collapse
                                  : waits};
    point = {fence_.run,     fence_.version,    migration_.direction,
             phase_,         meter_->done(),    engine.rows_per_second,
             engine.workers, crew.batch_size(), std::chrono::duration<double>(crew.batch_time()).count(),
             engine.note};
  }
  std::vector<pg::Statement> statements{ledger::engine_note_statement(fence_.version, engine)};
  if (now >= next_point_) {
    next_point_ = now + between_points;
    statements.push_back(ledger::curve_statement(point));
    if (++curve_points_ >= most_curve_points) {
      curve_points_ /= 2;
      statements.push_back(ledger::thin_curve_statement(fence_.run, fence_.version));
    }
  }
  if (latency_curve_.is_due(now) || orders.is_stopped()) {
    for (pg::Statement& one : latency_curve_.statements(monitor_.take_latency(), now))
      statements.push_back(std::move(one));
  }
  if (now >= next_tidy_) {
    next_tidy_ = now + between_tidies;
    statements.push_back(ledger::tidy_checkpoints_statement(fence_.version));
  }
  const auto send = [&] {
    work_.connection.batch(statements);
    return true;
  };
  if (orders.is_stopped()) {
    // The last word; the stop that was wished is heeded already.
    pg::Transaction transaction(work_.connection, "isolation level read committed",
                                transaction_setup(work_.session, fence_, work_.connection.server_version()));
    send();
    transaction.commit();
  } else {
    transact(work_, fence_, confirm_lock_, send);
  }
}

/// What was measured since the last note: a pass may be over before there is one.
void Walk::note_latency() {
  const std::vector<pg::Statement> statements =
      latency_curve_.statements(monitor_.take_latency(), work_.clock.now());
  if (statements.empty()) return;
  transact(work_, fence_, confirm_lock_, [&] {
    work_.connection.batch(statements);
    return true;
  });
}

std::string Walk::what_is_waited_for(const Crew& crew) {
  const std::vector<int> pids = crew.backend_pids_busy_for(long_wait);
  if (pids.empty()) return "";
  std::vector<std::string> texts;
  for (const int pid : pids) texts.push_back(std::to_string(pid));
  const auto ask = [&] {
    return work_.connection.query(
        R"(select distinct b.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''), left(coalesce(a.query, ''), 80)
           from unnest($1::int[]) w(pid) cross join lateral unnest(pg_blocking_pids(w.pid)) b(pid)
           left join pg_stat_activity a on a.pid = b.pid limit 1)",
        {pg::array_literal(texts)});
  };
  const pg::Result rows = transact(work_, fence_, confirm_lock_, ask);
  if (rows.rows() == 0) return "";
  return fmt::format("waits for pid {} ({}, {}) {}: {}", rows.text(0, 0), rows.text(0, 1), rows.text(0, 2),
                     rows.text(0, 3), excerpt(rows.text(0, 4), 80));
}

void Walk::batch_done(Lane& lane, const BatchResult& result, int size, std::chrono::microseconds took) {
  const auto now = work_.clock.now();
  const std::lock_guard lock(mutex_);
  meter_->add(result.rows, now);
  moved_ += result.moved;
  BatchDone event;
  event.direction = migration_.direction;
  event.version = fence_.version;
  event.rows = result.rows;
  event.rows_done = meter_->done();
  event.rows_total = meter_->total();
  event.rows_per_second = meter_->rate(now);
  event.recent_rows_per_second = meter_->recent_rate(now);
  event.verifies = phase_ == ledger::OnlinePhase::verify;
  event.workers = workers_;
  event.batch_size = size;
  event.note = reason_;
  event.duration = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  event.differing = static_cast<std::int64_t>(result.differing.size());
  work_.observer(event);
  for (const std::string& row : result.differing) {
    if (differing_.size() >= examples_kept) break;
    differing_.push_back(row);
    work_.observer(Message{Message::Level::warning, "source and copy differ: " + row});
  }
  if (result.odd && !warned_of_state_) {
    warned_of_state_ = true;
    work_.observer(Message{Message::Level::warning, *result.odd});
  }
  rate_guard_.batch_done(lane, result, {result.rows, result.moved, took, workers_, !reason_.empty()});
  if (!result.tables.empty()) {
    touched_.insert(result.tables.begin(), result.tables.end());
    monitor_.set_tables({touched_.begin(), touched_.end()});
  }
  watch_reading(result);
}

void Walk::watch_reading(const BatchResult& result) {
  if (!result.read || result.rows == 0) return;
  const std::optional<std::string> fault = form_.is_parallel()
                                               ? table_scan_watch_.observe(*result.read, result.rows)
                                               : scan_watch_.observe(*result.read, result.rows);
  if (fault)
    throw Error(ExitCode::failed, fmt::format("version {}: {}", fence_.version, *fault), form_.scan_advice());
}

}  // namespace dbtool::online
