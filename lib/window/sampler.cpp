#include "window/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "ledger/session.h"
#include "pg/error.h"
#include "window/marker.h"
#include "window/sampler_sql.h"

namespace dbtool::window {

namespace {

using namespace std::chrono_literals;

constexpr auto between_tries = 3s;   // to connect
constexpr auto longest_answer = 5s;  // the server's own limit, of 2 s, does not help where the network is cut
constexpr int looks_between_sizes = 10;
constexpr int cost_of_size = 100;  // looking at the size may take this part of the time
constexpr int many_locks = 500;
constexpr double quiet_share = 0.02;  // of the log, by others: what a server at rest writes of itself

double seconds_of(Clock::Monotonic::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Sampler::Sampler(pg::Address address, Clock& clock) : address_(std::move(address)), clock_(clock) {
  address_.application_name = "dbtool window";
  address_.options.insert(
      address_.options.end(),
      {ledger::as_login, "-c statement_timeout=2s", "-c lock_timeout=1s",
       "-c default_transaction_read_only=on", "-c jit=off", "-c max_parallel_workers_per_gather=0",
       // To plan these queries costs ten times what they do.
       "-c plan_cache_mode=force_generic_plan"});
}

bool Sampler::connect() {
  if (connection_ && connection_->is_alive()) return true;
  connection_.reset();
  if (clock_.now() < next_try_) return false;
  next_try_ = clock_.now() + between_tries;
  try {
    connection_ = pg::Connection::open(address_);
  } catch (const Error&) {
    return false;
  }
  is_local_ = connection_->host().empty() || connection_->host().starts_with('/') ||
              connection_->host().starts_with('@') || connection_->host() == "localhost" ||
              connection_->host().starts_with("127.") || connection_->host() == "::1";
  return true;
}

void Sampler::begin(int backend_pid) {
  carried_ = 0;
  others_ = 0;
  least_ = 0;
  cpu_carried_ = 0;
  queued_carried_ = 0;
  looks_ = 0;
  size_base_.reset();
  next_size_ = {};
  writers_.clear();
  last_ = {};
  base_.reset();
  tells_own_wal_ = may_read_wal_;
  began_ = clock_.now();
  works(backend_pid);
  began_ = clock_.now();  // the first look is not the step's time
}

void Sampler::works(int backend_pid) {
  if (base_) {
    const Sample done = end();
    carried_ = done.wal_bytes;
    others_ = done.wal_bytes_others;
    cpu_carried_ = done.cpu_seconds.value_or(0);
    queued_carried_ = done.queued_seconds.value_or(0);
  }
  pid_ = backend_pid;
  base_.reset();
  cpu_base_.reset();
  look();
}

std::optional<Sample> Sampler::look() {
  if (pid_ == 0 || !connect()) return std::nullopt;
  try {
    const auto asked = clock_.now();
    connection_->on_wait([this, asked] {
      if (clock_.now() - asked > longest_answer)
        throw Error(ExitCode::unreachable, "the server does not answer");
    });
    return ask();
  } catch (const pg::PgError& error) {
    if (error.is_permission_denied() && may_read_wal_) {
      // All the rest is there without the right to read this view.
      may_read_wal_ = tells_own_wal_ = false;
      return look();
    }
    if (error.is_connection_lost()) connection_.reset();
  } catch (const Error&) {
    connection_.reset();
  }
  return std::nullopt;
}

std::optional<Sample> Sampler::ask() {
  const std::vector<pg::Parameter> pid{std::to_string(pid_)};
  std::vector<pg::Statement> statements;
  const auto add = [&](const char* sql, const std::vector<pg::Parameter>& parameters) {
    statements.push_back({sql, parameters, true});
    return statements.size() - 1;
  };
  // What is reported is read first: a transaction that ends meanwhile is seen to have ended.
  const std::optional<std::size_t> wal =
      tells_own_wal_ ? std::optional(add(reported_wal_query, {})) : std::nullopt;
  const std::size_t backend = add(backend_query, pid);
  const std::size_t view = add(progress_query, pid);
  const std::size_t waiting = add(waiting_query, pid);
  std::optional<std::size_t> locks, size;
  if (looks_ % looks_between_locks_ == 0) locks = add(locks_query, pid);
  if (looks_ % looks_between_sizes == 0 && clock_.now() >= next_size_) size = add(size_query, {});
  const auto asked = clock_.now();
  // Counted before it is asked: what takes too long once must not be in every look from then on.
  ++looks_;
  const std::vector<pg::Result> results = connection_->batch(statements);

  const pg::Result& row = results[backend];
  Log log;
  log.position = row.integer(0, 0);
  if (wal) {
    log.reported = results[*wal].integer(0, 0);
    log.reset = std::string(results[*wal].text(0, 1));
  }
  if (!row.is_null(0, 6) && !row.boolean(0, 6) && base_) return std::nullopt;  // its transaction has ended
  Sample sample;
  sample.seconds = seconds_of(clock_.now() - began_);
  sample.statement = std::string(row.text(0, 1));
  sample.wait = std::string(row.text(0, 2));
  sample.marked = marked_share(row.text(0, 7));
  count_wal(log, std::string(row.text(0, 5)), sample);
  if (const std::optional<BackendCpu> cpu = cpu_of(row)) {
    if (!cpu_base_) cpu_base_ = cpu;
    sample.cpu_seconds = cpu_carried_ + cpu->used - cpu_base_->used;
    if (cpu->queued && cpu_base_->queued)
      sample.queued_seconds = queued_carried_ + *cpu->queued - *cpu_base_->queued;
  }
  if (const pg::Result& found = results[view]; found.rows() > 0) {
    sample.view = {std::string(found.text(0, 0)), std::string(found.text(0, 1)), found.number(0, 2),
                   found.number(0, 3)};
  }
  sample.waiting = static_cast<int>(results[waiting].integer(0, 0));
  if (locks) {
    const pg::Result& held = results[*locks];
    for (int at = 0; at < held.rows(); ++at)
      sample.locks.push_back({std::string(held.text(at, 0)), std::string(held.text(at, 1))});
    looks_between_locks_ = held.rows() > many_locks ? looks_between_sizes : 1;
  } else {
    sample.locks = last_.locks;
  }
  if (size) count_size(results[*size], asked, sample);
  last_ = sample;
  return sample;
}

void Sampler::count_wal(const Log& log, const std::string& writers, Sample& sample) {
  if (base_ && (base_->reset != log.reset || log.reported < base_->reported)) tells_own_wal_ = false;
  // A transaction that was not there at the last look has written nothing before it.
  const std::int64_t since = position_ == 0 ? log.position : position_;
  std::map<std::string, std::int64_t> open;
  std::istringstream keys(writers);
  for (std::string key; keys >> key;) {
    const auto known = writers_.find(key);
    open.emplace(key, known == writers_.end() ? since : known->second);
  }
  writers_ = std::move(open);
  position_ = log.position;
  if (!base_) base_ = log;
  const std::int64_t grown = log.position - base_->position;
  const std::int64_t theirs =
      tells_own_wal_ ? std::clamp<std::int64_t>(log.reported - base_->reported, 0, grown) : 0;
  sample.wal_bytes = carried_ + grown - theirs;
  sample.wal_bytes_others = others_ + theirs;
  if (!tells_own_wal_) {
    least_ = 0;
  } else {
    std::int64_t doubtful = 0;
    for (const auto& [key, position] : writers_) {
      doubtful = std::max(doubtful, log.position - std::max(position, base_->position));
    }
    least_ = std::clamp<std::int64_t>(sample.wal_bytes - doubtful, std::min(least_, sample.wal_bytes),
                                      sample.wal_bytes);
  }
  sample.wal_bytes_least = least_;
}

void Sampler::count_size(const pg::Result& size, Clock::Monotonic asked, Sample& sample) {
  const std::int64_t bytes = size.integer(0, 0);
  if (!size_base_) size_base_ = bytes;
  sample.database_bytes = bytes - *size_base_;
  const auto now = clock_.now();
  next_size_ = now + cost_of_size * (now - asked);
}

std::optional<BackendCpu> Sampler::cpu_of(const pg::Result& row) const {
  if (!is_local_ || !row.boolean(0, 4) || row.is_null(0, 3)) return std::nullopt;
  return backend_cpu(pid_, row.number(0, 3));
}

Sample Sampler::end() {
  Sample sample = last_;
  sample.seconds = seconds_of(clock_.now() - began_);
  sample.locks.clear();
  sample.view.reset();
  // The end of its transaction puts the step's own into what is reported: only where hardly anybody else
  // wrote, what came since the last look is told apart.
  const std::int64_t all = sample.wal_bytes + sample.wal_bytes_others;
  const bool alone = writers_.empty() && tells_own_wal_ &&
                     static_cast<double>(sample.wal_bytes_others) <= quiet_share * static_cast<double>(all);
  if (base_ && alone && connect()) {
    try {
      const pg::Result now = connection_->query("select (pg_current_wal_insert_lsn() - '0/0')::bigint");
      sample.wal_bytes += now.integer(0, 0) - position_;
      position_ = now.integer(0, 0);
    } catch (const Error&) {
      connection_.reset();
    }
  }
  last_ = sample;
  return sample;
}

}  // namespace dbtool::window
