#include "environment/scratch_schema.h"

#include <fmt/format.h>

#include "ledger/run_lock.h"
#include "pg/error.h"
#include "pg/quote.h"

namespace dbtool::environment {

namespace {

using namespace std::chrono_literals;

/// Second key of the advisory lock of whoever runs a benchmark; see ledger::lock_class.
constexpr int benchmark_key = 0x7ffffffe;
/// By its comment the schema is known to be ours to drop.
constexpr const char* schema_mark = "of a dbtool benchmark; may be dropped";

/// The backend of a benchmark that was killed ends within `client_connection_check_interval`.
constexpr auto patience_with_other = 5s;
constexpr auto between_tries = 100ms;

pg::Connection open_session(const pg::Address& address, const BenchmarkOptions& options) {
  pg::Address own = address;
  own.application_name = "dbtool benchmark";
  pg::Connection connection = pg::Connection::open(own);
  const pg::Result pid = connection.exec(fmt::format(R"(
      set client_connection_check_interval = '1s';
      set idle_session_timeout = 0;
      set idle_in_transaction_session_timeout = 0;
      set statement_timeout = {};
      set lock_timeout = '2s';
      set client_min_messages = warning;
      set max_parallel_workers_per_gather = 0;
      set search_path = {}, pg_catalog;
      select pg_backend_pid())",
                                                     options.statement_limit.count(), benchmark_schema));
  if (pid.integer(0, 0) != connection.backend_pid())
    throw Error(
        ExitCode::unreachable,
        "a connection pooler stands between dbtool and the server: what is measured through it is not "
        "the server",
        "give the direct URL of the server (its own port, not the pooler's)");
  if (connection.server_version() >= 170000) connection.exec("set transaction_timeout = 0");
  if (!options.role.empty()) connection.exec("set role " + pg::quote_identifier(options.role));
  return connection;
}

void take_lock(pg::Connection& connection, Clock& clock, const std::function<void()>& on_wait) {
  const std::string keys = fmt::format("{}, {}", ledger::lock_class, benchmark_key);
  const auto deadline = clock.now() + patience_with_other;
  while (!connection.query(fmt::format("select pg_try_advisory_lock({})", keys)).boolean(0, 0)) {
    if (clock.now() > deadline) {
      const pg::Result holder = connection.query(fmt::format(
          R"(select pid from pg_locks where locktype = 'advisory' and classid = {} and objid = {} and granted
                and database = (select oid from pg_database where datname = current_database()))",
          ledger::lock_class, benchmark_key));
      throw Error(
          ExitCode::busy,
          fmt::format("another benchmark is at work in this database{}",
                      holder.rows() == 0 ? std::string() : fmt::format(" (backend {})", holder.text(0, 0))),
          "wait for its end; it takes less than a minute");
    }
    on_wait();
    clock.sleep(between_tries);
  }
}

/// Whether there is a schema of ours; throws when there is one of its name that is not.
bool is_there(pg::Connection& connection) {
  const pg::Result found = connection.query(
      "select coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace where nspname = $1",
      {benchmark_schema});
  if (found.rows() == 0) return false;
  if (found.text(0, 0) == schema_mark) return true;
  throw Error(ExitCode::failed,
              fmt::format("there is a schema {} that no benchmark has made", benchmark_schema),
              "rename or drop it: the benchmark needs the name");
}

void make(pg::Connection& connection) {
  try {
    // One message, one transaction: it is never there without its mark.
    connection.exec(fmt::format("create schema {0}; comment on schema {0} is {1}", benchmark_schema,
                                pg::quote_literal(schema_mark)));
  } catch (const pg::PgError& error) {
    if (!error.is_permission_denied()) throw;
    throw Error(ExitCode::failed,
                fmt::format("{} may not make the benchmark's schema in database {}", connection.user(),
                            connection.database()),
                "as its owner: grant create on database … to …; or dbtool environment save --no-benchmark");
  }
}

}  // namespace

ScratchSchema::ScratchSchema(const pg::Address& address, const BenchmarkOptions& options, Clock& clock,
                             const Observer& observer, const std::function<void()>& on_wait)
    : options_(options), clock_(clock), observer_(observer), connection_(open_session(address, options)) {
  take_lock(connection_, clock_, on_wait);
  if (is_there(connection_)) {
    observer_(Message{
        Message::Level::note,
        fmt::format("removing schema {}, which a benchmark that was killed has left", benchmark_schema)});
    drop();
  }
  make(connection_);
  connection_.on_wait(on_wait);
}

ScratchSchema::~ScratchSchema() {
  try {
    connection_.on_wait({});  // a stop is heeded already
    if (!connection_.is_alive()) {
      connection_ = open_session(connection_.address(), options_);
      take_lock(connection_, clock_, [] {});
    }
    if (connection_.in_transaction()) connection_.exec("rollback");
    connection_.exec("set statement_timeout = '60s'");
    if (is_there(connection_)) drop();
  } catch (const std::exception& error) {
    observer_(
        Message{Message::Level::warning,
                fmt::format("schema {} of the benchmark is left behind ({}); the next dbtool environment "
                            "save removes it, or: drop schema {} cascade",
                            benchmark_schema, error.what(), benchmark_schema)});
  }
}

void ScratchSchema::drop() {
  connection_.exec(fmt::format("drop schema {} cascade", benchmark_schema));
}

}  // namespace dbtool::environment
