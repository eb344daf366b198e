#include "online/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "ledger/doubt.h"
#include "ledger/write.h"
#include "online/scan_watch.h"
#include "pg/transaction.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr int empty_passes_until_stuck = 10;
constexpr auto longest_pause = 5s;
constexpr auto confirm_interval = 5s;
constexpr int repeats = 30;
constexpr std::chrono::milliseconds longest_lock_wait = 5s;
constexpr auto long_batch = 2s;  // a normal one takes a small part of it

// The counters of this backend that are not yet flushed hold earlier batches too: what counts is the
// difference within one transaction.
constexpr const char* rows_read = R"(
  (select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0) from pg_stat_xact_user_tables
    where schemaname <> 'dbtool'))";

struct Batch {
  std::int64_t rows = 0;
  std::int64_t read = 0;
  bool null_state = false;
  bool same_state = false;
  std::int64_t rows_done = 0;
};

class Engine {
 public:
  Engine(ledger::Work& work, const Migration& migration, const std::function<void()>& confirm_lock)
      : work_(work), migration_(migration), confirm_lock_(confirm_lock), began_(work.clock.now()) {
    batch_function_ = ledger::online_function(migration.direction, number(), "batch");
    complete_function_ = ledger::online_function(migration.direction, number(), "is_complete");
  }

  void run() {
    if (!was_begun()) return;
    read_batch_size();
    int empty_passes = 0;
    while (!is_complete()) {
      const std::int64_t moved = pass();
      if (moved > 0) {
        empty_passes = 0;
        continue;
      }
      if (++empty_passes >= empty_passes_until_stuck) {
        throw Error(ExitCode::failed,
                    fmt::format("{} finds nothing to move, but {} says that not all is moved",
                                batch_function_, complete_function_),
                    "look for rows that the batch passes over; nothing is lost, the same command goes on");
      }
      wait(std::min<std::chrono::milliseconds>(longest_pause, 100ms * (1 << empty_passes)));
    }
    finish();
  }

 private:
  int number() const { return migration_.version->number; }

  // False: the script made no such functions (it only spoke of them), so that there is nothing to move.
  bool was_begun() {
    const pg::Result there = work_.connection.query(
        "select to_regproc($1) is not null, to_regproc($2) is not null, "
        "exists (select from dbtool.online where version = $3 and direction = $4)",
        {"public." + batch_function_, "public." + complete_function_, std::to_string(number()),
         to_text(migration_.direction)});
    if (there.boolean(0, 0) && there.boolean(0, 1)) return true;
    if (!there.boolean(0, 0) && !there.boolean(0, 1) && !there.boolean(0, 2)) return false;
    const std::string missing = there.boolean(0, 0) ? complete_function_ : batch_function_;
    throw Error(
        ExitCode::failed,
        fmt::format("version {} is not finished, but function {} is missing", number(), missing),
        "the script must create both functions; make it anew by hand from the version's file, then go on");
  }

  void read_batch_size() {
    const pg::Result row = work_.connection.query("select batch_size from dbtool.online where version = $1",
                                                  {std::to_string(number())});
    if (row.rows() == 1 && !row.is_null(0, 0)) batch_size_ = static_cast<int>(row.integer(0, 0));
  }

  std::vector<pg::Statement> setup(ledger::Fence::Mode mode) const {
    std::vector<pg::Statement> statements = work_.session.setup(work_.connection.server_version());
    for (pg::Statement& statement :
         ledger::fence_statements(work_.session, {work_.run, number(), migration_.expected, mode})) {
      statements.push_back(std::move(statement));
    }
    return statements;
  }

  bool is_complete() {
    work_.interrupts.stop_if_requested();
    const auto attempt = [&] {
      heed_stop_in_long_one();
      pg::Transaction transaction(work_.connection, "isolation level read committed",
                                  setup(ledger::Fence::Mode::shared));
      const pg::Result answer = work_.connection.query(fmt::format("select public.{}()", complete_function_));
      const bool complete = answer.rows() == 1 && answer.boolean(0, 0);
      commit(transaction);
      return complete;
    };
    return repeat(attempt, [](pg::Connection&) { return std::optional<bool>(); });
  }

  // Batches until one moves nothing. Returns the rows moved.
  std::int64_t pass() {
    std::int64_t moved = 0;
    for (;;) {
      work_.interrupts.stop_if_requested();
      confirm_now_and_then();
      const auto began = work_.clock.now();
      const Batch batch =
          repeat([&] { return run_batch(); }, [&](pg::Connection& asked) { return committed_batch(asked); });
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(work_.clock.now() - began);
      report(batch, took);
      if (batch.rows == 0) return moved;
      moved += batch.rows;
      batch_size_ = next_batch_size(batch_size_, batch.rows, took, migration_.batch_time);
    }
  }

  // The batch and its checkpoint commit together; after a batch that moved nothing the next pass begins with
  // {}.
  Batch run_batch() {
    heed_stop_in_long_one();
    // One that waits for a row holds others, for which the services wait: it lets go after a while, and tries
    // again.
    std::vector<pg::Statement> statements = setup(ledger::Fence::Mode::shared);
    statements.push_back({fmt::format("set local lock_timeout = {}", longest_lock_wait.count()), {}});
    pg::Transaction transaction(work_.connection, "isolation level read committed", statements);
    const std::vector<pg::Result> results = work_.connection.batch(
        {{fmt::format("select {}", rows_read), {}},
         {fmt::format(
              R"(with before as materialized (select state from dbtool.online where version = $1 and direction = $2),
                              batch as materialized (select b.count, b.state from public.{}($3, (select state from before)) as b)
                         update dbtool.online o
                            set state = case when coalesce(batch.count, 0) = 0 then '{{}}' else batch.state end,
                                rows_done = o.rows_done + coalesce(batch.count, 0), batches = o.batches + 1, batch_size = $3,
                                updated = clock_timestamp()
                           from batch
                          where o.version = $1 and o.direction = $2
                         returning coalesce(batch.count, 0), batch.state is null,
                                   batch.state is not distinct from (select state from before), o.rows_done, o.batches)",
              batch_function_),
          {std::to_string(number()), to_text(migration_.direction), std::to_string(batch_size_)}},
         {fmt::format("select {}", rows_read), {}}});
    const pg::Result& row = results[1];
    if (row.rows() != 1) {
      throw Error(ExitCode::failed,
                  fmt::format("{} returned {} rows; it must return one", batch_function_, row.rows()),
                  "mend the function; nothing of this batch was kept");
    }
    Batch batch{row.integer(0, 0), results[2].integer(0, 0) - results[0].integer(0, 0), row.boolean(0, 1),
                row.boolean(0, 2), row.integer(0, 3)};
    pending_ = batch;
    pending_number_ = row.integer(0, 4);
    commit(transaction);
    return batch;
  }

  std::optional<Batch> committed_batch(pg::Connection& connection) const {
    const pg::Result rows =
        connection.query("select batches from dbtool.online where version = $1 and direction = $2",
                         {std::to_string(number()), to_text(migration_.direction)});
    const bool committed = rows.rows() == 1 && rows.integer(0, 0) == pending_number_;
    return committed ? std::optional(pending_) : std::nullopt;
  }

  void report(const Batch& batch, std::chrono::microseconds took) {
    rows_this_run_ += batch.rows;
    const double seconds = std::chrono::duration<double>(work_.clock.now() - began_).count();
    BatchDone event;
    event.direction = migration_.direction;
    event.version = number();
    event.rows = batch.rows;
    event.rows_done = batch.rows_done;
    // An estimate that has turned out too small says nothing more.
    if (migration_.rows_total.value_or(0) >= batch.rows_done) event.rows_total = migration_.rows_total;
    event.rows_per_second = seconds > 0 ? static_cast<double>(rows_this_run_) / seconds : 0;
    event.duration = std::chrono::duration_cast<std::chrono::milliseconds>(took);
    work_.observer(event);
    if (batch.rows == 0) return;
    if ((batch.null_state || batch.same_state) && !warned_of_state_) {
      warned_of_state_ = true;
      work_.observer(Message{
          Message::Level::warning,
          fmt::format("{} returned {}; right for one that moves and deletes, wrong for one that "
                      "should walk on",
                      batch_function_, batch.null_state ? "a null state" : "the state that it was given")});
    }
    if (const std::optional<std::string> fault = scan_watch_.observe(batch.read, batch.rows)) {
      throw Error(
          ExitCode::failed, fmt::format("version {}: {}", number(), *fault),
          fmt::format(
              "look whether {} reads the state that it returns (a misspelt key?) and finds its rows by "
              "an index; the rows moved so far stay moved, the same command goes on",
              batch_function_));
    }
  }

  // Drops the functions and forgets the state, in the transaction that says so in the ledger.
  void finish() {
    const auto attempt = [&] {
      std::vector<pg::Statement> statements = setup(ledger::Fence::Mode::exclusive);
      statements.push_back({"set local lock_timeout = '300ms'", {}});
      pg::Transaction transaction(work_.connection, "isolation level read committed", statements);
      std::vector<pg::Statement> end{ledger::note_wal_position()};
      for (auto& statement : ledger::online_end_statements(migration_.direction, number()))
        end.push_back(statement);
      ledger::StepEnd step{work_.run, migration_.direction, number(), migration_.expected, true};
      for (auto& statement : ledger::step_end_statements(work_.session, step, *migration_.version)) {
        end.push_back(statement);
      }
      work_.connection.batch(end);
      transaction.commit();
      return true;
    };
    repeat(attempt, [&](pg::Connection& asked) {
      const bool there =
          asked
              .query("select exists (select from dbtool.online where version = $1 and direction = $2)",
                     {std::to_string(number()), to_text(migration_.direction)})
              .boolean(0, 0);
      return there ? std::nullopt : std::optional(true);
    });
  }

  // Deadlocks with the services and their like are repeated; nothing of the attempt remains.
  // `committed` gives the result of an attempt whose answer to COMMIT was lost, if the database has it.
  template <class Attempt, class Committed>
  auto repeat(const Attempt& attempt, const Committed& committed) -> decltype(attempt()) {
    for (int number = 1;; ++number) {
      try {
        return attempt();
      } catch (const pg::CommitInDoubt&) {
        std::optional<decltype(attempt())> result;
        const bool known = ledger::was_committed(work_, this->number(), [&](pg::Connection& connection) {
          result = committed(connection);
          return result.has_value();
        });
        confirm_lock_();
        if (known) return *result;
      } catch (const pg::PgError& error) {
        work_.connection.on_wait({});
        if (!error.is_repeatable() || number >= repeats) throw;
        if (error.is_lock_timeout()) {
          work_.observer(Message{Message::Level::warning,
                                 fmt::format("a batch waited {} for a lock and let go; it is tried again",
                                             to_text(longest_lock_wait))});
        }
        batch_size_ = std::max(1, batch_size_ / 2);
        wait(std::chrono::milliseconds(50 * number));
      }
    }
  }

  // A batch ends soon, and that is when a stop is heeded; one that does not is cancelled.
  void heed_stop_in_long_one() {
    work_.connection.on_wait([this, began = work_.clock.now()] {
      if (work_.clock.now() - began > long_batch) work_.interrupts.stop_if_requested();
    });
  }

  void commit(pg::Transaction& transaction) {
    work_.connection.on_wait({});
    transaction.commit();
  }

  void wait(std::chrono::milliseconds pause) {
    const auto until = work_.clock.now() + pause;
    while (work_.clock.now() < until) {
      work_.interrupts.stop_if_requested();
      work_.clock.sleep(std::min<std::chrono::milliseconds>(50ms, pause));
    }
  }

  void confirm_now_and_then() {
    if (work_.clock.now() < next_confirm_) return;
    next_confirm_ = work_.clock.now() + confirm_interval;
    confirm_lock_();
  }

  ledger::Work& work_;
  const Migration& migration_;
  const std::function<void()>& confirm_lock_;
  Clock::Monotonic began_;
  Clock::Monotonic next_confirm_{};
  std::string batch_function_, complete_function_;
  int batch_size_ = first_batch_size;
  Batch pending_;  ///< sent for commit
  std::int64_t pending_number_ = 0;
  std::int64_t rows_this_run_ = 0;
  bool warned_of_state_ = false;
  ScanWatch scan_watch_;
};

}  // namespace

void run(ledger::Work& work, const Migration& migration, const std::function<void()>& confirm_lock) {
  Engine(work, migration, confirm_lock).run();
}

}  // namespace dbtool::online
