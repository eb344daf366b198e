#include "online/rate_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pg/transaction.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

// Batches wait for a lock for 200 ms at least before they let go.
constexpr auto between_blockers = 100ms;

/// For other terminals: the first line says what, the others why, and by which plan.
std::string note_of(const RateCollapsed& event) {
  std::string note =
      fmt::format("the rate has collapsed: {:.0f} rows/s within a worker's batches, {:.0f} before",
                  event.rows_per_second, event.usual_rows_per_second);
  for (const std::string& reason : event.reasons) note += "\n" + reason;
  for (const std::string& line : event.plan) note += "\nplan: " + line;
  return note;
}

}  // namespace

void RateGuard::batch_done(Lane& lane, const BatchResult& result, const TimedBatch& batch) {
  const RateWatch::Change change = watch_.observe(batch);
  if (change != RateWatch::Change::none) change_ = change;
  if (!sample_ || !has_first_facts_ || watch_.is_suspicious()) sample_ = lane.sample();
  if (!result.read || result.rows == 0) return;
  reads_a_row_ = static_cast<double>(*result.read) / static_cast<double>(result.rows);
  if (!has_first_facts_) first_reads_a_row_ = reads_a_row_;
}

void RateGuard::batch_failed(std::chrono::microseconds took, bool limited) {
  const RateWatch::Change change = watch_.observe_failure(took, limited);
  if (change != RateWatch::Change::none) change_ = change;
}

RateGuard::Call RateGuard::look(Clock::Monotonic now, std::chrono::microseconds longest, int rows,
                                bool limited) {
  if (watch_.observe_running(rows, longest, limited) == RateWatch::Change::collapsed)
    change_ = RateWatch::Change::collapsed;
  Call call;
  const RateWatch::Change change = std::exchange(change_, RateWatch::Change::none);
  if (change == RateWatch::Change::collapsed) {
    call.what = Call::What::diagnosis;
  } else if (change == RateWatch::Change::recovered) {
    call.what = Call::What::recovery;
  } else if (!has_first_facts_ && watch_.has_usual()) {
    // Not before sizes have settled: few rows may have another plan than many.
    has_first_facts_ = true;
    call.what = Call::What::first_facts;
  } else if (watch_.is_suspicious() && !watch_.is_collapsed() && now >= next_blockers_) {
    next_blockers_ = now + between_blockers;
    call.what = Call::What::blockers;
  } else {
    return call;
  }
  call.sample = sample_;
  call.rate = watch_.recent();
  call.usual = watch_.usual();
  call.reads_a_row = reads_a_row_;
  return call;
}

std::optional<Event> RateGuard::answer(pg::Connection& connection, const std::vector<pg::Statement>& setup,
                                       const Call& call, const std::vector<int>& pids) {
  if (call.what == Call::What::recovery) {
    blockers_.clear();
    return Message{Message::Level::note,
                   fmt::format("the rate is back: {:.0f} rows/s within a worker's batches", call.rate)};
  }
  try {
    std::vector<pg::Statement> begins = setup;
    for (const char* limit : {"set local lock_timeout = 200", "set local statement_timeout = 2000"})
      begins.push_back({limit, {}});
    pg::Transaction transaction(connection, "isolation level read committed", begins);
    std::optional<Event> found;
    if (call.what == Call::What::first_facts) {
      first_ = read_batch_facts(connection, call.sample, call.touched);
    } else if (call.what == Call::What::blockers) {
      if (std::vector<Blocker> blockers = read_blockers(connection, pids); !blockers.empty())
        blockers_ = std::move(blockers);
    } else {
      const RateCollapsed collapsed = diagnose(connection, call, pids);
      note_ = note_of(collapsed);
      found = collapsed;
    }
    transaction.rollback();
    return found;
  } catch (const pg::PgError&) {
    // A lost connection is opened again by whoever needs it next.
    if (call.what != Call::What::diagnosis) return std::nullopt;
    RateCollapsed event{direction_, version_, call.rate, call.usual, {}, {}, {}, {}, {}};
    event.reasons.emplace_back("the database could not be asked why");
    note_ = note_of(event);
    return event;
  }
}

RateCollapsed RateGuard::diagnose(pg::Connection& connection, const Call& call,
                                  const std::vector<int>& pids) {
  Symptoms symptoms;
  symptoms.first = first_;
  std::set<std::string> tables = call.touched;
  for (const TableState& table : first_.tables) tables.insert(table.name);
  symptoms.now = read_batch_facts(connection, call.sample, tables);
  symptoms.waits = read_waits(connection, pids);
  symptoms.blockers = read_blockers(connection, pids);
  if (symptoms.blockers.empty()) symptoms.blockers = blockers_;
  symptoms.function = function_;
  symptoms.first_reads_a_row = first_reads_a_row_;
  symptoms.reads_a_row = call.reads_a_row;
  for (TableState& table : symptoms.now.tables) {
    const auto first = std::find_if(first_.tables.begin(), first_.tables.end(),
                                    [&](const TableState& one) { return one.name == table.name; });
    const bool known = first != first_.tables.end();
    table.dead_rows_at_start = known ? first->dead_rows : table.dead_rows;
    table.rows_read_by_scans = known ? table.rows_read_by_scans - first->rows_read_by_scans : 0;
  }
  RateCollapsed event{
      direction_,           version_,          call.rate,           call.usual,
      reasons_of(symptoms), symptoms.blockers, symptoms.now.tables, lines_of(symptoms.now.plan),
      lines_of(first_.plan)};
  return event;
}

}  // namespace dbtool::online
