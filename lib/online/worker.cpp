#include "online/worker.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "online/transact.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr auto batch_worth_telling = 2s;  // a normal one takes a small part of it
constexpr auto idle_wait = 20ms;
constexpr auto between_splits = 2s;
constexpr auto between_lock_messages = 10s;
constexpr int most_timeouts = 30;  // in a row, when it has long been one row
constexpr int most_losses = 5;     // in a row: a batch that crashes the server is not to do so for ever
constexpr std::chrono::milliseconds pause_after_loss = 200ms;
constexpr std::chrono::milliseconds first_pause = 20ms;
constexpr std::chrono::milliseconds longest_retry_pause = 5s;
// One that waits for a row holds others, for which the services wait: it lets go soon, and tries again.
constexpr int lock_waits_of_batch = 10;
constexpr std::chrono::milliseconds least_lock_wait = 200ms;

/// A batch that need not be durable does not wait for its WAL to be written: what a crash of the server takes
/// back it takes back from the ledger too, and is moved again. Where replicas are synchronous it waits, as a
/// failover there loses nothing.
pg::Statement settings_of_batch(std::chrono::milliseconds lock_timeout, bool is_durable) {
  return {R"(select set_config('lock_timeout', $1, true),
       set_config('synchronous_commit',
                  case when not $2 and current_setting('synchronous_standby_names') = '' then 'off'
                       else current_setting('synchronous_commit') end, true))",
          {std::to_string(lock_timeout.count()), is_durable ? "true" : "false"},
          true};
}

/// A row that cannot be handled as it is, however often it is tried.
bool is_about_data(const pg::PgError& error) {
  const std::string_view group = std::string_view(error.sqlstate()).substr(0, 2);
  return group == "21" || group == "22" || group == "23" || group == "44" || group == "P0";
}

}  // namespace

Worker::Worker(Shop& shop, int number, pg::Connection connection, int batch_size)
    : shop_(shop),
      number_(number),
      connection_(std::move(connection)),
      pace_(batch_size),
      backend_pid_(connection_.backend_pid()),
      batch_size_(pace_.size()) {
  ledger::prepare(connection_, shop_.tell);
}

void Worker::work() {
  while (!shop_.orders.is_stopped() && !shop_.supply.is_done()) {
    if (!shop_.orders.may_work(number_) || !take_lane()) {
      shop_.orders.wait(idle_wait);
      continue;
    }
    work_on_lane();
    shop_.supply.bring_back(std::move(lane_));
  }
}

bool Worker::take_lane() {
  lane_ = shop_.supply.take();
  if (!lane_) return false;
  if (lane_->is_seen_by(connection_.number())) return true;
  try {
    reload(connection_);
  } catch (const pg::PgError& error) {
    if (!error.is_connection_lost()) throw;
    reconnect(error.what());
  }
  return true;
}

void Worker::work_on_lane() {
  while (!lane_->done() && shop_.orders.may_work(number_)) {
    const int size = pace_.size();
    const std::optional<Done> committed = run_batch();
    if (!committed) return;
    const Done& done = *committed;
    losses_ = 0;
    is_alone_ = false;
    const Orders::Wish wish = shop_.orders.wished();
    if (rows_to_narrow_ > 0) {
      rows_to_narrow_ -= done.result.rows;
    } else {
      pace_.done(done.result.rows, done.took, wish.batch_time);
    }
    recent_batch_time_ = pace_.recent_time().count();
    batch_size_ = pace_.size();
    shop_.batch_done(*lane_, done.result, size, done.took);
    if (shop_.interrupts.requested()) shop_.orders.stop();
    if (wish.pause.count() > 0 && !lane_->done()) pause(wish.pause);
    split_if_wanted();
  }
}

std::optional<Worker::Done> Worker::run_batch() {
  for (int attempt = 1;; ++attempt) {
    if (attempt > 1 && shop_.orders.is_stopped()) return std::nullopt;
    const auto began = shop_.clock.now();
    const auto timed = [&](BatchResult result) {
      const auto took = shop_.clock.now() - began - result.idle;
      return Done{std::move(result), std::chrono::duration_cast<std::chrono::microseconds>(took)};
    };
    busy_since_ = began.time_since_epoch().count();
    try {
      BatchResult result = try_batch(pace_.size());
      lane_->advance(connection_.number());
      busy_since_ = 0;
      return timed(std::move(result));
    } catch (const pg::CommitInDoubt&) {
      busy_since_ = 0;
      const Done sent = timed(sent_);
      // Where to go on is asked along with it: a server that comes back may go away again meanwhile.
      const bool committed = reopen([&](pg::Connection& asked) {
        const bool found = lane_->was_committed(asked);
        if (!found) reload(asked);
        return found;
      });
      if (committed) {
        lane_->advance(connection_.number());
        return sent;
      }
    } catch (const pg::PgError& error) {
      busy_since_ = 0;
      connection_.on_wait({});
      recover(error, attempt, shop_.clock.now() - began);
    }
  }
}

BatchResult Worker::try_batch(int size) {
  heed_stop_in_long_batch();
  const Orders::Wish wish = shop_.orders.wished();
  std::vector<pg::Statement> setup =
      transaction_setup(shop_.session, shop_.fence, connection_.server_version());
  setup.push_back(settings_of_batch(std::max(least_lock_wait, lock_waits_of_batch * wish.batch_time),
                                    lane_->is_durable()));
  if (lane_->needs_bound()) {
    pg::Transaction transaction(connection_, "isolation level read committed", setup);
    lane_->find_bound(connection_, size);
    transaction.rollback();
  }
  const std::size_t work_begins = setup.size();
  for (pg::Statement& statement : lane_->statements(size)) setup.push_back(std::move(statement));
  pg::Transaction transaction(connection_, "isolation level read committed", setup);
  const auto results = transaction.results().begin() + static_cast<std::ptrdiff_t>(work_begins);
  sent_ = lane_->read(connection_, {results, transaction.results().end()});
  ledger::Work work = work_of_this_connection();
  commit(work, transaction);
  return sent_;
}

void Worker::recover(const pg::PgError& error, int attempt, Clock::Monotonic::duration took) {
  const auto repeats = [&] {
    shop_.tell(BatchRepeated{shop_.direction, shop_.fence.version, error.what(),
                             std::chrono::duration_cast<std::chrono::milliseconds>(took)});
  };
  if (error.is_connection_lost()) {
    repeats();
    pace_.halve();
    reconnect(error.what());
    return;
  }
  // Somebody cancelled it, or a limit did that a function sets for itself.
  const bool timed_out = error.is_cancelled();
  if (timed_out && attempt > most_timeouts) throw error;
  if (error.is_repeatable() || timed_out) {
    const auto now = shop_.clock.now();
    if (now >= next_lock_message_) {
      next_lock_message_ = now + between_lock_messages;
      shop_.tell(Message{
          Message::Level::warning,
          fmt::format("a batch was given up and is tried again with half the rows: {}", error.what())});
    }
    repeats();
    pace_.halve();
    lane_->forget_bound();
    pause(std::min<std::chrono::milliseconds>(longest_retry_pause, first_pause * attempt * attempt));
    return;
  }
  if (is_about_data(error) && narrow(error)) return repeats();
  throw error;
}

// The rows before the one that fails are moved on the way to it.
bool Worker::narrow(const pg::PgError& error) {
  if (!is_alone_) {
    if (rows_to_narrow_ <= 0) {
      rows_to_narrow_ = pace_.size();
      shop_.tell(Message{
          Message::Level::warning,
          fmt::format("a batch of {} rows failed, looking for the row: {}", pace_.size(), error.what())});
    }
    pace_.halve();
    // Costly rows may have brought the size down before the end of this batch was looked for.
    is_alone_ = pace_.size() == 1;
    lane_->forget_bound();
    return true;
  }
  const std::optional<std::string> row = lane_->next_row();
  if (!row) return false;
  throw pg::PgError(
      error.exit_code(), error.fields(),
      fmt::format("the row is {}: mend it, or the statement; what was moved before it stays, the same "
                  "command goes on",
                  *row));
}

void Worker::reconnect(std::string_view why) {
  if (++losses_ > most_losses) {
    throw Error(ExitCode::failed,
                fmt::format("a batch has lost its connection {} times in a row: {}", losses_, why),
                "the server's log tells whether the batch crashes it; what was moved before stays, the same "
                "command goes on");
  }
  tell_lost(why);
  if (losses_ > 1) pause(losses_ * pause_after_loss);
  reopen([&](pg::Connection& asked) {
    reload(asked);
    return false;
  });
}

void Worker::tell_lost(std::string_view why) const {
  shop_.tell(
      Message{Message::Level::warning, fmt::format("a connection was lost ({}); it is opened again", why)});
}

void Worker::reload(pg::Connection& connection) {
  if (ledger::read_pass(connection, shop_.fence.version) != shop_.pass) {
    throw Error(ExitCode::failed,
                fmt::format("version {}: the server that answers now does not know of this pass",
                            shop_.fence.version),
                "a failover has lost the last transactions; the same command goes on from what is there");
  }
  lane_->reload(connection);
}

bool Worker::reopen(const std::function<bool(pg::Connection&)>& asked) {
  ledger::Work work = work_of_this_connection();
  const bool answer = ledger::was_committed(work, asked, [&] { shop_.interrupts.stop_if_requested(); });
  backend_pid_ = connection_.backend_pid();
  return answer;
}

ledger::Work Worker::work_of_this_connection() {
  return {connection_, shop_.session, shop_.fence.run, shop_.clock, shop_.tell, shop_.interrupts};
}

void Worker::split_if_wanted() {
  if (lane_->done() || !shop_.supply.is_wanting() || shop_.clock.now() < next_split_) return;
  next_split_ = shop_.clock.now() + between_splits;
  const int range = shop_.supply.new_range();
  std::optional<ledger::RangeRecord> second;
  bool is_split = false;
  try {
    is_split = split(range, second);
  } catch (const pg::PgError& error) {
    connection_.on_wait({});
    if (!error.is_connection_lost()) {
      if (error.is_repeatable()) return;  // the next batch is more urgent
      throw;
    }
    tell_lost(error.what());
    // What is known of the lane may be gone with the connection, as in the midst of a batch.
    is_split = reopen([&](pg::Connection& asked) {
      reload(asked);
      return second && ledger::has_range(asked, shop_.fence.version, range);
    });
  }
  if (!is_split) return;
  lane_->cut_at(*second->low);
  shop_.supply.add(shop_.make_lane(*second));
}

bool Worker::split(int range, std::optional<ledger::RangeRecord>& second) {
  heed_stop_in_long_batch();
  pg::Transaction transaction(connection_, "isolation level read committed",
                              transaction_setup(shop_.session, shop_.fence, connection_.server_version()));
  second = lane_->split(connection_, range);
  if (!second) return false;
  connection_.batch(
      ledger::split_range_statements(shop_.fence.version, lane_->record().range, *second->low, *second));
  ledger::Work work = work_of_this_connection();
  commit(work, transaction);
  return true;
}

void Worker::pause(std::chrono::milliseconds longest) {
  const auto until = shop_.clock.now() + longest;
  while (shop_.clock.now() < until && !shop_.orders.is_stopped())
    shop_.clock.sleep(std::min<std::chrono::milliseconds>(50ms, longest));
}

// A batch ends soon, and that is when a stop is heeded; one that does not is cancelled.
void Worker::heed_stop_in_long_batch() {
  connection_.on_wait([this, began = shop_.clock.now()] {
    if (shop_.clock.now() - began < batch_worth_telling) return;
    shop_.interrupts.stop_if_requested();
    if (shop_.orders.is_stopped()) throw Error(ExitCode::stopped, "as asked", "go on with the same command");
  });
}

}  // namespace dbtool::online
